"""A unit believes the hub's caution, keeps it, and forgets it with the hub's key."""

from dataclasses import replace

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import LIST_ID, ScriptedHub, signer
from sync.cautions import held_back
from sync.errors import Code
from sync.statement.caution import Caution

HOUR_MS = 3_600_000


@pytest.fixture
def stocked(pair: Pair) -> Pair:
    """Put three people on the list of unit and hub."""
    pair.hub.put(*map(pair.hub.person, range(3)))
    pair.publish(0)
    return pair


def a_caution(hub: ScriptedHub, *entries: str, **changes: object) -> Caution:
    made = Caution(LIST_ID, tuple(sorted(entries)), hub.now_ms, hub.now_ms + HOUR_MS)
    return replace(made, **changes)  # type: ignore[arg-type]


def believed(pair: Pair) -> Caution | None:
    return pair.shelf.trusted().caution


@pytest.mark.parametrize("way", ["to_all", "to_unit"])
def test_a_caution_is_kept_whichever_way_it_came(stocked: Pair, way: str) -> None:
    hub = stocked.hub
    caution = a_caution(hub, hub.log[0].record.entry_id)
    stocked.give(getattr(hub, way)("caution", caution.signed(hub.signing).encode()))
    assert believed(stocked) == caution
    assert stocked.codes == {}
    assert held_back(believed(stocked), stocked.now) == set(caution.entries)


def test_the_engine_is_told_once_and_the_same_word_again_is_no_news(stocked: Pair) -> None:
    hub, told = stocked.hub, stocked.told
    message = hub.to_all("caution", a_caution(hub).signed(hub.signing).encode())
    stocked.give(message)
    stocked.give(message)
    assert stocked.told == told + 1
    assert stocked.codes == {}


def test_a_newer_caution_replaces_the_older_wholly(stocked: Pair) -> None:
    hub = stocked.hub
    older = a_caution(hub, hub.log[0].record.entry_id, hub.log[1].record.entry_id)
    hub.now_ms += 1000
    newer = a_caution(hub)
    for one in (older, newer, older):
        stocked.give(hub.to_all("caution", one.signed(hub.signing).encode()))
    assert believed(stocked) == newer
    assert stocked.codes == {Code.REPLAY: 1}


@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({}, "a thief", Code.BAD_SIGNATURE),
        ({"list_id": "cd" * 16}, "hub", Code.WRONG_LIST),
        ({"until_ms": 1 << 44}, "hub", Code.FREEZE),
    ],
    ids=["forged", "of another list", "endless"],
)
def test_a_caution_that_is_refused_changes_nothing_and_is_counted(
    stocked: Pair, changes: dict[str, object], name: str, code: Code
) -> None:
    hub = stocked.hub
    forged = a_caution(hub, hub.log[0].record.entry_id, **changes).signed(signer(name))
    stocked.give(hub.to_unit("caution", forged.encode()))
    assert believed(stocked) is None
    assert stocked.codes == {code: 1}


def test_a_caution_takes_nobody_off_and_suspends_nobody(stocked: Pair) -> None:
    hub, rows = stocked.hub, stocked.shelf.rows()
    names = [one.record.entry_id for one in hub.log]
    stocked.give(hub.to_all("caution", a_caution(hub, *names).signed(hub.signing).encode()))
    assert stocked.shelf.rows() == rows
    assert stocked.shelf.matched() == set(names)
    assert stocked.in_step()


def test_a_new_hub_key_forgets_the_caution_of_the_old_one(stocked: Pair) -> None:
    hub = stocked.hub
    old = a_caution(hub, hub.log[0].record.entry_id).signed(hub.signing).encode()
    stocked.give(hub.to_all("caution", old))
    hub.rotate("the hub's next key", floor_seq=3, floor_hash=hub.ledger.hash)
    stocked.give(hub.to_unit("roots", [one.encode() for one in hub.roots]))
    assert believed(stocked) is None
    stocked.give(hub.to_all("caution", old))
    assert believed(stocked) is None
    assert stocked.codes == {Code.BAD_SIGNATURE: 1}


def test_a_caution_survives_a_restart(stocked: Pair) -> None:
    hub = stocked.hub
    caution = a_caution(hub, hub.log[0].record.entry_id)
    stocked.give(hub.to_all("caution", caution.signed(hub.signing).encode()))
    stocked.restarted()
    assert believed(stocked) == caution
