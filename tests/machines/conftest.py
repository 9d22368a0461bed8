"""Boxes for the tests that want a real systemd."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from machines.box import Box, why_not
from machines.roots import cache, debian

Boxes = Callable[..., Box]
"""``boxes(release, *packages, network=False)``: a new box, not yet booted, ended by the test."""


@pytest.fixture(scope="session")
def box_machine() -> None:
    """Skip, with what would help, where a box cannot be had."""
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def boxes(box_machine: None) -> Iterator[Boxes]:
    """Give a maker of boxes on a plain Debian."""
    with ExitStack() as undo:

        def make(release: str = "bookworm", *packages: str, network: bool = False) -> Box:
            made = Box([debian(release, *packages)], box_folder(), network=network)
            undo.callback(made.close)
            return made

        yield make


def box_folder() -> Path:
    """Make a folder for a box; not pytest's own, which is kept and would fill the disk."""
    return Path(tempfile.mkdtemp(prefix="box-", dir=cache()))
