"""The keys of an epoch, and who gets them.

All keys of an epoch are derived from two secrets. Nothing about a person can be opened with an
epoch that is over: its secret is destroyed. What its units' channel keys came from is kept until
each unit was heard in a later epoch, so that one that slept through the change can still ask.
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
    """Draw the secrets of a new epoch and destroy those of the one before, within a change."""
    for number, row in list(desk.book.epochs.items()):
        if row.secret:
            desk.keep_epoch(number, EpochRow(b"", row.channel, row.topic, row.since_ms))
    fresh = EpochRow(
        secrets.token_bytes(_SECRET_BYTES),
        secrets.token_bytes(_SECRET_BYTES),
        secrets.token_hex(_TOPIC_BYTES),
        now_ms,
    )
    desk.keep_epoch(epoch, fresh)


def forget_before(desk: Desk, epoch: int) -> None:
    """Destroy the channel secrets of all epochs before ``epoch``, within a change."""
    for number in [one for one in desk.book.epochs if one < epoch]:
        desk.keep_epoch(number, None)


def present(desk: Desk) -> EpochRow:
    """Give the secrets of the present epoch."""
    return desk.book.epochs[desk.book.ledger.epoch]


def ring_key(row: EpochRow, ring: str) -> bytes:
    """Derive the key of a ring, 32 bytes; "" is the control key."""
    return seal.derived(row.secret, f"ring|{ring}" if ring else "control")


def channel_key(row: EpochRow, registration: Registration) -> bytes:
    """Derive the key between the hub and one unit, 32 bytes.

    The mailbox is new each time a unit joins, so an old card of it knows no key of the new one.
    """
    return seal.derived(row.channel, f"channel|{registration.unit_id}|{registration.mailbox}")


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
        channel=channel_key(row, registration),
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
