"""Boxes for the tests that want a real systemd."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from machines.box import Box, why_not
from machines.installing import bundle_for, install, unit_settings, wait_until_screening
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


@pytest.fixture(scope="session")
def bundle(box_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what this checkout is installed from on a bookworm."""
    return bundle_for("bookworm", tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="session")
def unit_layer(bundle: Path) -> Iterator[Path]:
    """Give what the installer makes of a bookworm, to lay boxes over."""
    folder = box_folder()
    box = Box([debian("bookworm")], folder)
    try:
        unit_settings(box)
        _name_for_good(box)
        box.boot()
        install(box, bundle, "unit")
        box.run("rm -r /root/bundle")
        wait_until_screening(box)
        box.run(["doorwatch", "affirm"])
        box.power_off()
        yield folder / "changes"
    finally:
        box.close()


@pytest.fixture(scope="session")
def hub_layer(bundle: Path) -> Iterator[Path]:
    """Give what the installer makes of a bookworm for a hub that is not founded yet."""
    folder = box_folder()
    box = Box([debian("bookworm", "mosquitto")], folder)
    try:
        _name_for_good(box)
        box.boot()
        install(box, bundle, "hub")
        box.run("rm -r /root/bundle")
        box.power_off()
        yield folder / "changes"
    finally:
        box.close()


@pytest.fixture
def new_hub(hub_layer: Path) -> Iterator[Box]:
    """Give an installed hub without a consortium, not yet booted."""
    box = Box([hub_layer, debian("bookworm", "mosquitto")], box_folder())
    try:
        yield box
    finally:
        box.close()


@pytest.fixture
def installed(unit_layer: Path) -> Iterator[Box]:
    """Give an installed unit, not yet booted."""
    box = Box([unit_layer, debian("bookworm")], box_folder())
    try:
        yield box
    finally:
        box.close()


def _name_for_good(box: Box) -> None:
    """Give its system a name: what systemd seals opens under no other, also in boxes laid over."""
    box.write("/etc/machine-id", f"{uuid4().hex}\n", 0o444)


def box_folder() -> Path:
    """Make a folder for a box; not pytest's own, which is kept and would fill the disk."""
    return Path(tempfile.mkdtemp(prefix="box-", dir=cache()))
