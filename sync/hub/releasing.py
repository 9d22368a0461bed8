"""The hub's share of the key of a unit's gallery: drawn once, given to that unit, destroyed.

A unit whose gallery takes two of three shares asks for it at each start. Whoever carries the unit
away can ask as well, until somebody revokes it: then the share is destroyed, and with it what was
on the unit. That it is given out or refused stands in the audit log: how often within the hour, so
that a unit that asks in a loop does not fill it.
"""

import secrets

import msgspec

from sync.errors import Code, HubError, Refused
from sync.hub import audit
from sync.hub.appending import refuse_deaf
from sync.hub.desk import Desk
from sync.hub.reading import Unit
from sync.hub.rows import ShareRow, encode
from sync.releasing import SHARE_BYTES


def release(desk: Desk, mailbox: str, now_ms: int, *, certified: bool) -> bytes:
    """Give a unit its share; drawn when it asks for the first time.

    Args:
        desk: The hub.
        mailbox: The name on the certificate that it showed.
        now_ms: Milliseconds since the epoch.
        certified: Whether that certificate is the one that was issued to it last.

    Raises:
        Refused: WRONG_UNIT: it is not known here. REVOKED: it was revoked, or has joined anew.
        HubError: The hub was restored and does not know yet whom it revoked.
    """
    unit = unit_at(desk, mailbox)
    if not unit.in_force or not certified:
        raise Refused(Code.REVOKED, "this unit was revoked and gets no share of its key any more")
    refuse_deaf(desk)
    unit_id = unit.registration.unit_id
    with desk.change():
        found = desk.store.find("share", unit_id, ShareRow)
        row = found or ShareRow(secrets.token_bytes(SHARE_BYTES), 0)
        row = msgspec.structs.replace(row, released_ms=now_ms, unnoted=row.unnoted + 1)
        due = audit.is_due(row.noted_ms, now_ms)
        _keep(desk, unit_id, _noted(desk, unit_id, row, now_ms) if due else row)
    return row.share


def tidy(desk: Desk, now_ms: int) -> None:
    """Write down how often units asked that ask no more, within a change."""
    for unit_id, row in list(desk.store.each("share", ShareRow)):
        if row.unnoted and audit.is_due(row.noted_ms, now_ms):
            _keep(desk, unit_id, _noted(desk, unit_id, row, now_ms))


def note_refusal(desk: Desk, mailbox: str, now_ms: int) -> None:
    """Write into the audit log that a unit asked which gets no share any more."""
    unit_id = unit_at(desk, mailbox).registration.unit_id
    with desk.change():
        desk.note(now_ms, unit_id, "withhold", unit_id)


def tell(desk: Desk, unit: Unit, who: str, now_ms: int) -> bytes:
    """Give a unit's share to a person, who types it in at a door without a network.

    Raises:
        HubError: The unit is revoked, never asked, or the hub was just restored.
    """
    unit_id = unit.registration.unit_id
    if not unit.in_force:
        raise HubError(f"unit {unit_id} is revoked: its share was destroyed")
    row = desk.store.find("share", unit_id, ShareRow)
    if row is None:
        raise HubError(f"unit {unit_id} has no share here: run doorwatch token make there first")
    refuse_deaf(desk)
    with desk.change():
        _keep(desk, unit_id, msgspec.structs.replace(row, released_ms=now_ms))
        desk.note(now_ms, who, "release", unit_id)
    return row.share


def destroy(desk: Desk, unit_id: str, now_ms: int) -> None:
    """Destroy a unit's share here and in the copies of this database, within a change."""
    row = desk.store.find("share", unit_id, ShareRow)
    if row is not None:
        if row.unnoted:
            _noted(desk, unit_id, row, now_ms)
        desk.destroy("share", unit_id)


def released_ms(desk: Desk, unit_id: str) -> int:
    """Tell when a unit's share was given out last; 0 for never."""
    row = desk.store.find("share", unit_id, ShareRow)
    return row.released_ms if row else 0


def unit_at(desk: Desk, mailbox: str) -> Unit:
    """Find the unit of a mailbox.

    Raises:
        Refused: WRONG_UNIT: there is none.
    """
    for unit in desk.book.units.values():
        if unit.registration.mailbox == mailbox:
            return unit
    raise Refused(Code.WRONG_UNIT, "this unit is not known here: ask for an invitation")


def _noted(desk: Desk, unit_id: str, row: ShareRow, now_ms: int) -> ShareRow:
    """Write one line for all times since the last."""
    often = f"{row.unnoted} times" if row.unnoted > 1 else ""
    desk.note(now_ms, unit_id, "release", unit_id, often)
    return msgspec.structs.replace(row, noted_ms=now_ms, unnoted=0)


def _keep(desk: Desk, unit_id: str, row: ShareRow) -> None:
    desk.store.put("share", unit_id, encode(row))
