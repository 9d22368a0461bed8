"""What can be seen of a unit's end of the list from outside. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.unit.books import Books
    from sync.unit.handshake import Handshake
    from sync.unit.intake import Intake


class Locked(StrEnum):
    """Why a unit takes no further part."""

    NO = ""
    REVOKED = "revoked"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A snapshot for status lines, the engine's freshness, and whoever keeps the connection.

    Attributes:
        live: The hub answered on this connection; nothing else proves that there is one.
        silent: The hub did not answer several times; make the connection anew.
        locked: Whether the unit was revoked, or has destroyed its key.
        seq: Of the newest record that is in force here.
        head_seq: Of the newest head that is believed, 0 for none; what is above ``seq`` lacks.
        epoch: Of the newest keys, 0 for none.
        held: Entries in the rows, provisional ones included.
        lease_ms: When the list stops being fresh; 0 if it never was.
        issued_ms: When the head that the list has reached was issued; 0 for none.
        signed_ms: The latest signed time that was seen; no clock is before it.
        pages: Pages of a snapshot that are here, and how many it has; (0, 0) for none.
        refusals: (code, how often), ascending.
    """

    live: bool
    silent: bool
    locked: Locked
    seq: int
    head_seq: int
    epoch: int
    held: int
    lease_ms: int
    issued_ms: int
    signed_ms: int
    pages: tuple[int, int]
    refusals: tuple[tuple[str, int], ...]


def standing_of(books: Books, handshake: Handshake, intake: Intake) -> Standing:
    """Take the snapshot."""
    trusted, reached = books.trusted, books.trusted.reached
    return Standing(
        live=handshake.live,
        silent=handshake.silent,
        locked=intake.locked,
        seq=trusted.ledger.seq,
        head_seq=trusted.head.seq if trusted.head else 0,
        epoch=trusted.keyrings[0].epoch if trusted.keyrings else 0,
        held=len(books.held),
        lease_ms=reached.expires_ms if reached else 0,
        issued_ms=reached.issued_ms if reached else 0,
        signed_ms=trusted.floor_ms,
        pages=intake.snapshots.progress,
        refusals=tuple(sorted(books.refusals.items())),
    )
