"""Every attack that The Update Framework names (section 1.5.2), and the list's own, with its code.

The attacker owns the broker and, where the name says so, one stolen key. "Refused" means: the
code below is counted, and neither rows nor trust have changed.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import (
    LIST_ID,
    MAILBOX,
    UNIT,
    VENUES,
    Entry,
    ScriptedHub,
    key,
    signer,
)
from sync import frames
from sync.errors import Code
from sync.message import Arrival
from sync.statement.head import Head
from sync.statement.policy import DAY_MS
from sync.statement.proposal import RemoveProposal, Why
from sync.statement.record import Expiry, Op

Attack = Callable[[ScriptedHub], list[Arrival]]
OTHER_LIST = "cd" * 16


@pytest.fixture
def stocked(pair: Pair) -> Pair:
    """Put five people on the list of unit and hub, and lift one of them."""
    pair.hub.put(*map(pair.hub.person, range(5)))
    pair.hub.lift(pair.hub.log[4].record.entry_id)
    pair.publish(0)
    pair.hub.now_ms += 60_000
    pair.deliver([pair.hub.to_all("head", pair.hub.head().encode())])
    assert pair.in_step()
    return pair


def head_of(hub: ScriptedHub, **changes: object) -> list[Arrival]:
    return [hub.to_all("head", hub.head(**changes).encode())]


def forged_put(hub: ScriptedHub, venues: tuple[str, ...] = VENUES, **told: object) -> Entry:
    person = hub.person(77)
    content = hub.sign(person, venues)
    fields = {"ring": person.ring, "not_after_ms": person.valid_until_ms, **told}
    return Entry(hub.next_record(Op.PUT, content, person.entry_id, **fields), content)


def told_by(hub: ScriptedHub, *entries: Entry) -> list[Arrival]:
    """Send records by a range under a head that leads to them."""
    last = entries[-1].record
    head = hub.head(seq=last.seq, record_hash=last.hash, live_root=key("whatever"))
    return hub.transfer("range", head.encode(), [hub.item(one) for one in entries])


def arbitrary_installation_without_the_hub_key(hub: ScriptedHub) -> list[Arrival]:
    hub.signing = signer("thief")
    return told_by(hub, forged_put(hub))


def arbitrary_installation_with_the_hub_key_alone(hub: ScriptedHub) -> list[Arrival]:
    return told_by(hub, forged_put(hub, venues=()))


def one_signature_missing(hub: ScriptedHub) -> list[Arrival]:
    return told_by(hub, forged_put(hub, venues=VENUES[:1]))


def content_of_another_record(hub: ScriptedHub) -> list[Arrival]:
    entry = forged_put(hub)
    return told_by(hub, Entry(entry.record, hub.sign(hub.person(78))))


def endless_data_in_pages(hub: ScriptedHub) -> list[Arrival]:
    return [hub.to_unit("page", "ab" * 8, 0, 5_000, bytes(60_000))]


def endless_data_in_payloads(hub: ScriptedHub) -> list[Arrival]:
    return [Arrival(f"m/{MAILBOX}/in", bytes(10_000_000))]


def fast_forward_of_the_head(hub: ScriptedHub) -> list[Arrival]:
    return head_of(hub, seq=2**53 - 1, record_hash=key("far"))


def freeze_by_a_head_that_is_over(hub: ScriptedHub) -> list[Arrival]:
    arrivals = head_of(hub, issued_ms=hub.now_ms + 1)
    hub.now_ms += 8 * DAY_MS
    return arrivals


def freeze_by_a_head_that_never_ends(hub: ScriptedHub) -> list[Arrival]:
    return head_of(hub, issued_ms=hub.now_ms + 1, expires_ms=hub.now_ms + 400 * DAY_MS)


def head_from_the_future(hub: ScriptedHub) -> list[Arrival]:
    later_ms = hub.now_ms + DAY_MS
    return head_of(hub, issued_ms=later_ms, expires_ms=later_ms + DAY_MS)


def mix_and_match_of_head_and_list(hub: ScriptedHub) -> list[Arrival]:
    return head_of(hub, live_root=key("another list"), issued_ms=hub.now_ms + 1)


def rollback_of_the_head(hub: ScriptedHub) -> list[Arrival]:
    return head_of(hub, issued_ms=hub.now_ms - 30_000)


def rollback_to_fewer_records(hub: ScriptedHub) -> list[Arrival]:
    record = hub.log[3].record
    return head_of(hub, seq=4, record_hash=record.hash, issued_ms=hub.now_ms + 1)


def fork_at_the_same_record(hub: ScriptedHub) -> list[Arrival]:
    return head_of(hub, record_hash=key("another"), issued_ms=hub.now_ms + 1)


def fork_of_the_chain(hub: ScriptedHub) -> list[Arrival]:
    return told_by(hub, forged_put(hub, prev=key("another")))


def wrong_list_in_the_head(hub: ScriptedHub) -> list[Arrival]:
    return head_of(hub, list_id=OTHER_LIST)


def extraneous_record_of_another_list(hub: ScriptedHub) -> list[Arrival]:
    entry = forged_put(hub)
    wire = replace(entry.record, list_id=OTHER_LIST).signed(hub.signing).encode()
    return hub.transfer("range", hub.head().encode(), [[wire, None]])


def unknown_key_in_place_of_the_hubs(hub: ScriptedHub) -> list[Arrival]:
    hub.signing = signer("thief")
    return head_of(hub, issued_ms=hub.now_ms + 1)


def lift_with_the_hub_key_and_one_venue(hub: ScriptedHub) -> list[Arrival]:
    name = hub.log[0].record.entry_id
    removal = RemoveProposal(LIST_ID, name, VENUES[0], Why.LIFTED, hub.now_ms)
    content = hub.sign(removal, VENUES[:1])
    return told_by(hub, Entry(hub.next_record(Op.REMOVE, content, name), content))


def expiry_before_its_time(hub: ScriptedHub) -> list[Arrival]:
    name = hub.log[0].record.entry_id
    content = Expiry(name).encode()
    told = {"not_after_ms": hub.now_ms}
    return told_by(hub, Entry(hub.next_record(Op.REMOVE, content, name, **told), content))


def early_end(hub: ScriptedHub) -> Entry:
    """Make a record by which the hub's key alone ends a ban, dated when its term will be over."""
    name = hub.log[0].record.entry_id
    leaf = hub.ledger.live.get(name)
    assert leaf is not None
    told = {"not_after_ms": leaf.not_after_ms, "issued_ms": leaf.not_after_ms}
    content = Expiry(name).encode()
    return Entry(hub.next_record(Op.REMOVE, content, name, **told), content)


