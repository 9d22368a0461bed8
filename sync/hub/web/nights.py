"""What happened, in a browser: alarms on top, then each night and door in numbers and plots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub import alarms
from sync.hub.accounts.person import Person, Role
from sync.hub.alarms import Alarm
from sync.hub.card import Card
from sync.hub.ceremony import in_force
from sync.hub.guarding import OFTEN
from sync.hub.hubclock import now_ms
from sync.hub.nightfigures import LONG_DAYS, FalseReds, Period, Sums, false_reds, periods, summed
from sync.hub.nights import KEPT_DAYS, Night, NightBook, tonight
from sync.hub.web import times
from sync.hub.web.intake import read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.plots import Plot, Span, round_top, span, stacked
from sync.hub.web.seeing import Pictured, entry_id_of, pictured
from sync.hub.web.texts import t

SPANS = (14, 60, KEPT_DAYS)
"""Nights that can be looked back on."""

MOST_ROWS = 62
"""Lines of the table of nights."""


@dataclass(frozen=True, slots=True)
class DoorOf:
    """A door for the choice, with its venue."""

    unit_id: str
    name: str
    venue: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table of doors: its sums, its false reds and their place on the scale."""

    name: str
    sums: Sums
    figure: FalseReds | None
    span: Span | None


@dataclass(frozen=True, slots=True)
class Noticed:
    """An alarm with its entry, and how it rang, door by door, in words."""

    alarm: Alarm
    pictured: Pictured
    doors: tuple[str, ...]
    may_clear: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see: a door, or "" for all, and how many nights."""

    door: str
    days: int


class Nights:
    """The room of nights."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office
        self._book: NightBook | None = None

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/nights", self.show),
            Route("/nights/alarms/{entry_id}", self.ask),
            Route("/nights/alarms/{entry_id}", self.clear, methods=["POST"]),
        ]

    async def attention(self, person: Person) -> list[Notice]:
        """Tell of entries that ring wrongly."""
        if not may(person, Act.SEE_NIGHTS):
            return []
        found = await self._office.ask(lambda: self._standing(person))
        return [
            Notice("now", t(f"nights.notice.{one.why}", entry=one.entry_id[:8]), "/nights#alarms")
            for one, _ in found
        ]

    async def show(self, request: Request) -> Response:
        """Show alarms, plots and tables."""
        person, asked = request.state.person, _asked(request)
        require(person, Act.SEE_NIGHTS)
        doors, noticed, nights = await self._office.ask(lambda: self._look(person, asked))
        if asked.door and asked.door not in doors:
            raise HTTPException(404)
        last = tonight(now_ms())
        shown = periods(nights, last - timedelta(days=asked.days - 1), last)
        sums = summed(nights)
        return render(
            request,
            "nights/show.html",
            noticed=noticed,
            doors=sorted(doors.values(), key=lambda one: (one.venue, one.name)),
            asked=asked,
            spans=SPANS,
            sums=sums,
            figure=false_reds(sums),
            plots=_plots(shown),
            lines=_lines(nights, doors),
            rows=[one for one in reversed(shown) if one.sums.nights][:MOST_ROWS],
            weekly=asked.days > LONG_DAYS,
            why=why_words,
        )

    async def ask(self, request: Request) -> Response:
        """Say what it means to let an entry count again, and ask."""
        noticed = await self._office.ask(lambda: self._noticed(request))
        return render(request, "nights/clear.html", noticed=noticed, why=why_words)

    async def clear(self, request: Request) -> Response:
        """Let an entry count again."""
        await read_form(request)
        entry_id = await self._office.change(lambda: self._clear(request))
        say(request, t("nights.cleared", entry=entry_id[:8]))
        return back("/nights")

    # --- on the office's thread ---------------------------------------------------------------
    def _look(
        self, person: Person, asked: Asked
    ) -> tuple[dict[str, DoorOf], list[Noticed], tuple[Night, ...]]:
        """Read what one page shows; a manager sees the nights of the own venue's doors."""
        desk = self._office.service.desk
        self._book = self._book or NightBook(desk)
        doors = self._doors(person)
        now = now_ms()
        first = tonight(now) - timedelta(days=asked.days - 1)
        found = self._book.nights(first, now)
        wanted = {asked.door} if asked.door else doors.keys()
        nights = tuple(one for one in found if one.unit_id in wanted)
        return doors, self._told(person, self._standing(person)), nights

    def _doors(self, person: Person) -> dict[str, DoorOf]:
        service = self._office.service
        names = {venue.venue_id: venue.name for venue in in_force(service.root)}
        return {
            unit_id: DoorOf(
                unit_id,
                unit.registration.name,
                names.get(unit.registration.venue_id, unit.registration.venue_id),
            )
            for unit_id, unit in service.desk.book.units.items()
            if person.role is not Role.MANAGER or unit.registration.venue_id == person.venue_id
        }

    def _standing(self, person: Person) -> list[tuple[Alarm, Card]]:
        """Give the alarms about entries that somebody may see."""
        cards = self._office.register.cards()
        found = alarms.standing(self._office.service.desk, now_ms())
        known = [(one, cards[one.entry_id]) for one in found if one.entry_id in cards]
        return [pair for pair in known if may(person, Act.SEE_ENTRY, scope=pair[1].scope)]

    def _told(self, person: Person, found: Sequence[tuple[Alarm, Card]]) -> list[Noticed]:
        """Say of alarms what there is to say."""
        units = self._office.service.desk.book.units
        pictures = pictured(self._office, person, [card for _, card in found])
        return [
            Noticed(
                alarm,
                picture,
                tuple(
                    t(
                        f"nights.alarm.door.{'wrong' if rung.not_them else 'rang'}",
                        door=units[rung.unit_id].registration.name,
                        alerts=rung.alerts,
                        wrong=rung.not_them,
                    )
                    for rung in alarm.doors
                    if rung.unit_id in units
                ),
                may(person, Act.CLEAR_ALARM, scope=picture.card.scope),
                may(
                    person,
                    Act.CHANGE_ENTRY,
                    scope=picture.card.scope,
                    venue_id=picture.card.venue_id,
                ),
            )
            for (alarm, _), picture in zip(found, pictures, strict=True)
        ]

    def _clear(self, request: Request) -> str:
        """Let the entry that an address names count again; gives its id."""
        entry_id = self._noticed(request).alarm.entry_id
        alarms.clear(self._office.service.desk, entry_id, request.state.person.who, now_ms())
        return entry_id

    def _noticed(self, request: Request) -> Noticed:
        """Give the alarm that an address names, to somebody who may clear it.

        Raises:
            HTTPException: There is none, or this person may not.
        """
        person, entry_id = request.state.person, entry_id_of(request)
        found = [pair for pair in self._standing(person) if pair[0].entry_id == entry_id]
        if not found:
            raise HTTPException(404)
        require(person, Act.CLEAR_ALARM, scope=found[0][1].scope)
        return self._told(person, found)[0]


