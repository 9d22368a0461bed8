"""What the officers sign."""

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.errors import HubError
from sync.hub.ceremony import (
    ROOT_MS,
    first_root,
    in_force,
    sign,
    with_hub_key,
    with_officer,
    with_venue,
    with_venue_key,
    without_venue,
)
from sync.statement.root import Root, Venue

NOW = 1_900_000_000_000
LIST = "ab" * 16


class Key:
    """A key that follows from its number."""

    def __init__(self, number: int) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


OFFICERS = [Key(1), Key(2), Key(3)]
NORTH, SOUTH = (
    Venue(f"{n}" * 16, name, Key(10 + n).public) for n, name in [(2, "North"), (1, "South")]
)


@pytest.fixture
def root() -> Root:
    return first_root(LIST, [key.public for key in OFFICERS], Key(9).public, NOW)


def test_the_first_root_names_three_officers_and_nobody_else(root: Root) -> None:
    assert (root.version, root.threshold, root.venues, root.floor_seq) == (1, 2, (), 0)
    assert set(root.officers) == {key.public for key in OFFICERS}
    assert root.expires_ms - root.issued_ms == ROOT_MS
    assert Root.parse(root.encode()) == root


def test_two_officers_sign_and_their_signatures_hold(root: Root) -> None:
    signed = sign(root, OFFICERS[1:])
    assert signed.signers(root.officers, verify) == {key.public for key in OFFICERS[1:]}
    assert Root.parse(signed.body) == root


@pytest.mark.parametrize("present", [[], OFFICERS[:1], [OFFICERS[0], OFFICERS[0]]])
def test_one_officer_is_not_enough_however_often(root: Root, present: list[Key]) -> None:
    with pytest.raises(HubError, match="2 different officers"):
        sign(root, present)


def test_a_stranger_is_no_officer(root: Root) -> None:
    with pytest.raises(HubError, match="2 different officers"):
        sign(root, [OFFICERS[0], Key(77)])


def test_an_officer_who_lost_the_key_is_replaced_by_those_who_stay(root: Root) -> None:
    changed = with_officer(root, OFFICERS[2].public, Key(4).public, NOW + 1)
    assert set(changed.officers) == {Key(n).public for n in (1, 2, 4)}
    assert Root.parse(sign(changed, OFFICERS[:2], root).body) == changed
    for too_few in ([OFFICERS[0], OFFICERS[2]], [OFFICERS[0], Key(4)]):
        with pytest.raises(HubError, match="who stay"):
            sign(changed, too_few, root)
    with pytest.raises(HubError, match="already"):
        with_officer(root, OFFICERS[2].public, OFFICERS[0].public, NOW + 1)


def test_venues_come_in_the_order_that_the_bytes_ask_for(root: Root) -> None:
    both = with_venue(with_venue(root, NORTH, NOW + 1), SOUTH, NOW + 2)
    assert both.version == 3
    assert Root.parse(both.encode()).venues == (SOUTH, NORTH)
    assert [venue.name for venue in in_force(both)] == ["North", "South"]


def test_a_name_or_a_key_of_another_venue_is_refused(root: Root) -> None:
    one = with_venue(root, NORTH, NOW)
    with pytest.raises(HubError, match="'North' already"):
        with_venue(one, replace(SOUTH, name="NORTH"), NOW)
    with pytest.raises(HubError, match="every venue has its own"):
        with_venue(one, replace(SOUTH, key=NORTH.key), NOW)


def test_a_venue_that_leaves_keeps_a_row_for_what_it_signed(root: Root) -> None:
    left = without_venue(with_venue(root, NORTH, NOW), NORTH.venue_id, 41, NOW + 5)
    assert left.venues == (replace(NORTH, until_seq=41),)
    assert in_force(left) == ()
    assert left.encode()


def test_a_venue_that_leaves_before_it_signed_anything_still_leaves(root: Root) -> None:
    left = without_venue(with_venue(root, NORTH, NOW), NORTH.venue_id, 0, NOW + 5)
    assert in_force(left) == ()


def test_a_manager_who_lost_the_key_gets_another(root: Root) -> None:
    one = with_venue(root, NORTH, NOW)
    fresh = replace(NORTH, key=Key(20).public)
    changed = with_venue_key(one, fresh, 7, NOW + 1)
    assert in_force(changed) == (fresh,)
    assert replace(NORTH, until_seq=7) in changed.venues
    again = with_venue_key(changed, replace(NORTH, key=Key(21).public), 9, NOW + 2)
    assert sorted(venue.until_seq for venue in again.venues) == [0, 7, 9]
    assert Root.parse(again.encode()) == again
    with pytest.raises(HubError, match="is, or was"):
        with_venue_key(again, replace(NORTH, key=NORTH.key), 9, NOW + 3)


def test_a_new_hub_key_comes_with_the_state_that_is_vouched_for(root: Root) -> None:
    changed = with_hub_key(root, Key(8).public, (12, b"h" * 32), NOW + 9)
    assert (changed.version, changed.hub_key) == (2, Key(8).public)
    assert (changed.floor_seq, changed.floor_hash) == (12, b"h" * 32)
    assert changed.expires_ms == NOW + 9 + ROOT_MS
