"""A whole list at once: fetched page by page, gone on with after every interruption."""

import random
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import pytest

from simulator.pair import Pair
from simulator.ram_shelf import PowerCut
from simulator.scripted_hub import Entry, ScriptedHub, key, signer
from sync.errors import Code
from sync.liveset import LiveSet
from sync.message import Arrival
from sync.statement.policy import DAY_MS, Policy
from sync.statement.record import Op
from sync.unit.shelf import HeldEntry


def long_list(people: int = 60, page_bytes: int = 4_000) -> ScriptedHub:
    """Make a hub whose list is so long that units take snapshots of many pages."""
    hub = ScriptedHub()
    hub.far, hub.page_bytes = 20, page_bytes
    hub.put(*map(hub.person, range(people)))
    return hub


def test_a_unit_far_behind_takes_a_snapshot_and_is_in_step() -> None:
    pair = Pair(long_list())
    pair.connect()
    assert pair.in_step()
    assert len(pair.shelf.matched()) == 60
    assert pair.standing.lease_ms
    assert pair.standing.pages == (0, 0)
    assert pair.hub.reports[-1].held == 60
    assert pair.codes == {}


def test_policies_contests_and_tombstones_come_with_it() -> None:
    hub = long_list(30)
    hub.set_policy(Policy(report_every_ms=7_000))
    names = [one.record.entry_id for one in hub.log[:3]]
    hub.now_ms += 1_000
    hub.lift(names[0])
    hub.contest(names[1])
    hub.contest(names[2])
    hub.now_ms += 1_000
    hub.reinstate(names[2])
    pair = Pair(hub)
    pair.connect()
    assert pair.in_step()
    assert names[0] not in pair.shelf.rows()
    assert names[1] in pair.shelf.rows()
    assert names[1] not in pair.shelf.matched()
    assert names[2] in pair.shelf.matched()
    assert pair.shelf.trusted().ledger.policy.report_every_ms == 7_000


def test_after_it_records_follow_as_usual() -> None:
    pair = Pair(long_list())
    pair.connect()
    pair.hub.put(pair.hub.person(99))
    pair.publish(60)
    assert pair.in_step()


def test_what_the_list_no_longer_names_is_erased_and_named_in_receipts(pair: Pair) -> None:
    hub = pair.hub
    names = hub.put(*map(hub.person, range(3)))
    pair.publish(0)
    pair.session.disconnected()
    hub.far = 20
    hub.put(*map(hub.person, range(10, 40)))
    hub.lift(names[0])
    pair.connect()
    assert pair.in_step()
    assert names[0] not in pair.shelf.rows()
    assert any(names[0] in one.erased for one in hub.reports)


def test_pages_may_be_lost_doubled_and_reordered() -> None:
    hub = long_list(80)
    chance = random.Random(3)
    honest = hub.pages

    def foul(numbers: Iterable[int]) -> list[Arrival]:
        sent = [one for one in honest(list(numbers)) if chance.random() > 0.3] * 2
        chance.shuffle(sent)
        return sent

    hub.pages = foul  # type: ignore[method-assign]
    pair = Pair(hub)
    pair.connect()
    pair.wait(120_000)
    assert pair.in_step()


def test_it_never_starts_over_wherever_it_is_cut() -> None:
    """Cut at 50 random points, with a restart of the process at each: few pages come twice."""
    hub = long_list(400, page_bytes=2_000)
    total = len(hub.snapshot()[1])
    sent: list[int] = []
    honest = hub.pages
    budget = [0]

    def until_cut(numbers: Iterable[int]) -> list[Arrival]:
        wanted = list(numbers)[: budget[0]]
        budget[0] -= len(wanted)
        sent.extend(wanted)
        return honest(wanted)

    hub.pages = until_cut  # type: ignore[method-assign]
    pair = Pair(hub)
    chance = random.Random(11)
    for _ in range(50):
        budget[0] = chance.randrange(1, 2 * total // 50)
        pair.connect()
        before = pair.shelf.staging()
        pair.restarted()
        assert before is None or pair.standing.pages[0] == before.staged
    budget[0] = total
    pair.connect()
    assert pair.in_step()
    assert len(sent) < total + 50 * 16


def test_a_newer_snapshot_keeps_the_pages_that_are_the_same() -> None:
    hub = long_list(100)
    asked: list[int] = []
    honest = hub.pages

    most = 20

    def some(numbers: Iterable[int]) -> list[Arrival]:
        wanted = list(numbers)
        asked.extend(wanted)
        return honest([one for one in wanted if one < most])

    hub.pages = some  # type: ignore[method-assign]
    pair = Pair(hub)
    pair.connect()
    assert pair.standing.pages[0] == 20
    pair.session.disconnected()
    hub.put(*map(hub.person, range(200, 230)))
    asked.clear()
    most = 1_000
    pair.connect()
    assert pair.in_step()
    assert min(asked) == 20


@pytest.mark.parametrize("written", [False, True])
def test_the_power_may_go_at_any_write_of_it(written: bool) -> None:  # noqa: FBT001
    hub = long_list(40, page_bytes=2_000)
    for write in range(1, 60):
        pair = Pair(hub)
        pair.shelf.cut_power(write, written=written)
        with suppress(PowerCut):
            pair.connect()
            break  # it went through without that many writes
        pair.restarted()
        pair.connect()
        assert pair.in_step()
        assert len(pair.shelf.matched()) == 40
    assert write > 4


def test_a_page_that_the_manifest_does_not_name_is_refused() -> None:
    hub = long_list()
    hub.pages = lambda _: []  # type: ignore[method-assign]
    pair = Pair(hub)
    pair.connect()
    name = [one for one in hub.asked if one[0] == "snapshot"][-1][1]
    pair.give(*hub.transfer("snapshot", str(name), 0, b"something else"))
    assert pair.codes == {Code.MIX_AND_MATCH: 1}
    assert pair.standing.pages[0] == 0


def test_pages_that_nobody_wants_are_passed_over() -> None:
    hub = long_list()
    pair = Pair(hub)
    pair.connect()
    pair.give(*hub.pages([0, 1, 2]))
    assert pair.in_step()
    assert pair.codes == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"list_id": "cd" * 16}, Code.WRONG_LIST),
        ({"live_root": key("x")}, Code.MIX_AND_MATCH),
        ({"pages": 5}, Code.MIX_AND_MATCH),
        ({"record_hash": key("x")}, Code.FORK),
        ({"seq": 61, "record_hash": key("x")}, Code.MIX_AND_MATCH),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(changes: dict[str, object], code: Code) -> None:
    hub = long_list()
    pair = Pair(hub)
    hub.mute = True
    pair.connect()
    pair.give(hub.to_unit("head", hub.head().encode()), *hub.announce(**changes))
    assert pair.codes == {code: 1}
    assert pair.standing.pages == (0, 0)


