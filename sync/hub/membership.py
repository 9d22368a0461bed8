"""Units: invited once, registered with their own keys, revoked for good."""

import hmac
import secrets
from dataclasses import replace
from hashlib import sha256

import msgspec

from sync.errors import Code, HubError, Refused
from sync.hub import epochs, outbox, releasing
from sync.hub.appending import Draft, append, head_of, refuse_deaf
from sync.hub.desk import Desk
from sync.hub.reading import Unit
from sync.hub.rows import InvitationRow, UnitRow, encode
from sync.signing import Signed
from sync.statement.keybox import Kill
from sync.statement.membership import Registration, Rekey
from sync.statement.record import Op

SECRET_BYTES = 16
LONGEST_NAME = 80
"""Characters of a unit's name."""

_ID_BYTES = 8
_UNUSABLE = "ask the hub for a new one"


def invite(
    desk: Desk, venue_id: str, name: str, until: tuple[int, int], who: str
) -> tuple[str, bytes]:
    """Expect a new unit at a venue.

    Args:
        desk: The hub.
        venue_id: Where it will stand.
        name: What it will be called.
        until: Now and the invitation's end, milliseconds.
        who: Who invites.

    Returns:
        The unit's id and the secret, which is told once and stored as a digest.

    Raises:
        HubError: There is no such venue.
    """
    if venue_id not in {one.venue_id for one in desk.root.venues if not one.until_seq}:
        raise HubError(f"there is no venue {venue_id}: doorwatch-hub venue add makes one")
    unit_id = secrets.token_hex(_ID_BYTES)
    return unit_id, _expect(desk, unit_id, (venue_id, name), until, who)


def reinvite(desk: Desk, unit_id: str, until: tuple[int, int], who: str) -> bytes:
    """Expect a unit again that was revoked, or whose invitation ran out; gives the new secret.

    Raises:
        HubError: It is unknown, or in good standing: revoke it first, so that its old keys end.
    """
    unit = desk.book.units.get(unit_id)
    if unit is not None:
        if unit.in_force:
            raise HubError(f"unit {unit_id} is in force: revoke it before it joins anew")
        told = (unit.registration.venue_id, unit.name)
    else:
        row = desk.store.find("invitation", unit_id, InvitationRow)
        if row is None:
            raise _unknown(unit_id)
        told = (row.venue_id, row.name)
    return _expect(desk, unit_id, told, until, who)


def join(
    desk: Desk, unit_id: str, secret: bytes, keys: tuple[bytes, bytes], now_ms: int
) -> Registration:
    """Register an invited unit.

    Args:
        desk: The hub.
        unit_id: As the invitation says.
        secret: As the invitation says.
        keys: The unit's signing key and box key, raw public bytes.
        now_ms: Milliseconds since the epoch.

    Raises:
        Refused: INVITATION.
    """
    digest = sha256(b"|".join(keys)).digest()
    with desk.change():
        row = _invited(desk, unit_id, secret, now_ms)
        unit = desk.book.units.get(unit_id)
        if row.used:
            if row.used != digest or unit is None or not unit.in_force:
                raise Refused(Code.INVITATION, f"this invitation was used: {_UNUSABLE}")
            return unit.registration
        mailbox = secrets.token_hex(_ID_BYTES)
        registration = Registration(unit_id, row.venue_id, row.name, *keys, mailbox)
        register(desk, registration, now_ms)
        used = msgspec.structs.replace(row, used=digest)
        desk.store.put("invitation", unit_id, encode(used))
    return registration


def register(desk: Desk, registration: Registration, now_ms: int) -> None:
    """Append the registration of a unit and send it its keys, within a change."""
    applied = append(desk, Draft(Op.REGISTER, registration.encode()), now_ms)
    enter(desk, registration, now_ms)
    outbox.add(desk.store, outbox.BOX, registration.unit_id, now_ms)
    detail = f"record {applied.record.seq} {applied.record_hash.hex()}"
    desk.note(now_ms, "hub", "register", registration.unit_id, detail)


def enter(desk: Desk, registration: Registration, now_ms: int) -> None:
    """Write a unit that is registered, within a change."""
    row = UnitRow(registration.encode(), now_ms, desk.book.ledger.epoch)
    desk.keep_unit(Unit(registration, row))
    desk.store.drop("word", registration.unit_id)  # its counter begins anew with its keys


