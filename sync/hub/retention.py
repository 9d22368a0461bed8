"""What is kept, until when, and what makes it go: nothing is kept by forgetting about it.

Every term here is enforced by code that runs by itself; this module looks whether it has, and
names what a person has to decide: a renewal is a new decision, never a default.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sync.entries import LONGEST_DAYS, Category, Reason, category_of
from sync.hub import outbox, proposing, reach, words
from sync.hub.card import Card
from sync.hub.desk import Desk
from sync.hub.facts import Standing
from sync.hub.rights.book import Requests
from sync.hub.rows import AuditRow, WaitingRow
from sync.liveset import State
from sync.statement.policy import DAY_MS

SOON_DAYS = 30
"""An entry that ends within so many days is shown for review."""

CONTESTED_DAYS = 14
"""A contested entry that nobody settled for so long wants a decision."""

TRIED_DAYS = 3
"""Days without a drill after which somebody is told: it is made every morning."""

MOST_SHOWN = 100
"""Lines of each table; the page says where there are more."""

MOST_ENDED = 20
"""Entries that ended by themselves which are shown as proof."""

_AUDIT_WINDOW = 2_000


@dataclass(frozen=True, slots=True)
class Term:
    """How long entries for one reason may stand, and how long they do.

    Attributes:
        reason: Which.
        category: What it belongs to.
        longest_days: The most that this software admits.
        policy_days: The most that the venues agreed on.
        entries: How many entries stand for it.
        mean_days: The mean of the terms they were given; 0 without any.
    """

    reason: Reason
    category: Category
    longest_days: int
    policy_days: int
    entries: int
    mean_days: float


@dataclass(frozen=True, slots=True)
class Waits:
    """A proposal that goes by itself if nobody approves it.

    Attributes:
        entry_id: About which entry; "" for the policy.
        since_ms: Since when it waits.
        dropped_ms: When it goes.
    """

    entry_id: str
    since_ms: int
    dropped_ms: int


@dataclass(frozen=True, slots=True)
class Unproven:
    """An entry that is erased here, and not yet by every door's signed word.

    Attributes:
        entry_id: Which.
        erased_ms: Since when.
        doors: Names of the doors that have not said so.
        lapses_ms: When the last of their leases on it ends by itself.
    """

    entry_id: str
    erased_ms: int
    doors: tuple[str, ...]
    lapses_ms: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup: what is erased here is erased there, while it is in reach.

    Attributes:
        path: Where it lies.
        there: Whether it is in reach now.
    """

    path: str
    there: bool


@dataclass(frozen=True, slots=True)
class Keeping:
    """How retention stands.

    Attributes:
        over: Entries past their end that still stand: 0, or the hub does not run.
        next_end_ms: When the next entry ends by itself; None without entries.
        terms: By reason.
        ending: Entries that end soon, soonest first.
        contested: Entries in dispute for too long, oldest first.
        waits: Proposals without approval, oldest first.
        unproven: Erased entries without every door's word.
        ended: (entry, when) of the newest that ended by themselves.
        copies: Backups that the hub knows of.
        drilled_ms: When one was last restored and compared; 0 if none ever was.
        unpurged: Erasures that are still to be carried out in a backup.
        requests: Closed requests that still hold somebody's words.
    """

    over: int
    next_end_ms: int | None
    terms: tuple[Term, ...]
    ending: tuple[Card, ...]
    contested: tuple[Card, ...]
    waits: tuple[Waits, ...]
    unproven: tuple[Unproven, ...]
    ended: tuple[tuple[str, int], ...]
    copies: tuple[Copy, ...]
    drilled_ms: int
    unpurged: int
    requests: int


def look(desk: Desk, cards: Mapping[str, Card], now_ms: int) -> Keeping:
    """Look how retention stands.

    Args:
        desk: The hub.
        cards: Every entry that waits, counts or is contested.
        now_ms: Milliseconds since the epoch.
    """
    with desk.look():
        return Keeping(
            over=len(proposing.ends(desk, now_ms)),
            next_end_ms=proposing.next_end_ms(desk),
            terms=terms(desk, cards.values()),
            ending=ending(cards.values(), now_ms),
            contested=long_contested(cards.values(), now_ms),
            waits=_waits(desk),
            unproven=_unproven(desk, now_ms),
            ended=_ended(desk),
            copies=tuple(Copy(one, Path(one).is_file()) for one in desk.store.state.copies),
            drilled_ms=desk.store.state.drilled_ms,
            unpurged=len(outbox.purges(desk.store)),
            requests=sum(not (one.open or one.forgotten) for _, one in Requests(desk).each()),
        )


