"""Judges a recorded history: what no honest consortium may ever show.

It knows nothing of frames, signatures or ledgers. It knows what people signed, what the honest
hub had on its disk, what it told people was done, and what each unit committed; from these it
says, one line each, what went wrong. An empty answer means that the history is right.
"""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from simulator.history import (
    Cautioned,
    Chained,
    Committed,
    Decided,
    Destroyed,
    Ended,
    Event,
    History,
    Pressed,
    Restored,
    Rooted,
    Told,
)

NOT_THEM = 2
"""Presses that it takes to hold an entry back."""

LONGEST_LEASE_MS = 31 * 86_400_000
"""No head may count for longer."""

Held = dict[str, bytes]
"""Entry id to digest of the put proposal."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry on the honest list.

    Attributes:
        ring: Whose content it is.
        until_ms: When it ends by itself.
        contested: Whether it is suspended.
    """

    ring: str
    until_ms: int
    contested: bool = False


@dataclass(slots=True)
class Door:
    """What the checker has seen of one unit.

    Its place in the chain is doubtful from a word of a thief until the next hub key confirms it.
    """

    seq: int = 0
    root_version: int = 0
    hub_key: bytes = b""
    head_ms: int = 0
    caution_ms: int = 0
    doubtful: bool = False
    held: Held = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    provisional: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    destroyed: bool = False