def early_end_ahead_of_the_chain(hub: ScriptedHub) -> list[Arrival]:
    return [hub.to_unit("urgent", [hub.item(early_end(hub))])]


def early_end_in_a_run_behind_a_longer_head(hub: ScriptedHub) -> list[Arrival]:
    entry = early_end(hub)
    head = hub.head(seq=entry.record.seq + 1, record_hash=key("next"), live_root=key("x"))
    return hub.transfer("range", head.encode(), [hub.item(entry)])


def resurrection_of_a_removed_entry(hub: ScriptedHub) -> list[Arrival]:
    person = hub.person(4, revision=9)
    content = hub.sign(person)
    told = {"ring": person.ring, "not_after_ms": person.valid_until_ms}
    return told_by(hub, Entry(hub.next_record(Op.PUT, content, person.entry_id, **told), content))


def withheld_content(hub: ScriptedHub) -> list[Arrival]:
    return told_by(hub, Entry(forged_put(hub).record, None))


def frame_moved_to_another_topic(hub: ScriptedHub) -> list[Arrival]:
    arrival = hub.to_unit("head", hub.head().encode())
    return [Arrival(f"l/{hub.ring().topic}", arrival.payload)]


def frame_for_another_unit(hub: ScriptedHub) -> list[Arrival]:
    message = ("head", hub.head().encode())
    payload = frames.seal_frame(hub.ring().channel, "to", LIST_ID, "ee" * 8, message)
    return [Arrival(f"m/{MAILBOX}/in", payload)]


def own_words_shown_back(hub: ScriptedHub) -> list[Arrival]:
    message = ("hello", 1, bytes(32), 1, 1, bytes(16))
    payload = frames.seal_frame(hub.ring().channel, "from", LIST_ID, UNIT, message)
    return [Arrival(f"m/{MAILBOX}/in", payload)]


def content_sealed_by_a_stranger(hub: ScriptedHub) -> list[Arrival]:
    entry = forged_put(hub)
    wire = entry.record.signed(hub.signing).encode()
    return hub.transfer("range", hub.head().encode(), [[wire, bytes(500)]])


