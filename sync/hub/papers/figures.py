"""The consortium in figures, as its papers state them: settings that people chose, and counts.

Settings are what an assessment is about: one that changes asks for a new look at it. Counts move
every day; they show whether the assessment still describes what happens.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from msgspec import Struct

from sync.entries import Reason
from sync.hub import reach
from sync.hub.card import Card
from sync.hub.desk import Desk
from sync.hub.facts import Standing, UnitFacts
from sync.hub.hubclock import day_of
from sync.hub.nights import NightBook
from sync.hub.rights.book import Requests
from sync.hub.rights.request import Request
from sync.statement.policy import DAY_MS, SECOND_MS

YEAR_DAYS = 365
NIGHTS_DAYS = 90


class Settings(Struct, frozen=True, kw_only=True):
    """What people chose.

    Attributes:
        name: What the consortium calls its list.
        venues: Names of the venues in force.
        doors: How many doors each venue has, by name.
        networks: The networks that make templates at the doors.
        versions: The software at the doors.
        longest_days: The longest term by reason.
        two_person: Categories whose entries for every door need two venues.
        lease_days: Days for which a door goes on without hearing from the hub.
        report_s: Seconds between two reports of a door.
        officers: How many officers there are, and how many have to sign.
    """

    name: str = ""
    venues: tuple[str, ...] = ()
    doors: dict[str, int] = {}
    networks: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    longest_days: dict[str, int] = {}
    two_person: tuple[str, ...] = ()
    lease_days: float = 0
    report_s: float = 0
    officers: tuple[int, int] = (0, 0)


class Counts(Struct, frozen=True, kw_only=True):
    """What it came to.

    Attributes:
        entries: People on the list, contested ones included.
        contested: Those in dispute.
        waiting: Proposals for a new entry without approval.
        everywhere: Entries that count at every door.
        by_category: Entries by category.
        by_reason: Entries by reason.
        mean_days: Mean of the terms that entries were given.
        silent: Doors that do not report.
        people: Accounts by role.
        requests: Requests of the last year by kind.
        late: Those that were, or are, answered late.
        backups: Copies of the hub that it knows of.
        nights: Nights of single doors that were counted in the last 90 days.
        encounters: People who stood before a camera in them.
        reds: STOP alerts in them.
        right: STOP alerts that staff answered by refusing the person.
        wrong: STOP alerts that staff answered as somebody else.
        hand_held: Checks by hand.
    """

    entries: int = 0
    contested: int = 0
    waiting: int = 0
    everywhere: int = 0
    by_category: dict[str, int] = {}
    by_reason: dict[str, int] = {}
    mean_days: float = 0
    silent: int = 0
    people: dict[str, int] = {}
    requests: dict[str, int] = {}
    late: int = 0
    backups: int = 0
    nights: int = 0
    encounters: int = 0
    reds: int = 0
    right: int = 0
    wrong: int = 0
    hand_held: int = 0


def settings(desk: Desk, name: str, now_ms: int) -> Settings:
    """Gather what people chose; ``name`` is what the consortium calls its list."""
    root, policy = desk.root, desk.book.ledger.policy
    venues = {one.venue_id: one.name for one in root.venues if not one.until_seq}
    doors = _in_force(desk, now_ms)
    counted = Counter(venues.get(door.venue_id, door.venue_id) for door in doors)
    return Settings(
        name=name,
        venues=tuple(sorted(venues.values())),
        doors={venue: counted[venue] for venue in sorted(venues.values())},
        networks=tuple(sorted({door.model_id for door in doors if door.model_id})),
        versions=tuple(sorted({door.version for door in doors if door.version})),
        longest_days={reason.value: policy.longest_days(reason) for reason in Reason},
        two_person=tuple(sorted(policy.two_person)),
        lease_days=policy.lease_ms / DAY_MS,
        report_s=policy.report_every_ms / SECOND_MS,
        officers=(len(root.officers), root.threshold),
    )


def counts(
    desk: Desk,
    cards: Mapping[str, Card],
    people: Mapping[str, int],
    now_ms: int,
) -> Counts:
    """Gather what it came to.

    Args:
        desk: The hub.
        cards: Every entry that waits, counts or is contested.
        people: Accounts by role.
        now_ms: Milliseconds since the epoch.
    """
    listed = [one for one in cards.values() if one.standing is not Standing.WAITING]
    asked = _last_year(desk, now_ms)
    terms = [(one.until_ms - one.created_ms) / DAY_MS for one in listed]
    return Counts(
        entries=len(listed),
        contested=sum(one.standing is Standing.CONTESTED for one in listed),
        waiting=len(cards) - len(listed),
        everywhere=sum(one.everywhere for one in listed),
        by_category=_counted(one.category.value for one in listed),
        by_reason=_counted(one.reason.value for one in listed if one.reason),
        mean_days=round(sum(terms) / len(terms), 1) if terms else 0,
        silent=sum(door.silent for door in _in_force(desk, now_ms)),
        people=dict(people),
        requests=_counted(one.kind.value for one in asked),
        late=sum(_late(one, now_ms) for one in asked),
        backups=len(desk.store.state.copies),
        **_nights(desk, now_ms),
    )


def _nights(desk: Desk, now_ms: int) -> dict[str, int]:
    """Add up what the doors counted."""
    nights = NightBook(desk).nights(day_of(now_ms) - timedelta(NIGHTS_DAYS), now_ms)
    words = {
        "encounters": "encounters", "reds": "reds", "right": "red-refused",
        "wrong": "red-not-them", "hand_held": "hand-held",
    }  # fmt: skip
    added = {
        name: sum(night.totals.get(word, 0) for night in nights) for name, word in words.items()
    }
    return {"nights": len(nights), **added}


def _in_force(desk: Desk, now_ms: int) -> list[UnitFacts]:
    return [reach.facts(desk, one, now_ms) for one in desk.book.units.values() if one.in_force]


def _last_year(desk: Desk, now_ms: int) -> list[Request]:
    since = day_of(now_ms).toordinal() - YEAR_DAYS
    return [
        one
        for _, one in Requests(desk).each()
        if date.fromisoformat(one.received_on).toordinal() >= since
    ]


def _late(request: Request, now_ms: int) -> bool:
    return day_of(request.closed_ms or now_ms) > request.due


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))
