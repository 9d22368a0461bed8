"""The tests of the list bite: each planted bug, the kind that has been shipped, is found.

After the missing rollback checks of go-tuf (CVE-2022-29173) and the broker that forgot: one line
of the product is made wrong at a time, and attacks or troubles have to find it within a bounded
number of histories.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sync.changes
import sync.heads
import sync.ledger
import sync.rootchain
import sync.snapshot
import sync.unit.catchup
import sync.unit.intake
import sync.unit.keys
from simulator.siege import Siege, Tally
from sync.signing import Signed

pytestmark = pytest.mark.usefixtures("loaded_dice")

WORLDS, HISTORIES = 12, 20


def nothing(*_: Any, **__: Any) -> None:
    """Check nothing."""


def everybody(_carried: Signed, root: Any, *_: Any) -> frozenset[str]:
    """Take every venue for a signer."""
    return frozenset(venue.venue_id for venue in root.venues)


Plant = tuple[Any, str, Callable[..., Any]]

UNDER_ATTACK: dict[str, list[Plant]] = {
    "a unit that takes old heads": [
        (sync.heads, "_check_progress", nothing),
        (sync.heads, "check_against", nothing),
    ],
    "a unit that lets a head count for ever": [(sync.heads, "_check_time", nothing)],
    "a unit that asks for no signature of the hub": [(Signed, "require", nothing)],
    "a unit that counts no signatures of venues": [(sync.changes, "check_signed", nothing)],
    "a unit that verifies no signatures of venues": [(sync.changes, "signing_venues", everybody)],
    "a unit that does not count officers": [(sync.rootchain, "_check_officers", nothing)],
    "a unit that believes any end of a term": [(sync.changes, "_check_term_told", nothing)],
    "a unit that obeys any kill order": [(sync.unit.intake, "check_kill", nothing)],
}


def patched(monkeypatch: pytest.MonkeyPatch, plants: list[Plant]) -> None:
    for where, name, wrong in plants:
        assert hasattr(where, name), f"nothing called {name} is left to break"
        monkeypatch.setattr(where, name, wrong)


def attacked(folder: Path) -> list[str]:
    """Attack until something goes wrong."""
    for seed in range(WORLDS):
        siege = Siege(seed, folder / str(seed), Tally())
        for _ in range(HISTORIES):
            if wrong := siege.history():
                return wrong
        siege.world.hub.kill()
    return []


@pytest.mark.parametrize("bug", UNDER_ATTACK)
def test_attacks_find(bug: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    patched(monkeypatch, UNDER_ATTACK[bug])
    found = attacked(tmp_path)
    print(f"{bug}: {found[:1]}")
    assert found