ATTACKS: dict[Attack, Code] = {
    arbitrary_installation_without_the_hub_key: Code.BAD_SIGNATURE,
    arbitrary_installation_with_the_hub_key_alone: Code.TOO_FEW_SIGNATURES,
    one_signature_missing: Code.TOO_FEW_SIGNATURES,
    content_of_another_record: Code.MIX_AND_MATCH,
    content_sealed_by_a_stranger: Code.BAD_CIPHERTEXT,
    early_end_ahead_of_the_chain: Code.FUTURE,
    early_end_in_a_run_behind_a_longer_head: Code.FUTURE,
    endless_data_in_pages: Code.ENDLESS,
    endless_data_in_payloads: Code.TOO_LARGE,
    expiry_before_its_time: Code.NOT_OVER,
    extraneous_record_of_another_list: Code.WRONG_LIST,
    fast_forward_of_the_head: Code.FAST_FORWARD,
    fork_at_the_same_record: Code.FORK,
    fork_of_the_chain: Code.FORK,
    frame_for_another_unit: Code.BAD_CIPHERTEXT,
    frame_moved_to_another_topic: Code.UNKNOWN_KEY,
    freeze_by_a_head_that_is_over: Code.FREEZE,
    freeze_by_a_head_that_never_ends: Code.FREEZE,
    head_from_the_future: Code.FUTURE,
    lift_with_the_hub_key_and_one_venue: Code.TOO_FEW_SIGNATURES,
    mix_and_match_of_head_and_list: Code.MIX_AND_MATCH,
    own_words_shown_back: Code.BAD_CIPHERTEXT,
    resurrection_of_a_removed_entry: Code.TOMBSTONE,
    rollback_of_the_head: Code.ROLLBACK,
    rollback_to_fewer_records: Code.ROLLBACK,
    unknown_key_in_place_of_the_hubs: Code.BAD_SIGNATURE,
    withheld_content: Code.GAP,
    wrong_list_in_the_head: Code.WRONG_LIST,
}


@pytest.mark.parametrize(
    ("attack", "code"), ATTACKS.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_an_attack_is_refused_by_name_and_changes_nothing(
    stocked: Pair, attack: Attack, code: Code
) -> None:
    trusted, rows = stocked.shelf.trusted(), stocked.shelf.rows()
    stocked.give(*attack(stocked.hub))
    assert stocked.codes == {code: 1}
    assert stocked.shelf.trusted() == trusted
    assert stocked.shelf.rows() == rows


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_after_an_attack_the_honest_hub_is_believed_as_before(
    stocked: Pair, attack: Attack
) -> None:
    hub, signing, now_ms = stocked.hub, stocked.hub.signing, stocked.hub.now_ms
    stocked.give(*attack(hub))
    hub.signing, hub.now_ms = signing, max(now_ms + 1_000, hub.now_ms)
    hub.put(hub.person(50))
    stocked.publish(len(hub.log) - 1)
    assert stocked.in_step()


def test_the_same_burst_shown_again_changes_nothing(stocked: Pair) -> None:
    arrivals = stocked.hub.burst(stocked.hub.log)
    trusted, writes = stocked.shelf.trusted(), stocked.shelf.writes
    stocked.give(*arrivals)
    assert stocked.shelf.trusted() == trusted
    assert stocked.shelf.writes == writes


def test_an_early_end_is_nothing_urgent_while_the_time_is_not_trusted(stocked: Pair) -> None:
    stocked.trusted_time = False
    rows = stocked.shelf.rows()
    stocked.give(*early_end_ahead_of_the_chain(stocked.hub))
    assert stocked.shelf.rows() == rows
    assert stocked.shelf.trusted().ahead == {}


def test_indefinite_freeze_ends_the_lease_although_records_are_withheld(stocked: Pair) -> None:
    """Whoever lets heads through but no records gains no freshness by the heads."""
    hub = stocked.hub
    hub.put(hub.person(60))
    hub.mute = True
    reached_ms = stocked.standing.lease_ms
    for _ in range(8):
        hub.now_ms += DAY_MS
        stocked.give(*head_of(hub))
    assert stocked.standing.lease_ms == reached_ms < hub.now_ms
    assert stocked.standing.head_seq == stocked.standing.seq + 1


def test_records_that_lead_elsewhere_than_a_believed_head_are_refused(stocked: Pair) -> None:
    hub = stocked.hub
    hub.put(hub.person(60))
    stocked.give(*head_of(hub, record_hash=key("the other branch"), live_root=key("x")))
    seq = stocked.standing.seq
    stocked.give(*hub.burst(hub.log[-1:], hub.head(issued_ms=hub.now_ms - 1)))
    assert stocked.codes == {Code.FORK: 1}
    assert stocked.standing.seq == seq


def test_a_head_of_an_unknown_root_makes_the_unit_ask_for_the_officers_word(stocked: Pair) -> None:
    hub = stocked.hub
    hub.new_root()
    stocked.give(*head_of(hub, issued_ms=hub.now_ms + 1))
    assert stocked.codes == {Code.ROOT_VERSION: 1}
    stocked.wait(1_000)
    assert stocked.shelf.trusted().root.version == 2
    assert Head.parse(hub.head().body).root_version == 2


def test_heads_that_name_unknown_roots_cannot_make_the_unit_chatter(stocked: Pair) -> None:
    hub = stocked.hub
    hub.mute = True
    before = len(hub.asked)
    for version in range(3, 203):
        stocked.give(*head_of(hub, root_version=version))
        stocked.wait(250)
    hellos = [one for one in hub.asked[before:] if one[0] == "hello"]
    assert len(hellos) <= 11 + 4
