"""A unit and the hub that it asks for its share."""

from pathlib import Path

import pytest

from edge.syncing import sharekeeper
from shared_member import Member, ShareHub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> ShareHub:
    made = ShareHub()
    monkeypatch.setattr(sharekeeper, "ask_for_share", made)
    return made


@pytest.fixture
def member(tmp_path: Path) -> Member:
    return Member(tmp_path)
