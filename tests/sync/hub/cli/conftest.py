"""A consortium whose eyes see what the test says."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from consortium import Consortium, Eyes
from sync.hub.cli import entry


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a consortium of two venues; stretching its passphrases takes a while."""
    folder = tmp_path_factory.mktemp("founded")
    Consortium(folder).found("North", "South")
    return folder


@pytest.fixture
def consortium(
    founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Consortium]:
    """Two venues, no door, no running hub."""
    monkeypatch.setattr(entry, "load_engine", lambda *_: Eyes())
    monkeypatch.chdir(tmp_path)
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    made = Consortium(tmp_path)
    yield made
    made.end()