class Checker:
    """Reads events in order and collects what must not be."""

    def __init__(self, venues: Mapping[str, str], stolen_hub_keys: AbstractSet[bytes]) -> None:
        """Judge the units in ``venues`` (unit to venue).

        Positions in the chain mean nothing under a hub key in ``stolen_hub_keys``: whoever has
        it can append harmless records of its own. What is held still has to be right.
        """
        self._venues, self._stolen = venues, stolen_hub_keys
        self._doors = {unit: Door() for unit in venues}
        self._decided: dict[bytes, Decided] = {}
        self._by_entry: dict[tuple[str, str], list[Decided]] = {}
        self._chain: dict[int, Chained] = {}
        self._lists: dict[int, dict[str, Standing]] = {0: {}}
        self._told: dict[int, bytes] = {}
        self._roots: dict[int, bytes] = {}
        self._ended: set[str] = set()
        self._pressed: Counter[str] = Counter()
        self._cautions: set[tuple[int, tuple[str, ...]]] = set()
        self.wrong: list[str] = []

    def read(self, event: Event) -> None:  # noqa: C901 - one for each kind of event
        """Take the next event in."""
        match event:
            case Decided():
                self._decide(event)
            case Chained():
                self._append(event)
            case Told():
                self._tell(event)
            case Restored():
                self._restore(event)
            case Committed():
                self._commit(event)
            case Pressed():
                self._pressed[event.entry_id] += 1
            case Cautioned():
                self._caution(event)
            case Rooted():
                self._roots[event.version] = event.hub_key
            case Ended():
                self._ended.add(event.unit)
            case Destroyed():
                if event.unit not in self._ended:
                    self._blame(f"{event.unit} was destroyed, which nobody ordered")
                self._doors[event.unit] = Door(destroyed=True)

    def ended(self) -> None:
        """Judge the end: all that people were told is on the hub's chain."""
        for seq, record_hash in self._told.items():
            kept = self._chain.get(seq)
            if kept is None or kept.record_hash != record_hash:
                self._blame(f"the acknowledged change {seq} is lost")

    def _blame(self, problem: str) -> None:
        self.wrong.append(problem)

    def _decide(self, one: Decided) -> None:
        before = self._decided.get(one.digest)
        if before is not None:
            one = Decided(
                one.at_ms, one.entry_id, one.kind, one.digest,
                one.venues | before.venues, one.needed, one.until_ms,
            )  # fmt: skip
            self._by_entry[one.entry_id, one.kind].remove(before)
        self._decided[one.digest] = one
        self._by_entry.setdefault((one.entry_id, one.kind), []).append(one)

    def _append(self, one: Chained) -> None:
        known = self._chain.get(one.seq)
        if known is not None:
            if known.record_hash != one.record_hash:
                self._blame(f"the hub wrote another record {one.seq}")
            return
        if one.seq - 1 not in self._lists:
            self._blame(f"the hub left a gap before record {one.seq}")
            return
        self._chain[one.seq] = one
        self._lists[one.seq] = self._after(one)
        if one.kind in ("put", "remove", "contest", "reinstate"):
            self._justify(one)

    def _after(self, one: Chained) -> dict[str, Standing]:
        """Give the list as it is with this record."""
        now = dict(self._lists[one.seq - 1])
        if one.kind == "put":
            now[one.entry_id] = Standing(one.ring, one.until_ms)
        elif one.kind == "remove":
            now.pop(one.entry_id, None)
        elif one.kind in ("contest", "reinstate") and one.entry_id in now:
            was = now[one.entry_id]
            now[one.entry_id] = Standing(was.ring, was.until_ms, one.kind == "contest")
        return now

    def _justify(self, one: Chained) -> None:
        """Ask the honest hub itself for the signatures behind a record."""
        kind = "removed" if one.kind == "remove" else one.kind
        standing = self._lists[one.seq - 1].get(one.entry_id)
        over = standing is not None and standing.until_ms <= one.at_ms
        if not (self._agreed(one.entry_id, kind) or (kind == "removed" and over)):
            self._blame(f"the hub chained a {one.kind} of {one.entry_id} that nobody agreed on")
        if kind == "put" and self._removed_before(one):
            self._blame(f"the hub put the removed {one.entry_id} back")

    def _removed_before(self, one: Chained) -> bool:
        return any(
            past.kind == "remove" and past.entry_id == one.entry_id and past.seq < one.seq
            for past in self._chain.values()
        )

    def _agreed(self, entry_id: str, kind: str) -> bool:
        return any(
            len(one.venues) >= one.needed for one in self._by_entry.get((entry_id, kind), ())
        )

    def _tell(self, one: Told) -> None:
        if one.seq in self._chain:
            self._told[one.seq] = self._chain[one.seq].record_hash
        else:
            self._blame(f"people were told of record {one.seq}, which the hub does not have")

    def _restore(self, one: Restored) -> None:
        """Let go of what is lost for good."""
        self._told = {seq: digest for seq, digest in self._told.items() if seq <= one.kept}
        for seq in [seq for seq in self._chain if seq > one.kept]:
            del self._chain[seq], self._lists[seq]

    def _caution(self, one: Cautioned) -> None:
        """Ask for the presses behind a caution."""
        self._cautions.add((one.issued_ms, one.entries))
        for entry_id in one.entries:
            if self._pressed[entry_id] < NOT_THEM:
                self._blame(f"the hub holds back {entry_id}, which nobody marked twice")

    def _hold_back(self, one: Committed, door: Door) -> None:
        """Ask who wanted entries to be checked only; a thief of the hub's key may say so."""
        issued_ms, same = (one.caution or (0, ()))[0], one.hub_key == door.hub_key
        if one.hub_key not in self._stolen:
            if one.caution is not None and one.caution not in self._cautions:
                self._blame(f"{one.unit} holds back entries, which the hub never said")
            if same and issued_ms < door.caution_ms:
                self._blame(f"{one.unit} believes an older caution than before")
        door.caution_ms = issued_ms

    def _commit(self, one: Committed) -> None:
        door = self._doors[one.unit]
        self._hold_back(one, door)
        self._progress(one, door)
        for entry_id, digest in one.put.items():
            self._put(one, door, entry_id, digest)
        for entry_id in one.erase:
            self._erase(one, door, entry_id)
        self._complete(one, door)

    def _progress(self, one: Committed, door: Door) -> None:
        doubtful = one.hub_key in self._stolen or (door.doubtful and not one.confirmed)
        if one.seq < door.seq and not door.doubtful:
            self._blame(f"{one.unit} went back from {door.seq} to {one.seq}")
        if one.root_version < door.root_version:
            self._blame(f"{one.unit} went back to root {one.root_version}")
        if self._roots.get(one.root_version) != one.hub_key:
            self._blame(f"{one.unit} believes a root {one.root_version} that no officers signed")
        if 0 < one.head_ms < door.head_ms and one.hub_key == door.hub_key:
            self._blame(f"{one.unit} believes an older head than before")
        if one.lease_ms > LONGEST_LEASE_MS:
            self._blame(f"{one.unit} believes a head for {one.lease_ms} ms")
        if not doubtful and one.seq and not self._on_chain(one):
            self._blame(f"{one.unit} stands at a record {one.seq} that the hub never wrote")
        if door.destroyed:
            self._blame(f"{one.unit} goes on after its key was destroyed")
        door.seq, door.root_version, door.hub_key = one.seq, one.root_version, one.hub_key
        door.head_ms, door.doubtful = one.head_ms, doubtful

    def _on_chain(self, one: Committed) -> bool:
        record = self._chain.get(one.seq)
        return (
            record is not None
            and record.record_hash == one.record_hash
            and record.live_root == one.live_root
        )

    def _put(self, one: Committed, door: Door, entry_id: str, digest: bytes) -> None:
        decision = self._decided.get(digest)
        provisional = entry_id in one.provisional
        if decision is None or (decision.entry_id, decision.kind) != (entry_id, "put"):
            self._blame(f"{one.unit} holds {entry_id}, which nobody signed")
        elif len(decision.venues) < decision.needed:
            self._blame(f"{one.unit} holds {entry_id}, which {len(decision.venues)} venue signed")
        if entry_id in door.erased and self._agreed(entry_id, "removed"):
            self._blame(f"{one.unit} holds {entry_id} again, which was removed")
        self._suspend(one, door, entry_id, digest)
        door.held[entry_id] = digest
        (door.provisional.add if provisional else door.provisional.discard)(entry_id)

    def _suspend(self, one: Committed, door: Door, entry_id: str, digest: bytes) -> None:
        """Ask who wanted an entry to be matched no longer, or again."""
        if entry_id in one.suspended:
            if not self._agreed(entry_id, "contest"):
                self._blame(f"{one.unit} suspended {entry_id}, which nobody contested")
            door.suspended.add(entry_id)
            return
        same = door.held.get(entry_id) == digest
        if entry_id in door.suspended and same and not self._agreed(entry_id, "reinstate"):
            self._blame(f"{one.unit} matches {entry_id} again, which nobody asked for")
        door.suspended.discard(entry_id)

    def _erase(self, one: Committed, door: Door, entry_id: str) -> None:
        digest = door.held.pop(entry_id, None)
        door.suspended.discard(entry_id)
        door.provisional.discard(entry_id)
        if digest is None:
            return
        door.erased.add(entry_id)
        decision = self._decided.get(digest)
        over = decision is not None and decision.until_ms <= one.now_ms
        if not (over or self._agreed(entry_id, "removed")):
            self._blame(f"{one.unit} dropped {entry_id}, which nobody lifted")

    def _complete(self, one: Committed, door: Door) -> None:
        """Compare what is held with the honest list at the unit's own position."""
        if door.doubtful or one.seq not in self._lists:
            return
        mine = ("consortium/", f"{self._venues[one.unit]}/")
        for entry_id, standing in self._lists[one.seq].items():
            if not standing.ring.startswith(mine) or standing.until_ms <= one.now_ms:
                continue
            if entry_id not in door.held and not self._agreed(entry_id, "removed"):
                self._blame(f"{one.unit} at {one.seq} lacks {entry_id}")
            elif standing.contested and entry_id in door.held.keys() - door.suspended:
                self._blame(f"{one.unit} at {one.seq} matches the contested {entry_id}")
        for entry_id in door.held.keys() - door.provisional - self._lists[one.seq].keys():
            if self._chained_removal(entry_id, one.seq):
                self._blame(f"{one.unit} at {one.seq} still holds {entry_id}")

    def _chained_removal(self, entry_id: str, seq: int) -> bool:
        return any(
            past.kind == "remove" and past.entry_id == entry_id and past.seq <= seq
            for past in self._chain.values()
        )


def wrongs(
    history: History,
    venues: Mapping[str, str],
    stolen_hub_keys: AbstractSet[bytes] = frozenset(),
) -> list[str]:
    """Judge a whole history.

    Args:
        history: What happened.
        venues: Each unit's venue.
        stolen_hub_keys: Keys of the hub that an attacker has.

    Returns:
        One line for each thing that must not be; empty when all is right.
    """
    checker = Checker(venues, stolen_hub_keys)
    for event in history.events:
        checker.read(event)
    checker.ended()
    return checker.wrong
