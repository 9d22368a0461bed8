"""The keys of an epoch, and who gets them.

Ring and control keys are derived from a secret of their epoch alone. Once the epoch is over that
secret is destroyed, and what travelled under it cannot be opened again, here or elsewhere.

The channel keys, under which hub and one unit talk, come from a secret that outlives epochs: a
unit that slept through a change of epoch has to be able to ask for the new keys, and a hub that
came back from a backup has to hear units of an epoch that it has forgotten.
"""

import secrets
from dataclasses import replace

from sync import seal
from sync.entries import Category
from sync.hub.desk import Desk
from sync.hub.reading import Unit
from sync.hub.rows import EpochRow
from sync.signing import Signed
from sync.statement.keybox import KeyBox, KeyRing
from sync.statement.membership import Registration
from sync.statement.proposal import CONSORTIUM, ring_of

_SECRET_BYTES = 32
_TOPIC_BYTES = 8


def begin(desk: Desk, epoch: int, now_ms: int) -> None:
    """Draw the secret of a new epoch and destroy those before, within a change."""
    for number in list(desk.book.epochs):
        desk.keep_epoch(number, None)
    fresh = EpochRow(secrets.token_bytes(_SECRET_BYTES), secrets.token_hex(_TOPIC_BYTES), now_ms)
    desk.keep_epoch(epoch, fresh)


def present(desk: Desk) -> EpochRow:
    """Give the secrets of the present epoch."""
    return desk.book.epochs[desk.book.ledger.epoch]


def ring_key(row: EpochRow, ring: str) -> bytes:
    """Derive the key of a ring, 32 bytes; "" is the control key."""
    return seal.derived(row.secret, f"ring|{ring}" if ring else "control")


def channel_key(desk: Desk, epoch: int, registration: Registration) -> bytes:
    """Derive the key between the hub and one unit in one epoch, 32 bytes.

    The mailbox is new each time a unit joins, so an old card of it knows no key of the new one.
    """
    named = f"channel|{epoch}|{registration.unit_id}|{registration.mailbox}"
    return seal.derived(desk.store.state.channels, named)


def rings_of(venue_id: str) -> tuple[str, ...]:
    """Name the rings that a unit at this venue has the keys of, ascending."""
    scopes = (CONSORTIUM, venue_id)
    return tuple(sorted(ring_of(scope, one) for scope in scopes for one in Category))


def key_ring(desk: Desk, unit: Unit) -> KeyRing:
    """Collect the keys of the present epoch for one unit."""
    row, registration = present(desk), unit.registration
    return KeyRing(
        epoch=desk.book.ledger.epoch,
        control=ring_key(row, ""),
        channel=channel_key(desk, desk.book.ledger.epoch, registration),
        topic=row.topic,
        rings=tuple((ring, ring_key(row, ring)) for ring in rings_of(registration.venue_id)),
    )


def key_box(desk: Desk, unit: Unit, now_ms: int) -> Signed:
    """Seal the keys of the present epoch for one unit by HPKE, and sign the box."""
    ring, registration = key_ring(desk, unit), unit.registration
    empty = KeyBox(
        list_id=desk.store.list_id,
        unit_id=registration.unit_id,
        epoch=ring.epoch,
        suite=seal.SUITE,
        sealed=bytes(_SECRET_BYTES),
        issued_ms=max(now_ms, unit.row.joined_ms),
    )
    suite, sealed = seal.box(registration.box_key, ring.encode(), empty.info)
    return replace(empty, suite=suite, sealed=sealed).signed(desk.signer)
