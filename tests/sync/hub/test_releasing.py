"""The hub's share of a unit's key: given to that unit while it is in force, and then destroyed."""

from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from simulator.office import NOON_MS, Door, Office
from sync.authority import new_key, request
from sync.errors import Code, HubError, Refused
from sync.hub import outbox
from sync.hub.certificates import Certificates
from sync.hub.config import HubConfig
from sync.hub.exchange import Exchange
from sync.hub.reception import Reception
from sync.hub.rows import ShareRow

HOUR_MS = 3_600_000


def mailbox(door: Door) -> str:
    assert door.registration is not None
    return door.registration.mailbox


def unit_id(door: Door) -> str:
    assert door.registration is not None
    return door.registration.unit_id


def release(office: Office, door: Door, *, certified: bool = True) -> bytes:
    return office.service.release(mailbox(door), office.now_ms, certified=certified)


def noted(office: Office, did: str) -> list[tuple[str, str]]:
    return [(line.who, line.what) for line in office.service.audit() if line.did == did]


def test_a_unit_gets_the_same_share_each_time_and_another_unit_another(office: Office) -> None:
    one, other = office.door(), office.door()
    first = release(office, one)
    assert len(first) == 32
    assert release(office, one) == first
    assert release(office, other) != first
    assert office.reopened().release(mailbox(one), office.now_ms, certified=True) == first


def test_each_release_is_a_line_of_the_audit_log_and_its_time_is_told(office: Office) -> None:
    door = office.door()
    assert office.service.unit(unit_id(door), office.now_ms).released_ms == 0
    release(office, door)
    office.now_ms += HOUR_MS
    release(office, door)
    assert noted(office, "release") == [(unit_id(door), unit_id(door))] * 2
    assert office.service.unit(unit_id(door), office.now_ms).released_ms == office.now_ms
    office.service.verify_audit()


