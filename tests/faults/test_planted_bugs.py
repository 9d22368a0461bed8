"""The tests of the list bite: each planted bug, the kind that has been shipped, is found.

After the missing rollback checks of go-tuf (CVE-2022-29173) and the broker that forgot: one line
of the product is made wrong at a time, and attacks or troubles have to find it within a bounded
number of histories.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sync.changes
import sync.heads
import sync.hub.answering
import sync.hub.service
import sync.rootchain
import sync.unit.intake
import sync.unit.records
from simulator.siege import Siege, Tally
from simulator.trouble import (
    PEOPLE,
    Trouble,
    let_everybody_out,
    wall_somebody_off,
    wipe_the_broker,
)
from simulator.world import World
from sync.signing import Signed
from sync.statement.caution import Caution

pytestmark = pytest.mark.usefixtures("loaded_dice")

WORLDS, HISTORIES, SEEDS = 12, 20, 8


def nothing(*_: Any, **__: Any) -> None:
    """Check nothing."""


def read_only(carried: Signed, *_: Any) -> Caution:
    """Read a caution and ask nothing."""
    return Caution.parse(carried.body)


def everybody(_carried: Signed, root: Any, *_: Any) -> frozenset[str]:
    """Take every venue for a signer."""
    return frozenset(venue.venue_id for venue in root.venues)


def pretended(hub: Any, carried: Signed, now_ms: int) -> Any:
    """Say that it is done, and let the power go before it is on the disk."""
    with contextlib.suppress(Forgotten), hub.together():
        outcome = PROPOSE(hub, carried, now_ms)
        if outcome.seq and outcome.seq % 5 == 0:
            raise Forgotten
    return outcome


def silent(*_: Any) -> list[Any]:
    """Say nothing."""
    return []


class Forgotten(Exception):  # noqa: N818 - what happens to the change
    """Undoes a change after it was promised."""


def no_rows(*_: Any) -> Iterator[Any]:
    """Hold nobody."""
    return iter(())


PROPOSE = sync.hub.service.Service.propose

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
    "a list whose tombstones give way": [(sync.changes, "_check_newer", nothing)],
    "a unit that believes any caution": [(sync.unit.intake, "check_caution", read_only)],
    "a unit that obeys any kill order": [(sync.unit.intake, "check_kill", nothing)],
}

IN_TROUBLE: dict[str, list[Plant]] = {
    "a hub that answers nobody who lacks something": [
        (sync.hub.answering.Answers, "range", silent)
    ],
    "a unit that takes a record for its rows": [(sync.unit.records, "entries", no_rows)],
    "a hub that loses what it was told": [(sync.hub.service.Service, "propose", pretended)],
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


def troubled(folder: Path) -> list[str]:
    """Make trouble until something goes wrong."""
    for seed in range(SEEDS):
        (folder / str(seed)).mkdir()
        world = World(seed, folder / str(seed), units=3)
        people = {**PEOPLE, wipe_the_broker: 4, wall_somebody_off: 2, let_everybody_out: 2}
        Trouble(world, people).run(30_000)
        healed_ms = world.heal()
        if wrong := [*world.wrongs(), *(["not alike"] if healed_ms is None else [])]:
            return wrong
        world.hub.kill()
    return []


def test_nothing_is_found_where_nothing_is_planted(tmp_path: Path) -> None:
    assert troubled(tmp_path) == []


@pytest.mark.parametrize("bug", IN_TROUBLE)
def test_troubles_find(bug: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    patched(monkeypatch, IN_TROUBLE[bug])
    found = troubled(tmp_path)
    print(f"{bug}: {found[:1]}")
    assert found