def _asked(request: Request) -> Asked:
    """Read what the address asks for; what makes no sense is passed over."""
    door, days = request.query_params.get("door", ""), request.query_params.get("nights", "")
    return Asked(door, int(days) if days in map(str, SPANS) else SPANS[0])


def why_words(alarm: Alarm) -> str:
    """Say for what an entry was noticed."""
    return t(f"nights.alarm.why.{alarm.why}", often=OFTEN)


def _plots(shown: Sequence[Period]) -> list[Plot]:
    """Draw what each night brought."""
    kinds: dict[str, tuple[tuple[str, str], ...]] = {
        "people": (("people", "encounters"),),
        "alerts": (("red", "reds"), ("amber", "ambers")),
        "answers": (("right", "right"), ("wrong", "wrong"), ("open", "unanswered")),
    }
    return [
        stacked(
            name,
            tuple(kind for kind, _ in parts),
            [
                (heights, _label(one), _said(one, name, parts, heights))
                for one in shown
                for heights in [[_count(one.sums, word) for _, word in parts]]
            ],
        )
        for name, parts in kinds.items()
    ]


def _count(sums: Sums, word: str) -> int:
    named = {"ambers": sums.ambers, "right": sums.right, "wrong": sums.wrong}
    return named.get(word, sums.unanswered if word == "unanswered" else sums[word])


def _said(one: Period, name: str, parts: Sequence[tuple[str, str]], heights: Sequence[int]) -> str:
    told = [f"{count} {t(f'nights.plot.{name}.{kind}')}" for (kind, _), count in
            zip(parts, heights, strict=True)]  # fmt: skip
    return f"{_label(one)}: {', '.join(told)}"


def _label(one: Period) -> str:
    return times.short_day(one.last) if one.first == one.last else times.short_day(one.first)


def _lines(nights: Sequence[Night], doors: dict[str, DoorOf]) -> list[Line]:
    """Add up door by door, and put the false reds of all on one scale."""
    sums = {
        unit_id: summed(one for one in nights if one.unit_id == unit_id)
        for unit_id in {one.unit_id for one in nights}
    }
    false = {unit_id: false_reds(one) for unit_id, one in sums.items()}
    ends = [max(one.high, one.budget) for one in false.values() if one]
    end = round_top(max(ends, default=0.0))
    order = sorted(sums, key=lambda unit_id: (doors[unit_id].venue, doors[unit_id].name))
    return [
        Line(
            doors[unit_id].name,
            sums[unit_id],
            found,
            span(found.value, found.low, found.high, found.budget, end) if found else None,
        )
        for unit_id in order
        for found in [false[unit_id]]
    ]
