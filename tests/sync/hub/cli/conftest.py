"""A consortium whose eyes see what the test says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consortium import Consortium, Eyes
from sync.hub.cli import entry


@pytest.fixture
def consortium(
    founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Consortium]:
    """Two venues, no door, no running hub."""
    monkeypatch.setattr(entry, "load_engine", lambda *_: Eyes())
    monkeypatch.chdir(tmp_path)
    made = Consortium.copied(founded, tmp_path)
    yield made
    made.end()
