"""What somebody at a desk goes to, page by page, and how often. Pure."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from sync.bench.town import Visitor
from sync.entries import Reason

ENTRIES_A_PAGE = 24


class Sights(Struct, frozen=True):
    """What the addresses of pages name.

    Attributes:
        entries: Ids of entries that everybody sees.
        own: Ids of entries by the venue that proposed them.
        waiting: Ids of entries that wait for approval.
        doors: Ids of units.
        requests: Numbers of people's requests, by the venue where they came in.
    """

    entries: tuple[str, ...]
    own: dict[str, tuple[str, ...]]
    waiting: tuple[str, ...]
    doors: tuple[str, ...]
    requests: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Going:
    """Somebody who chooses where to go next.

    Attributes:
        sights: What there is.
        visitor: Who.
        chance: Chooses.
        disputes: Ids of entries that this person alone puts in dispute, each of them once.
    """

    sights: Sights
    visitor: Visitor
    chance: random.Random
    disputes: list[str] = field(default_factory=list)

    def any_entry(self) -> str:
        """Choose an entry that everybody sees."""
        return self.chance.choice(self.sights.entries)

    def waiting_entry(self) -> str:
        """Choose an entry that waits for approval."""
        return self.chance.choice(self.sights.waiting)

    def own_entry(self) -> str:
        """Choose an entry of this person's venue that nobody puts in dispute."""
        return self.chance.choice(self.sights.own[self.visitor.venue_id][1::2])

    def venue(self) -> str:
        """Choose a venue: this person's own, where there is one."""
        return self.visitor.venue_id or self.chance.choice(list(self.sights.own))

    def disputed(self) -> str:
        """Choose an entry to put in dispute."""
        return self.disputes.pop() if self.disputes else self.own_entry()

    def request(self) -> int:
        """Choose a request that this person sees."""
        known = self.sights.requests
        seen = known.get(self.visitor.venue_id) or [one for each in known.values() for one in each]
        return self.chance.choice(seen)

    def page(self) -> int:
        """Choose a page of the list: mostly the first ones."""
        last = max(1, len(self.sights.entries) // ENTRIES_A_PAGE)
        return min(last, 1 + int(self.chance.expovariate(0.3)))


@dataclass(frozen=True, slots=True)
class Errand:
    """One kind of page.

    Attributes:
        name: For the table.
        often: How often, in comparison with the others.
        path: Where it is.
        typed: What is sent to it; None for a page that is only looked at.
    """

    name: str
    often: int
    path: Callable[[Going], str]
    typed: Callable[[Going], dict[str, str]] | None = None


def _at(path: str) -> Callable[[Going], str]:
    return lambda _: path


def _reason(going: Going) -> str:
    return going.chance.choice(list(Reason)).value


_EVERYBODY = (
    Errand("home", 8, _at("/")),
    Errand("list", 12, lambda going: f"/entries?page={going.page()}"),
    Errand("list, as a table", 4, lambda going: f"/entries?view=table&page={going.page()}"),
    Errand("list, searched", 8, lambda going: f"/entries?words={_reason(going)}"),
    Errand("list, ending soon", 3, _at("/entries?show=ending")),
    Errand("list, awaiting approval", 3, _at("/entries?show=waiting")),
    Errand("entry", 16, lambda going: f"/entries/{going.any_entry()}"),
    Errand("entry, live row", 12, lambda going: f"/entries/{going.any_entry()}/reach"),
    Errand("photo", 4, lambda going: f"/entries/{going.any_entry()}/photo.jpg"),
    Errand("nights", 4, _at("/nights")),
    Errand("doors", 5, _at("/doors")),
    Errand("doors, live rows", 10, _at("/doors/rows")),
    Errand("door", 2, lambda going: f"/doors/{going.chance.choice(going.sights.doors)}"),
    Errand("requests", 2, _at("/rights")),
    Errand("request", 2, lambda going: f"/rights/{going.request()}"),
    Errand("retention", 3, _at("/retention")),
    Errand("papers", 2, _at("/papers")),
    Errand("paper: assessment", 1, _at("/papers/assessment")),
    Errand("paper: balance", 1, _at("/papers/balance")),
    Errand("paper: accuracy", 1, _at("/papers/accuracy")),
    Errand("paper: agreement", 1, _at("/papers/agreement")),
    Errand("paper: notice", 1, _at("/papers/notice")),
    Errand("paper: door sign", 1, lambda going: f"/papers/sign/{going.venue()}"),
    Errand("paper: slips", 1, lambda going: f"/papers/slips/{going.venue()}"),
    Errand("account", 1, _at("/account")),
    Errand("style sheet", 2, _at("/static/hub.css")),
)

_MANAGER = (
    Errand("approvals", 3, _at("/approvals")),
    Errand("entry that waits", 2, lambda going: f"/entries/{going.waiting_entry()}"),
    Errand("add", 5, _at("/add")),
    Errand("extend", 2, lambda going: f"/entries/{going.own_entry()}/extend"),
    Errand("correct", 2, lambda going: f"/entries/{going.own_entry()}/correct"),
    Errand("paper: letter", 1, lambda going: f"/papers/letter/{going.own_entry()}"),
    Errand("another photo", 2, lambda going: f"/entries/{going.own_entry()}/photo"),
    Errand("request, new", 1, _at("/rights/new")),
    Errand("invite a door", 1, _at("/doors/invite")),
    Errand("lift", 2, lambda going: f"/entries/{going.own_entry()}/lift"),
    Errand("held changes", 6, _at("/held")),
    Errand("users", 1, _at("/users")),
    Errand(
        "note kept",
        3,
        lambda going: f"/entries/{going.own_entry()}/note",
        lambda going: {"note": f"seen {going.chance.randrange(10_000)}"},
    ),
    Errand("in dispute", 1, lambda going: f"/entries/{going.disputed()}/contest", lambda _: {}),
)

_AT_THE_OFFICE = (
    Errand("audit log", 12, _at("/audit")),
    Errand("audit log, searched", 6, _at("/audit?words=venue")),
    Errand("users", 6, _at("/users")),
)

EXAMINED = Errand("a photo, examined", 1, _at("/add"))
"""The first step of adding somebody, with the photo that was given."""


def errands(visitor: Visitor, *, with_photo: bool = False) -> Sequence[Errand]:
    """Give what somebody of this role does, with a photo to send or without."""
    if visitor.role != "manager":
        return (*_EVERYBODY, *_AT_THE_OFFICE)
    return (*_EVERYBODY, *_MANAGER, *((EXAMINED,) if with_photo else ()))


def next_errand(going: Going, *, with_photo: bool) -> Errand:
    """Choose what somebody does next."""
    known = errands(going.visitor, with_photo=with_photo)
    (chosen,) = going.chance.choices(known, [one.often for one in known])
    return chosen
