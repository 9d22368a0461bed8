"""An invitation works once; a unit that was revoked has no part in anything that follows."""

import pytest

from simulator.office import Door, Office
from sync import seal
from sync.errors import Code, HubError, Refused
from sync.hub import epochs
from sync.statement.keybox import KeyBox, KeyRing

LATER = 60_000


def invited(office: Office) -> tuple[str, bytes, Door]:
    unit_id, secret = office.service.invite(
        office.venues[0], "north door", office.now_ms + LATER, "test", office.now_ms
    )
    return unit_id, secret, Door(office.chance)


def refused(office: Office, unit_id: str, secret: bytes, door: Door) -> Code:
    with pytest.raises(Refused) as refusal:
        office.service.join(unit_id, secret, door.signer.public, door.box.public, office.now_ms)
    return refusal.value.code


def join(office: Office, unit_id: str, secret: bytes, door: Door) -> None:
    door.registration = office.service.join(
        unit_id, secret, door.signer.public, door.box.public, office.now_ms
    )


def test_an_invitation_works_once(office: Office) -> None:
    unit_id, secret, door = invited(office)
    join(office, unit_id, secret, door)
    assert office.service.unit(unit_id, office.now_ms).name == "north door"
    assert refused(office, unit_id, secret, Door(office.chance)) is Code.INVITATION


def test_the_same_unit_may_ask_again_for_an_answer_that_was_lost(office: Office) -> None:
    unit_id, secret, door = invited(office)
    join(office, unit_id, secret, door)
    first, seq = door.registration, office.service.desk.book.ledger.seq
    join(office, unit_id, secret, door)
    assert door.registration == first
    assert office.service.desk.book.ledger.seq == seq


def test_a_wrong_secret_an_unknown_unit_and_a_late_one_are_refused(office: Office) -> None:
    unit_id, secret, door = invited(office)
    assert refused(office, unit_id, bytes(16), door) is Code.INVITATION
    assert refused(office, "0" * 16, secret, door) is Code.INVITATION
    office.now_ms += LATER
    assert refused(office, unit_id, secret, door) is Code.INVITATION


def test_the_secret_is_nowhere_in_the_database(office: Office) -> None:
    _, secret, _ = invited(office)
    office.service.close()
    assert secret not in office.path.read_bytes()
    office.reopened()


def test_nobody_is_invited_to_a_venue_that_does_not_exist(office: Office) -> None:
    with pytest.raises(HubError, match="no venue"):
        office.service.invite("0" * 16, "door", office.now_ms + 1, "test", office.now_ms)


def test_a_unit_in_force_is_revoked_before_it_joins_anew(office: Office) -> None:
    door = office.door()
    unit_id, before = door.registration.unit_id, door.registration
    with pytest.raises(HubError, match="revoke it"):
        office.service.reinvite(unit_id, office.now_ms + LATER, "test", office.now_ms)
    office.service.revoke(unit_id, "test", office.now_ms)
    with pytest.raises(HubError, match="already"):
        office.service.revoke(unit_id, "test", office.now_ms)
    secret = office.service.reinvite(unit_id, office.now_ms + LATER, "test", office.now_ms)
    join(office, unit_id, secret, anew := Door(office.chance))
    assert anew.registration.mailbox != before.mailbox
    assert not office.service.unit(unit_id, office.now_ms).revoked_ms


def test_an_invitation_that_ran_out_can_be_renewed(office: Office) -> None:
    unit_id, _, door = invited(office)
    office.now_ms += LATER
    secret = office.service.reinvite(unit_id, office.now_ms + LATER, "test", office.now_ms)
    join(office, unit_id, secret, door)


def test_a_key_box_opens_for_its_unit_only_and_holds_its_venue_s_rings(office: Office) -> None:
    first, second = office.door(office.venues[0]), office.door(office.venues[1])
    carried = office.service.key_box(first.registration.unit_id, office.now_ms)
    carried.require(office.service.hub_key, seal.verify)
    box = KeyBox.parse(carried.body)
    ring = KeyRing.parse(first.box.open(box.suite, box.sealed, box.info))
    scopes = {name.partition("/")[0] for name, _ in ring.rings}
    assert scopes == {"consortium", office.venues[0]}
    with pytest.raises(Refused):
        second.box.open(box.suite, box.sealed, box.info)


def test_a_new_epoch_shares_no_key_with_the_one_before(office: Office) -> None:
    kept, gone = office.door(), office.door()

    def keys() -> set[bytes]:
        box = KeyBox.parse(office.service.key_box(kept.registration.unit_id, office.now_ms).body)
        ring = KeyRing.parse(kept.box.open(box.suite, box.sealed, box.info))
        return {ring.control, ring.channel, ring.topic.encode(), *(key for _, key in ring.rings)}

    before = keys()
    assert len(before) == 9
    office.service.revoke(gone.registration.unit_id, "test", office.now_ms)
    after = keys()
    assert not before & after
    assert list(office.service.desk.book.epochs) == [2]


def test_no_two_units_share_a_channel(office: Office) -> None:
    doors = [office.door() for _ in range(5)]
    keys = {
        epochs.channel_key(office.service.desk, epoch, door.registration)
        for door in doors
        for epoch in (1, 2)
    }
    assert len(keys) == 10


def test_an_unknown_unit_is_named_in_one_line(office: Office) -> None:
    for ask in (office.service.unit, office.service.key_box):
        with pytest.raises(HubError, match="no unit"):
            ask("0" * 16, office.now_ms)