def revoke(desk: Desk, unit_id: str, who: str, now_ms: int) -> None:
    """End a unit: a new epoch without it, keys for all others, the order to destroy its own.

    Raises:
        HubError: It is unknown or revoked already.
    """
    with desk.change():
        refuse_deaf(desk)
        if not unit_of(desk, unit_id).in_force:
            raise HubError(f"unit {unit_id} is revoked already")
        strike(desk, unit_id, now_ms)
        rekey(desk, (unit_id,), who, now_ms)


def rename(desk: Desk, unit_id: str, name: str, who: str, now_ms: int) -> None:
    """Call a unit something else, here at the hub; what it signed keeps its old name.

    Raises:
        HubError: It is unknown, or that is no name.
    """
    wanted = name.strip()
    if not 1 <= len(wanted) <= LONGEST_NAME or not wanted.isprintable():
        raise HubError(f"a door's name is one line of 1 to {LONGEST_NAME} characters")
    with desk.change():
        unit = unit_of(desk, unit_id)
        desk.keep_unit(replace(unit, row=msgspec.structs.replace(unit.row, name=wanted)))
        desk.note(now_ms, who, "rename", unit_id)


def strike(desk: Desk, unit_id: str, now_ms: int) -> None:
    """Write that a unit is revoked, and order it to destroy its key, within a change."""
    unit = unit_of(desk, unit_id)
    moment_ms = max(now_ms, head_of(desk.store.state.head).issued_ms)
    row = msgspec.structs.replace(unit.row, revoked_ms=moment_ms)
    desk.keep_unit(replace(unit, row=row))
    releasing.destroy(desk, unit_id, now_ms)
    outbox.add(desk.store, outbox.KILL, unit_id, now_ms)


def rekey(desk: Desk, revoked: tuple[str, ...], who: str, now_ms: int) -> None:
    """Begin a new epoch, in which the ``revoked`` have no part, within a change."""
    old = desk.book.epochs.get(desk.book.ledger.epoch)
    content = Rekey(desk.book.ledger.epoch + 1, revoked)
    applied = append(desk, Draft(Op.REKEY, content.encode()), now_ms)
    epochs.begin(desk, content.epoch, now_ms)
    for unit_id, unit in desk.book.units.items():
        if unit.in_force:
            outbox.add(desk.store, outbox.BOX, unit_id, now_ms)
    if old is not None:
        outbox.add(desk.store, outbox.CLEAR, f"l/{old.topic}/head", now_ms)
    detail = f"record {applied.record.seq} {applied.record_hash.hex()}"
    desk.note(now_ms, who, "revoke" if revoked else "rekey", " ".join(revoked), detail)


def unit_of(desk: Desk, unit_id: str) -> Unit:
    """Find a unit.

    Raises:
        HubError: There is none with that id.
    """
    unit = desk.book.units.get(unit_id)
    if unit is None:
        raise _unknown(unit_id)
    return unit


def kill_order(desk: Desk, unit: Unit) -> Signed:
    """Sign the order that a revoked unit destroys its key."""
    kill = Kill(desk.store.list_id, unit.registration.unit_id, unit.row.revoked_ms)
    return kill.signed(desk.signer)


def _expect(
    desk: Desk, unit_id: str, told: tuple[str, str], until: tuple[int, int], who: str
) -> bytes:
    secret, (now_ms, expires_ms) = secrets.token_bytes(SECRET_BYTES), until
    row = InvitationRow(*told, sha256(secret).digest(), expires_ms)
    with desk.change():
        desk.store.put("invitation", unit_id, encode(row))
        desk.note(now_ms, who, "invite", unit_id)
    return secret


def _invited(desk: Desk, unit_id: str, secret: bytes, now_ms: int) -> InvitationRow:
    """Find the invitation; the answer is the same for an unknown unit and a wrong secret."""
    row = desk.store.find("invitation", unit_id, InvitationRow)
    if row is None or not hmac.compare_digest(row.secret, sha256(secret).digest()):
        raise Refused(Code.INVITATION, f"this invitation is not known here: {_UNUSABLE}")
    if now_ms >= row.expires_ms:
        raise Refused(Code.INVITATION, f"this invitation has run out: {_UNUSABLE}")
    return row


def _unknown(unit_id: str) -> HubError:
    return HubError(f"there is no unit {unit_id}: doorwatch-hub unit list shows them")