def released(office: Office) -> list[tuple[int, str]]:
    """When a release was written down, hours after noon, and how often it says."""
    lines = [line for line in office.service.audit() if line.did == "release"]
    return [((line.at_ms - NOON_MS) // HOUR_MS, line.detail) for line in lines]


def test_a_unit_that_asks_in_a_loop_gets_its_share_and_one_line_an_hour(office: Office) -> None:
    door, other = office.door(), office.door()
    exchange = Exchange(office.service, office.chance)
    for minute in range(0, 150, 5):
        office.now_ms = NOON_MS + minute * 60_000
        assert release(office, door)
    assert office.service.unit(unit_id(door), office.now_ms).released_ms == office.now_ms
    assert release(office, other)
    assert released(office) == [(0, ""), (1, "12 times"), (2, "12 times"), (2, "")]
    exchange.tick(office.now_ms)
    assert len(released(office)) == 4, "the hour is not over"
    for _ in range(2):
        office.now_ms += HOUR_MS
        exchange.tick(office.now_ms)
    assert released(office)[4:] == [(3, "5 times")]
    office.service.verify_audit()


def test_what_was_not_written_down_yet_is_when_the_share_is_destroyed(office: Office) -> None:
    door = office.door()
    for _ in range(3):
        release(office, door)
    office.service.revoke(unit_id(door), "test", office.now_ms)
    assert released(office) == [(0, ""), (0, "2 times")]


def test_a_clock_that_was_put_back_keeps_no_release_out_of_the_log(office: Office) -> None:
    door = office.door()
    office.now_ms += 100 * HOUR_MS
    release(office, door)
    office.now_ms = NOON_MS
    release(office, door)
    release(office, door)
    assert released(office) == [(100, ""), (0, "")]


def test_a_share_of_before_its_releases_were_counted_is_still_given(office: Office) -> None:
    door, store = office.door(), office.service.desk.store
    with store.change():
        store.put("share", unit_id(door), msgspec.msgpack.encode([bytes(32), 5]))
    assert release(office, door) == bytes(32)
    assert released(office) == [(0, "")]


def test_a_revoked_unit_gets_none_and_its_share_is_destroyed(office: Office) -> None:
    door, other = office.door(), office.door()
    share = release(office, door)
    release(office, other)
    office.service.revoke(unit_id(door), "test", office.now_ms)
    with pytest.raises(Refused) as refusal:
        release(office, door)
    assert refusal.value.code is Code.REVOKED
    assert office.service.desk.store.find("share", unit_id(door), ShareRow) is None
    assert release(office, other)
    assert share not in office.path.read_bytes()
    with pytest.raises(HubError, match="is revoked"):
        office.service.tell_share(unit_id(door), "test", office.now_ms)


def test_a_share_that_was_destroyed_is_destroyed_in_the_copies_too(
    office: Office, tmp_path: Path
) -> None:
    door = office.door()
    release(office, door)
    office.service.desk.store.forget_log()
    copy = tmp_path / "copy" / "hub.db"
    copy.parent.mkdir()
    copy.write_bytes(office.path.read_bytes())
    office.service.copied(copy, "test", office.now_ms)
    office.service.revoke(unit_id(door), "test", office.now_ms)
    assert [row.subject for row in outbox.purges(office.service.desk.store)] == [
        f"share/{unit_id(door)}"
    ]


def test_an_older_certificate_and_an_unknown_mailbox_get_none(office: Office) -> None:
    door = office.door()
    with pytest.raises(Refused) as refusal:
        release(office, door, certified=False)
    assert refusal.value.code is Code.REVOKED
    with pytest.raises(Refused) as refusal:
        office.service.release("0" * 16, office.now_ms, certified=True)
    assert refusal.value.code is Code.WRONG_UNIT
    assert noted(office, "release") == []


def test_a_restored_hub_gives_none_before_it_knows_whom_it_revoked(office: Office) -> None:
    door = office.door()
    release(office, door)
    office.service.listen(office.now_ms)
    with pytest.raises(HubError, match="came back from a backup"):
        release(office, door)
    office.service.resume("test", office.now_ms)
    assert release(office, door)


def test_a_person_is_told_a_share_that_exists_and_it_stands_in_the_log(office: Office) -> None:
    door = office.door()
    with pytest.raises(HubError, match="has no share here"):
        office.service.tell_share(unit_id(door), "ann", office.now_ms)
    share = release(office, door)
    assert office.service.tell_share(unit_id(door), "ann", office.now_ms) == share
    assert noted(office, "release")[-1] == ("ann", unit_id(door))


class Desk:
    """The hub's desk, asked in this thread."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.certificates = Certificates.create(folder / "ca", bytes(32), office.now_ms)
        self.office = office
        self.reception = Reception(
            HubConfig("Six"), self.certificates, office.service, lambda question, _: question()
        )

    def certificate(self, door: Door) -> bytes:
        """Issue a unit's certificate; DER."""
        issued = self.certificates.issue(request(new_key()), mailbox(door), self.office.now_ms)
        return x509.load_pem_x509_certificate(issued).public_bytes(Encoding.DER)


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Desk:
    return Desk(office, tmp_path)


def test_the_certificate_that_was_issued_last_counts_and_no_older_one(
    office: Office, desk: Desk
) -> None:
    door = office.door()
    older, newest = desk.certificate(door), desk.certificate(door)
    assert desk.reception.share(newest)[0] == release(office, door)
    with pytest.raises(Refused, match="gets no share"):
        desk.reception.share(older)
    with pytest.raises(HubError, match="no certificate of a unit"):
        desk.reception.share(b"nonsense")
    desk.certificates.revoke(mailbox(door), office.now_ms)
    with pytest.raises(Refused, match="gets no share"):
        desk.reception.share(newest)


def test_a_revoked_unit_that_asks_all_night_is_one_line_an_hour(office: Office, desk: Desk) -> None:
    door = office.door()
    shown = desk.certificate(door)
    office.service.revoke(unit_id(door), "test", office.now_ms)
    for _ in range(5):
        with pytest.raises(Refused):
            desk.reception.share(shown)
    assert noted(office, "withhold") == [(unit_id(door), unit_id(door))]
