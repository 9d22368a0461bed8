"""Heads: what the hub says is the newest list, and whether this unit has reached it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.errors import Code, Refused
from sync.heads import check_against, check_head
from sync.statement.head import Head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.changes import Applied
    from sync.clock import Now
    from sync.signing import Signed, Verify
    from sync.unit.shelf import Trusted


def with_head(trusted: Trusted, carried: Signed, verify: Verify, now: Now) -> Trusted:
    """Believe a head that came alone; the one that is believed already changes nothing.

    Raises:
        Refused: As :func:`sync.heads.check_head`.
    """
    if trusted.head is not None and carried.body == trusted.head.encode():
        return trusted
    head = check_head(carried, trusted.head, trusted.ledger, trusted.root, verify, now)
    floor_ms = max(trusted.floor_ms, head.issued_ms)
    return replace(trusted, head=head, floor_ms=floor_ms)


def with_head_of_run(trusted: Trusted, carried: Signed, verify: Verify, now: Now) -> Trusted:
    """Believe the head that came with records, unless a newer one has overtaken it.

    Raises:
        Refused: As :func:`sync.heads.check_head`; for an overtaken one BAD_SIGNATURE and
            WRONG_LIST, so that nobody but the hub makes this unit look at records.
    """
    told, known = Head.parse(carried.body), trusted.head
    if known is None or told.issued_ms >= known.issued_ms:
        return with_head(trusted, carried, verify, now)
    if told.list_id != trusted.ledger.list_id:
        raise Refused(Code.WRONG_LIST, "a head of another list")
    carried.require(trusted.root.hub_key, verify)
    return trusted


def check_told(trusted: Trusted, applied: Sequence[Applied]) -> None:
    """Refuse records that lead to another list than a head said that was believed.

    Args:
        trusted: What is believed, with the ledger that the records made.
        applied: The records.

    Raises:
        Refused: FORK, MIX_AND_MATCH; or FUTURE, they are newer than the newest head, which
            alone is held against the clock: a thief of the hub's key could end terms early.
    """
    head = trusted.head
    if head is None:
        return
    if trusted.ledger.chain.issued_ms > head.issued_ms:
        raise Refused(Code.FUTURE, "records that are newer than the newest head")
    for one in applied:
        if one.record.seq == head.seq and one.record_hash != head.record_hash:
            raise Refused(Code.FORK, f"another record {head.seq} than the hub's head names")
    if head.seq == trusted.ledger.seq:
        check_against(head, trusted.ledger)


def reached(trusted: Trusted) -> Trusted:
    """Take a head's lease once the ledger is what it speaks of, and never before."""
    head, ledger = trusted.head, trusted.ledger
    if head is None or not ledger.matches(head):
        return trusted
    return replace(trusted, ledger=ledger.confirmed(), reached=head)