def test_a_manifest_by_a_thief_is_refused() -> None:
    hub = long_list()
    pair = Pair(hub)
    hub.mute = True
    pair.connect()
    pair.give(hub.to_unit("head", hub.head().encode()))
    hub.signing = signer("thief")
    pair.give(*hub.announce())
    assert pair.codes == {Code.BAD_SIGNATURE: 1}


def test_a_snapshot_that_the_hub_key_alone_made_up_is_given_up() -> None:
    """Its pages fit its manifest, but no venue signed the entry that was slipped in."""
    hub = long_list(30)
    person = hub.person(77)
    content = hub.sign(person, ())
    told = {"ring": person.ring, "not_after_ms": person.valid_until_ms}
    record = hub.next_record(Op.PUT, content, person.entry_id, **told)
    hub.log.insert(0, Entry(record, content))
    honest = hub.snapshot_entries
    hub.snapshot_entries = lambda: [*honest(), Entry(record, content)]  # type: ignore[method-assign]
    pair = Pair(hub)
    pair.connect()
    assert Code.TOO_FEW_SIGNATURES in pair.codes or Code.MIX_AND_MATCH in pair.codes
    assert pair.shelf.rows() == {}
    assert pair.shelf.staging() is None or pair.shelf.staging().manifest == b""  # type: ignore[union-attr]


def test_a_snapshot_without_a_ban_that_is_held_is_refused(pair: Pair) -> None:
    """The hub's key alone cannot un-ban anybody by leaving him out."""
    hub = pair.hub
    names = hub.put(*map(hub.person, range(3)))
    pair.publish(0)
    hub.far = 5
    hub.put(*map(hub.person, range(10, 30)))
    entries = [one for one in hub.log if one.record.entry_id != names[1]]
    leaves = {k: v for k, v in hub.ledger.live.items() if k != names[1]}
    hub.ledger = replace(hub.ledger, live=LiveSet.of(leaves))
    hub.snapshot_entries = lambda: entries  # type: ignore[method-assign]
    pair.connect()
    assert pair.codes == {Code.NOT_OVER: 1}
    assert names[1] in pair.shelf.matched()


def test_rows_that_were_lost_are_fetched_again(pair: Pair) -> None:
    """A damaged row is dropped by the shelf; the list is not fresh until it is back."""
    hub = pair.hub
    names = hub.put(*map(hub.person, range(5)))
    pair.publish(0)
    pair.shelf.lose_row(names[2])
    hub.mute = True
    pair.restarted()
    pair.connect()
    pair.wait(1_000)
    lease_ms = pair.standing.lease_ms
    hub.now_ms += DAY_MS
    pair.give(hub.to_all("head", hub.head().encode()))
    assert pair.standing.lease_ms == lease_ms
    hub.mute = False
    pair.connect()
    pair.wait(10_000)
    assert len(pair.shelf.matched()) == 5
    assert pair.standing.lease_ms > lease_ms


def test_local_entries_survive_the_adoption_of_a_snapshot(pair: Pair) -> None:
    hub = pair.hub
    mine = hub.person(500, scope="0a" * 8)
    hub.mute = True
    pair.shelf.add_locally(HeldEntry(b"", mine), hub.sign(mine, ("0a" * 8,)))
    hub.far = 5
    hub.put(*map(hub.person, range(20)))
    pair.give(hub.to_unit("head", hub.head().encode()), *hub.announce())
    pair.deliver(hub.pages(range(len(hub.snapshot()[1]))))
    assert pair.standing.seq == 20
    assert mine.entry_id in pair.shelf.matched()
