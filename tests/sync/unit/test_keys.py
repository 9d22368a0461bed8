"""Key boxes, epochs, revocation and the order that destroys everything."""

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import UNIT, signer
from sync.errors import Code
from sync.unit.standing import Locked


@pytest.fixture
def stocked(pair: Pair) -> Pair:
    """Put two people on the list of unit and hub."""
    pair.hub.put(*map(pair.hub.person, range(2)))
    pair.publish(0)
    pair.hub.now_ms += 1_000
    return pair


def test_a_new_epoch_brings_new_keys_and_topics_and_the_list_goes_on(stocked: Pair) -> None:
    hub = stocked.hub
    before = stocked.session.topics()
    hub.rekey()
    stocked.deliver([hub.key_box()])
    assert stocked.standing.epoch == 2
    assert f"l/{hub.ring().topic}" in stocked.session.topics()
    assert set(before) < set(stocked.session.topics())
    hub.put(hub.person(9))
    stocked.publish(3)
    assert stocked.in_step()
    assert stocked.codes == {}


def test_keys_of_the_epoch_before_the_last_are_given_up(stocked: Pair) -> None:
    for _ in range(3):
        stocked.hub.now_ms += 1_000
        stocked.hub.rekey()
        stocked.deliver([stocked.hub.key_box()])
    assert [one.epoch for one in stocked.shelf.trusted().keyrings] == [4, 3]


def test_the_box_in_use_may_lie_there_for_ever(stocked: Pair) -> None:
    box = stocked.hub.key_box()
    stocked.deliver([box])
    writes = stocked.shelf.writes
    stocked.give(box, box)
    assert stocked.codes == {}
    assert stocked.shelf.writes == writes


def test_an_older_box_is_a_replay(stocked: Pair) -> None:
    old = stocked.hub.key_box()
    stocked.hub.now_ms += 1_000
    stocked.hub.rekey()
    stocked.deliver([stocked.hub.key_box()])
    stocked.give(old)
    assert stocked.codes == {Code.REPLAY: 1}
    assert stocked.standing.epoch == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"list_id": "cd" * 16}, Code.WRONG_LIST),
        ({"unit_id": "ee" * 8}, Code.WRONG_UNIT),
        ({"epoch": 7}, Code.STALE_EPOCH),
    ],
)
def test_a_box_for_others_is_refused(stocked: Pair, changes: dict[str, object], code: Code) -> None:
    stocked.give(stocked.hub.key_box(**changes))
    assert stocked.codes == {code: 1}
    assert stocked.standing.epoch == 1


def test_a_box_that_was_sealed_to_another_key_is_refused(stocked: Pair) -> None:
    hub = stocked.hub
    own, hub.box = hub.box, type(hub.box).generate()
    stocked.give(hub.key_box())
    hub.box = own
    assert stocked.codes == {Code.BAD_CIPHERTEXT: 1}


def test_a_box_that_the_hub_did_not_sign_is_refused(stocked: Pair) -> None:
    stocked.hub.signing = signer("thief")
    stocked.give(stocked.hub.key_box())
    assert stocked.codes == {Code.BAD_SIGNATURE: 1}


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x83\x61x\x40\x80", bytes(1_000)])
def test_nonsense_in_the_key_topic_is_malformed(stocked: Pair, content: bytes) -> None:
    stocked.give(stocked.hub.in_key_topic(content))
    assert stocked.codes == {Code.MALFORMED: 1}


def test_a_kill_order_destroys_the_rows_and_is_answered_until_heard(stocked: Pair) -> None:
    hub = stocked.hub
    hub.mute = True
    stocked.deliver([hub.kill()])
    assert stocked.shelf.destroyed
    assert stocked.standing.locked is Locked.DESTROYED
    stocked.wait(40_000)
    hub.mute = False
    stocked.wait(60_000)
    last = [one for one in hub.reports if one.destroyed]
    assert len(last) == 1
    assert (last[0].held, last[0].unit_id) == (0, UNIT)


def test_after_a_kill_nothing_is_believed_any_more(stocked: Pair) -> None:
    hub = stocked.hub
    stocked.deliver([hub.kill()])
    hub.put(hub.person(9))
    stocked.give(*hub.burst(hub.log[-1:]), hub.key_box(), hub.kill())
    stocked.connect()
    stocked.wait(5_000)
    assert stocked.standing.seq == 2
    assert stocked.shelf.destroyed


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"unit_id": "ee" * 8}, Code.WRONG_UNIT), ({"list_id": "cd" * 16}, Code.WRONG_LIST)],
)
def test_a_kill_order_for_others_kills_nobody(
    stocked: Pair, changes: dict[str, object], code: Code
) -> None:
    stocked.give(stocked.hub.kill(**changes))
    assert stocked.codes == {code: 1}
    assert not stocked.shelf.destroyed


def test_a_kill_order_by_a_thief_kills_nobody(stocked: Pair) -> None:
    stocked.hub.signing = signer("thief")
    stocked.give(stocked.hub.kill())
    assert stocked.codes == {Code.BAD_SIGNATURE: 1}
    assert not stocked.shelf.destroyed


def test_the_order_that_ended_a_former_life_is_a_replay(stocked: Pair) -> None:
    hub = stocked.hub
    old = hub.kill()
    hub.now_ms += 60_000
    stocked.deliver([hub.key_box()])
    stocked.give(old)
    assert stocked.codes == {Code.REPLAY: 1}
    assert not stocked.shelf.destroyed


def test_a_unit_that_reads_of_its_own_revocation_is_locked(stocked: Pair) -> None:
    hub = stocked.hub
    hub.append_rekey_under_old_keys((UNIT,))
    stocked.deliver(hub.burst(hub.log[2:], hub.head(epoch=2)))
    assert stocked.standing.locked is Locked.REVOKED
