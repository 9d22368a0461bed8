"""Signed statements of what this unit holds: heartbeat, acknowledgement and erasure receipt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync.errors import Code
from sync.liveset import LiveSet, State
from sync.statement.report import (
    MOST_COUNTS,
    MOST_ERASED,
    MOST_FAULTS,
    MOST_REFUSALS,
    MOST_RINGS,
    Report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sync.clock import Now
    from sync.unit.keys import UnitKeys
    from sync.unit.shelf import Holding, Trusted


@dataclass(frozen=True, slots=True)
class Condition:
    """What the door says about itself, for the next report; numbers only, never a face.

    Attributes:
        model_id: Network that compares faces here, "" where none does.
        version: Of the software.
        faults: What keeps it from screening, short codes.
        counts: (name, count): encounters, outcomes.
        rings: (entry id, alerts, confirmed, "not them") of tonight, what rang most first.
    """

    model_id: str = ""
    version: str = "unknown"
    faults: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    rings: tuple[tuple[str, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was signed.

    Attributes:
        counter: Its number.
        wire: Wire bytes of the signed report.
        receipt: Whether it names erasures, and is to be kept until the hub has it.
    """

    counter: int
    wire: bytes
    receipt: bool


class Reporter:
    """Writes and signs the reports of one unit."""

    def __init__(self, keys: UnitKeys, condition: Callable[[], Condition]) -> None:
        """Sign with ``keys``; ask ``condition`` how the door is."""
        self._keys = keys
        self._condition = condition

    def write(
        self, trusted: Trusted, held: Mapping[str, Holding], now: Now, erased: Sequence[str] = ()
    ) -> list[Written]:
        """State what is held; several reports where more was erased than one can name.

        Args:
            trusted: What is believed; its counter is that of the report before.
            held: The rows.
            now: The time.
            erased: Ids of the entries that were erased.
        """
        base = self._base(trusted, held, now)
        groups = [erased[i : i + MOST_ERASED] for i in range(0, len(erased), MOST_ERASED)] or [()]
        return [
            self._signed(_numbered(base, trusted.counter + number, tuple(group)))
            for number, group in enumerate(groups, start=1)
        ]

    def last(self, trusted: Trusted, now: Now) -> Written:
        """State that everything here is destroyed."""
        base = self._base(trusted, {}, now)
        return self._signed(replace(base, counter=trusted.counter + 1, destroyed=True))

    def _signed(self, report: Report) -> Written:
        wire = report.signed(self._keys.signer).encode()
        return Written(report.counter, wire, receipt=bool(report.erased))

    def _base(self, trusted: Trusted, held: Mapping[str, Holding], now: Now) -> Report:
        ledger, door = trusted.ledger, self._condition()
        listed = {name: one for name, one in held.items() if not one.provisional}
        return Report(
            list_id=self._keys.list_id,
            unit_id=self._keys.unit_id,
            counter=trusted.counter,
            at_ms=now.ms,
            seq=ledger.seq,
            record_hash=ledger.hash,
            live_root=ledger.live.root,
            held_root=held_root(ledger.live, listed),
            held=len(listed),
            epoch=trusted.keyrings[0].epoch if trusted.keyrings else 0,
            model_id=door.model_id,
            version=door.version,
            erased=(),
            faults=door.faults[:MOST_FAULTS],
            refusals=tuple((Code(name), count) for name, count in trusted.refusals)[:MOST_REFUSALS],
            counts=tuple(sorted(door.counts))[:MOST_COUNTS],
            rings=_of_the_list(door.rings, listed),
            destroyed=False,
        )


def _numbered(base: Report, counter: int, erased: tuple[str, ...]) -> Report:
    """Give a report its number; what is kept as a receipt tells of nobody who rang."""
    rings = () if erased else base.rings
    return replace(base, counter=counter, erased=erased, rings=rings)


def _of_the_list(
    rings: Sequence[tuple[str, int, int, int]], listed: Mapping[str, Holding]
) -> tuple[tuple[str, int, int, int], ...]:
    """Leave out what is nobody else's business: entries of this unit alone."""
    return tuple(sorted([one for one in rings if one[0] in listed][:MOST_RINGS]))


def held_root(live: LiveSet, held: Mapping[str, Holding]) -> bytes:
    """Give the root over the entries whose content is held.

    It is made as the live set's own, from the rows: a stale or wrongly suspended row shows.
    """
    leaves = {}
    for name, one in held.items():
        leaf, state = live.get(name), State.CONTESTED if one.contested else State.LIVE
        if leaf is not None:
            same = (leaf.record_hash, leaf.state) == (one.record_hash, state)
            leaves[name] = leaf if same else replace(leaf, record_hash=one.record_hash, state=state)
    return LiveSet.of(leaves).root
