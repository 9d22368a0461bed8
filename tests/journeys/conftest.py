"""A consortium that was founded once, and a hub whose eyes see what the test says."""

from pathlib import Path

import pytest

from consortium import Consortium, Eyes


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a consortium of two venues; stretching its passphrases takes a while."""
    folder = tmp_path_factory.mktemp("founded")
    Consortium(folder).found("North", "South")
    return folder


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hub's command line see who is on a photo by its colour."""
    monkeypatch.setattr("sync.hub.cli.entry.load_engine", lambda *_: Eyes())