def is_untried(desk: Desk, now_ms: int) -> bool:
    """Tell whether there are backups and none was restored and compared for some days."""
    state = desk.store.state
    return bool(state.copies) and now_ms - state.drilled_ms > TRIED_DAYS * DAY_MS


def tidy(desk: Desk, now_ms: int) -> None:
    """Destroy what has been kept for its time; the running hub calls it again and again."""
    Requests(desk).forget(now_ms)


def terms(desk: Desk, cards: Iterable[Card]) -> tuple[Term, ...]:
    """Tell for each reason how long entries may stand, and how long they do."""
    policy, counted, days = desk.book.ledger.policy, Counter[Reason](), Counter[Reason]()
    for card in cards:
        if card.reason and card.standing is not Standing.WAITING:
            counted[card.reason] += 1
            days[card.reason] += (card.until_ms - card.created_ms) // DAY_MS
    return tuple(
        Term(
            reason,
            category_of(reason),
            longest,
            policy.longest_days(reason),
            counted[reason],
            days[reason] / counted[reason] if counted[reason] else 0.0,
        )
        for reason, longest in LONGEST_DAYS.items()
    )


def ending(cards: Iterable[Card], now_ms: int) -> tuple[Card, ...]:
    """Give the entries that end soon, soonest first."""
    soon_ms = now_ms + SOON_DAYS * DAY_MS
    found = [
        one for one in cards if one.standing is not Standing.WAITING and one.until_ms <= soon_ms
    ]
    return tuple(sorted(found, key=lambda one: one.until_ms))


def long_contested(cards: Iterable[Card], now_ms: int) -> tuple[Card, ...]:
    """Give the entries whose dispute nobody settled in time, oldest first."""
    before_ms = now_ms - CONTESTED_DAYS * DAY_MS
    found = [
        one for one in cards if one.standing is Standing.CONTESTED and one.changed_ms <= before_ms
    ]
    return tuple(sorted(found, key=lambda one: one.changed_ms))


def _waits(desk: Desk) -> tuple[Waits, ...]:
    rows = [row for _, row in desk.store.each("waiting", WaitingRow)]
    term_ms = proposing.WAITING_DAYS * DAY_MS
    found = [Waits(row.entry_id, row.since_ms, row.since_ms + term_ms) for row in rows]
    return tuple(sorted(found, key=lambda one: one.since_ms))


def _unproven(desk: Desk, now_ms: int) -> tuple[Unproven, ...]:
    """Find erasures that some door has not confirmed, by the record that every door has reached."""
    reached = _reached_by_all(desk)
    late = [
        (leaf.seq, entry_id)
        for entry_id, leaf in desk.book.ledger.live.items()
        if leaf.state is State.GONE and leaf.seq > reached
    ]
    found = [_open_erasure(desk, entry_id, now_ms) for _, entry_id in sorted(late)[:MOST_SHOWN]]
    return tuple(one for one in found if one is not None)


def _reached_by_all(desk: Desk) -> int:
    """Give the record up to which every door in the list's books has confirmed."""
    said = [
        words.newest(desk, unit_id)
        for unit_id, unit in desk.book.units.items()
        if not unit.row.destroyed_ms
    ]
    return min((one.seq if one and one.agrees else 0 for one in said), default=desk.book.ledger.seq)


def _open_erasure(desk: Desk, entry_id: str, now_ms: int) -> Unproven | None:
    missing = [one for one in reach.reach(desk, entry_id, now_ms) if one.confirmed_ms is None]
    if not missing:
        return None
    facts = reach.entry(desk, entry_id)
    doors = tuple(one.name for one in missing)
    return Unproven(entry_id, facts.appended_ms, doors, max(one.lapses_ms for one in missing))


def _ended(desk: Desk) -> tuple[tuple[str, int], ...]:
    """Give the newest entries that ended by themselves, from the newest part of the audit log."""
    after = max(0, desk.store.state.audited - _AUDIT_WINDOW)
    rows = [row for _, row in desk.store.each("audit", AuditRow, "number > ?", (after,))]
    ended = [(row.what, row.at_ms) for row in rows if row.did == "expire"]
    return tuple(reversed(ended[-MOST_ENDED:]))
