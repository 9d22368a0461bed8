"""The hub's certificates, and who the broker admits."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from sync.authority import Authority, new_key, request
from sync.errors import HubError
from sync.hub.admission import Admission
from sync.hub.certificates import Certificates
from sync.hub.facts import UnitFacts
from sync.statement.policy import LONGEST_LEASE_MS

NOW = 1_900_000_000_000
KEK = b"k" * 32


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates.create(tmp_path / "ca", KEK, NOW)


def unit(number: int) -> UnitFacts:
    return UnitFacts(f"{number:016x}", "cd" * 8, "a door", f"{number:016x}", NOW)


class Gate:
    """Stands in for mosquitto: notes who is admitted."""

    running = True

    def __init__(self) -> None:
        self.admitted: list[frozenset[str]] = []

    def admit(self, authority: Authority, mailboxes: Iterable[str]) -> None:
        self.admitted.append(frozenset(mailboxes))


def test_no_private_key_of_the_hub_lies_open(certificates: Certificates, tmp_path: Path) -> None:
    client, server = certificates.as_client(NOW), certificates.as_server(["localhost"], NOW)
    client.context()
    keys = [tmp_path / "ca" / "ca.key", client.key, server.key]
    assert all(b"ENCRYPTED" in path.read_bytes() for path in keys)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "ca").iterdir())


def test_another_key_does_not_open_the_authority(
    certificates: Certificates, tmp_path: Path
) -> None:
    Certificates(tmp_path / "ca", KEK)
    with pytest.raises(HubError):
        Certificates(tmp_path / "ca", b"x" * 32)


def test_an_answer_that_was_lost_is_given_again_and_the_first_is_void(
    certificates: Certificates,
) -> None:
    wanted = request(new_key())
    first = certificates.issue(wanted, "ab" * 8, NOW)
    assert certificates.issue(wanted, "ab" * 8, NOW) != first
    assert certificates.mailboxes() == {"ab" * 8}
    assert len(certificates.authority.revoked()) == 1


def test_only_units_in_good_standing_are_admitted(certificates: Certificates) -> None:
    gate, units = Gate(), [unit(1), unit(2)]
    admission = Admission(certificates, gate)  # type: ignore[arg-type]  # what it asks of a broker
    for one in units:
        certificates.issue(request(new_key()), one.mailbox, NOW)
    assert admission.follow(units, NOW)
    assert not admission.follow(units, NOW + 1)
    assert gate.admitted == [{one.mailbox for one in units}]
    units[1] = replace(units[1], revoked_ms=NOW + 2)
    admission.follow(units, NOW + 3)
    assert gate.admitted[1:] == [{units[0].mailbox}]
    assert certificates.mailboxes() == {one.mailbox for one in units}, "its kill order waits there"


@pytest.mark.parametrize(
    ("destroyed_ms", "now_ms", "stays"),
    [
        (0, NOW + LONGEST_LEASE_MS, True),
        (0, NOW + LONGEST_LEASE_MS + 1, False),
        (NOW + 1, NOW + 2, False),
    ],
)
def test_a_revoked_units_certificate_ends_with_its_last_word_or_its_lease(
    certificates: Certificates, destroyed_ms: int, now_ms: int, *, stays: bool
) -> None:
    gate, gone = Gate(), replace(unit(1), revoked_ms=NOW, destroyed_ms=destroyed_ms)
    certificates.issue(request(new_key()), gone.mailbox, NOW)
    Admission(certificates, gate).follow([gone], now_ms)  # type: ignore[arg-type]  # as above
    assert (gone.mailbox in certificates.mailboxes()) == stays
    assert len(certificates.authority.revoked()) == (not stays)


def test_the_certificate_of_a_former_life_ends(certificates: Certificates) -> None:
    former, present = "aa" * 8, unit(1)
    for mailbox in (former, present.mailbox):
        certificates.issue(request(new_key()), mailbox, NOW)
    Admission(certificates, Gate()).follow([present], NOW)  # type: ignore[arg-type]  # as above
    assert certificates.mailboxes() == {present.mailbox}
