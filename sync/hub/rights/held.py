"""All that is held on one person, collected for them (GDPR Article 15), and proof of its end.

Other people are left out: who of a venue's staff did something is their employer, no name; what
was written about the person may be shortened where it speaks of somebody else (Article 15(4)).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sync import seal
from sync.hub import notes, reach, words
from sync.hub.alarms import AlarmRow
from sync.hub.desk import Desk
from sync.hub.facts import EntryFacts, Reach, Receipt, Standing
from sync.hub.rows import AuditRow, EntryRow, WaitingRow
from sync.rules import signing_venues
from sync.signing import Signed
from sync.statement.proposal import KIND, PutProposal, parse_proposal
from sync.statement.root import Root


class Party(StrEnum):
    """Who did something, as far as it may be told."""

    VENUE = "venue"
    DOOR = "door"
    STAFF = "staff"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did something: what kind of party, and its name where that is no person's."""

    party: Party
    name: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an entry.

    Attributes:
        at_ms: When.
        did: What, one word, as in the audit log.
        by: Who, without names of people.
    """

    at_ms: int
    did: str
    by: Doer


@dataclass(frozen=True, slots=True)
class Place:
    """One door that has, or had, the entry.

    Attributes:
        name: Of the door.
        venue: Where it stands.
        reached: How the newest change of the entry stands there.
    """

    name: str
    venue: str
    reached: Reach


@dataclass(frozen=True, slots=True)
class Rang:
    """How an entry rang at one door, as far as the hub still knows: of one night alone.

    Attributes:
        door: Its name.
        alerts: How often.
        not_them: Of these, staff said that it was somebody else.
    """

    door: str
    alerts: int
    not_them: int


@dataclass(frozen=True, slots=True)
class Held:
    """Everything about one entry.

    Attributes:
        facts: How it stands.
        put: What it says; None once it is erased.
        proposed_by: The venue.
        signed_by: Names of the venues that signed what it says.
        scope_name: The one venue at which it counts; "" for every door.
        note: What the hub alone keeps beside it.
        happenings: Its history, oldest first; empty where it was not asked for.
        places: Doors that it concerns.
        receipts: The doors' signed words that it is erased.
        rang: At which doors it rang in the night that the hub still knows of.
        watched: Whether it was noticed for ringing wrongly and nobody has looked at it yet.
    """

    facts: EntryFacts
    put: PutProposal | None
    proposed_by: str
    signed_by: tuple[str, ...]
    scope_name: str
    note: str
    happenings: tuple[Happening, ...]
    places: tuple[Place, ...]
    receipts: tuple[Receipt, ...]
    rang: tuple[Rang, ...]
    watched: bool

    @property
    def erased_everywhere(self) -> bool:
        """Whether every door has signed that the entry is gone."""
        confirmed = all(place.reached.confirmed_ms is not None for place in self.places)
        return self.facts.standing is Standing.GONE and confirmed


def collect(desk: Desk, entry_id: str, now_ms: int, *, history: bool = False) -> Held:
    """Collect what is held on the person of an entry, also of one that is gone.

    Args:
        desk: The hub.
        entry_id: Which entry.
        now_ms: Milliseconds since the epoch.
        history: Whether its history is asked for, too: the whole audit log is read for that.

    Raises:
        HubError: There is no such entry.
    """
    with desk.look():
        facts, names = reach.entry(desk, entry_id), venue_names(desk.root)
        put, signed = _content(desk, entry_id)
        scope = facts.ring.partition("/")[0]
        waits = facts.standing is Standing.WAITING
        alarm = desk.store.find("alarm", entry_id, AlarmRow) or AlarmRow("")
        return Held(
            facts=facts,
            put=put,
            proposed_by=names.get(put.venue_id, "") if put else "",
            signed_by=tuple(sorted(names.get(one, one) for one in signed)),
            scope_name=names.get(scope, ""),
            note=_note(desk, entry_id),
            happenings=tuple(_happenings(desk, entry_id, names)) if history else (),
            places=() if waits else _places(desk, entry_id, names, now_ms),
            receipts=words.receipts(desk, entry_id),
            rang=tuple(
                Rang(_door(desk, one.unit_id), one.alerts, one.not_them) for one in alarm.doors
            ),
            watched=alarm.stands,
        )


def venue_names(root: Root) -> dict[str, str]:
    """Give the venues' names by their ids, those of former venues included."""
    return {venue.venue_id: venue.name for venue in root.venues}


def signing_keys(desk: Desk, receipts: tuple[Receipt, ...]) -> dict[str, bytes]:
    """Give the public keys against which anybody can check these receipts, by unit."""
    units = desk.book.units
    return {
        one.unit_id: units[one.unit_id].registration.signing_key
        for one in receipts
        if one.unit_id in units
    }


def _content(desk: Desk, entry_id: str) -> tuple[PutProposal | None, frozenset[str]]:
    """Read what an entry says, and which venues signed it."""
    row = desk.store.find("entry", entry_id, EntryRow)
    if row is not None:
        seq = row.puts[-1] if row.puts else 0
        wire = desk.store.take("content", seq) if seq else None
    else:
        waiting = desk.store.each("waiting", WaitingRow, "entry_id = ?", (entry_id,))
        seq, wire = 0, next((one.wire for _, one in waiting), None)
    if wire is None:
        return None, frozenset()
    carried = Signed.parse(wire, KIND)
    said = parse_proposal(carried.body)
    venues = signing_venues(carried, desk.root, seal.verify, seq)
    return (said, venues) if isinstance(said, PutProposal) else (None, frozenset())


def _door(desk: Desk, unit_id: str) -> str:
    unit = desk.book.units.get(unit_id)
    return unit.registration.name if unit else unit_id


def _note(desk: Desk, entry_id: str) -> str:
    """Give what the hub's people noted; it is about the person, so it is theirs to see."""
    row = notes.read(desk.store, entry_id)
    return row.words if row else ""


def _happenings(desk: Desk, entry_id: str, names: Mapping[str, str]) -> Iterator[Happening]:
    """Find an entry's history in the audit log, looks at it included."""
    doors = {one: unit.registration.name for one, unit in desk.book.units.items()}
    for _, row in desk.store.each("audit", AuditRow):
        if row.what == entry_id or entry_id in row.detail:
            yield Happening(row.at_ms, row.did, doer(row.who, names, doors))


def doer(who: str, venues: Mapping[str, str], doors: Mapping[str, str]) -> Doer:
    """Tell who did something, without the name of anybody.

    Args:
        who: As in the audit log.
        venues: Names by id.
        doors: Names by id.
    """
    if who == "hub":
        return Doer(Party.HUB)
    if who in doors:
        return Doer(Party.DOOR, doors[who])
    ids = who.split("+")
    if all(one in venues for one in ids):
        return Doer(Party.VENUE, ", ".join(sorted(venues[one] for one in ids)))
    return Doer(Party.STAFF)


def _places(desk: Desk, entry_id: str, names: Mapping[str, str], now_ms: int) -> tuple[Place, ...]:
    units = desk.book.units
    return tuple(
        Place(one.name, names.get(units[one.unit_id].registration.venue_id, ""), one)
        for one in reach.reach(desk, entry_id, now_ms)
    )
