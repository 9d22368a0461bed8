"""Key boxes and kill orders: what lies retained in the unit's own key topic.

Both are signed by the hub, for the sender of HPKE (RFC 9180, base mode) is anonymous; both are
padded alike, so that the broker cannot tell one from the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from sync.errors import Code, Refused
from sync.statement.keybox import KeyBox, KeyRing, Kill

if TYPE_CHECKING:
    from sync.signing import Signed, Signer, Verify
    from sync.unit.shelf import Trusted

KEPT_RINGS = 2
"""Key rings that are kept: the newest, and the one before it for what is still on its way."""


class BoxKey(Protocol):
    """The private key that opens this unit's key boxes."""

    @property
    def public(self) -> bytes:
        """The public half, under which the key topic is framed."""
        ...

    def open(self, suite: str, sealed: bytes, info: bytes) -> bytes:
        """Open by HPKE.

        Raises:
            Refused: BAD_CIPHERTEXT, it was not sealed to this key under this suite and info.
        """


@dataclass(frozen=True, slots=True)
class UnitKeys:
    """Who this unit is.

    Attributes:
        list_id: The list it joined.
        unit_id: Its id, 16 hexadecimal digits.
        venue_id: At whose door it stands.
        mailbox: Random part of its own topics.
        signer: Signs its reports.
        box: Opens its key boxes.
    """

    list_id: str
    unit_id: str
    venue_id: str
    mailbox: str
    signer: Signer
    box: BoxKey


def with_box(trusted: Trusted, carried: Signed, keys: UnitKeys, verify: Verify) -> Trusted:
    """Believe a key box, or refuse it.

    Raises:
        Refused: MALFORMED, WRONG_LIST, WRONG_UNIT, BAD_SIGNATURE, REPLAY (not newer than the
            one in use), STALE_EPOCH or BAD_CIPHERTEXT.
    """
    box = KeyBox.parse(carried.body)
    _check_address(box, keys)
    carried.require(trusted.root.hub_key, verify)
    newest = trusted.keyrings[0].epoch if trusted.keyrings else 0
    if (box.epoch, box.issued_ms) == (newest, trusted.box_ms):
        return trusted  # the one in use, which the broker keeps for this unit
    if newest and box.issued_ms <= trusted.box_ms:
        raise Refused(Code.REPLAY, "a key box that is not newer than the one in use")
    if box.epoch < newest:
        raise Refused(Code.STALE_EPOCH, f"a key box of epoch {box.epoch}, which is over")
    ring = KeyRing.parse(keys.box.open(box.suite, box.sealed, box.info))
    if ring.epoch != box.epoch:
        raise Refused(Code.STALE_EPOCH, "a key box holds the keys of another epoch")
    older = [one for one in trusted.keyrings if one.epoch != ring.epoch]
    return replace(
        trusted, keyrings=(ring, *older)[:KEPT_RINGS], box_ms=max(box.issued_ms, trusted.box_ms)
    )


def check_kill(trusted: Trusted, carried: Signed, keys: UnitKeys, verify: Verify) -> None:
    """Refuse a kill order that is not for this unit, not the hub's, or from a former life.

    A unit that was revoked and joined again under the same id has been given a newer key box;
    the order that ended its former life is then a replay.

    Raises:
        Refused: MALFORMED, WRONG_LIST, WRONG_UNIT, BAD_SIGNATURE or REPLAY.
    """
    kill = Kill.parse(carried.body)
    _check_address(kill, keys)
    carried.require(trusted.root.hub_key, verify)
    if kill.issued_ms < trusted.box_ms:
        raise Refused(Code.REPLAY, "a kill order from before this unit joined again")


def _check_address(statement: KeyBox | Kill, keys: UnitKeys) -> None:
    if statement.list_id != keys.list_id:
        raise Refused(Code.WRONG_LIST, f"a {statement.TAG} of another list")
    if statement.unit_id != keys.unit_id:
        raise Refused(Code.WRONG_UNIT, f"a {statement.TAG} for another unit")
