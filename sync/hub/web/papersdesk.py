"""What every paper is filled from, gathered once for a page; and how a paper is sent."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sync.entries import Category
from sync.hub.hubclock import now_ms
from sync.hub.papers import copies, figures, particulars
from sync.hub.papers.accuracy import Accuracy, Night, accuracy
from sync.hub.papers.copies import Assessment, Change, Copy
from sync.hub.papers.figures import Counts, Settings
from sync.hub.papers.particulars import AtVenue, Ground, Particulars
from sync.hub.papers.risks import Grade, Risk, weighed
from sync.hub.web import downloads
from sync.hub.web.office import Office
from sync.hub.web.pages import html, render
from sync.hub.web.qr import qr_address
from sync.hub.web.stylesheet import paper_style
from sync.hub.web.texts import known, t
from sync.hub.web.times import day

_WORDS = {
    "longest_days": "words.reason",
    "by_reason": "words.reason",
    "by_category": "words.category",
    "two_person": "words.category",
    "people": "words.role",
    "requests": "rights.kind",
}
"""Figures whose details have words of their own."""


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """One venue on a paper.

    Attributes:
        venue_id: Which.
        name: Its name.
        doors: How many doors it has.
        at: What it confirmed.
    """

    venue_id: str
    name: str
    doors: int
    at: AtVenue


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a paper may state.

    Attributes:
        assessment: Settings, answers and counts.
        venues: The venues in force, by name.
        accuracy: What is known of the network's errors.
        made_ms: When this was gathered.
    """

    assessment: Assessment
    venues: tuple[VenueFacts, ...]
    accuracy: Accuracy
    made_ms: int

    @property
    def settings(self) -> Settings:
        """What people chose."""
        return self.assessment.settings

    @property
    def said(self) -> Particulars:
        """What people said."""
        return self.assessment.particulars

    @property
    def counts(self) -> Counts:
        """What it came to."""
        return self.assessment.counts

    @property
    def night(self) -> Night | None:
        """What a simulated night came to."""
        return self.accuracy.night

    @property
    def appeal(self) -> str:
        """How to appeal, to stand before a full stop."""
        return self.said.appeal.rstrip(". ") or t("papers.gap")

    @property
    def grounds(self) -> tuple[tuple[Category, Ground], ...]:
        """On what ground each category rests."""
        return (
            (Category.BANNED, self.said.banned),
            (Category.SELF_EXCLUDED, self.said.self_excluded),
            (Category.WELFARE, self.said.welfare),
        )

    @property
    def two_person(self) -> str:
        """The categories that take two venues, in words; "" for none."""
        return ", ".join(t(f"words.category.{one}") for one in self.settings.two_person)

    @property
    def risks(self) -> tuple[Risk, ...]:
        """Every risk, weighed."""
        return weighed(self.assessment, self.accuracy.model_id)

    @property
    def high(self) -> bool:
        """Whether a risk is still high."""
        return any(one.after is Grade.HIGH for one in self.risks)

    @property
    def open(self) -> tuple[str, ...]:
        """What is left to do, in words."""
        return tuple(self._open())

    def _open(self) -> Iterator[str]:
        for name in particulars.missing(self.said):
            yield t("papers.dpia.open.gap", what=t(f"papers.form.{name}"))
        for venue in self.venues:
            if not venue.at.sign_on:
                yield t("papers.dpia.open.sign", venue=venue.name)
            if not venue.at.agreed_on:
                yield t("papers.dpia.open.agreed", venue=venue.name)
        for what in ("silent", "late"):
            if count := getattr(self.counts, what):
                yield t(f"papers.dpia.open.{what}", count=count)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of changes, in words."""

    what: str
    before: str
    after: str


class PapersDesk:
    """Gathers and sends."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self.office = office

    async def facts(self) -> Facts:
        """Gather everything that a paper may state."""
        return await self.office.ask(self._gathered)

    async def newest(self) -> tuple[int, Copy] | None:
        """Give the newest signed copy."""
        return await self.office.ask(lambda: copies.newest(self.office.service.desk))

    def settings(self) -> Settings:
        """Gather what people chose; on the office's thread."""
        return figures.settings(self.office.service.desk, self.office.config.name, now_ms())

    def facts_of(self, number: int) -> tuple[Facts, Copy]:
        """Give what a signed copy stated; on the office's thread.

        Raises:
            HTTPException: 404, there is no such copy.
        """
        copy = dict(copies.each(self.office.service.desk)).get(number)
        if copy is None:
            raise HTTPException(404)
        ids = {one.name: one.venue_id for one in self.office.service.root.venues}
        venues = [(name, ids.get(name, "")) for name in copy.assessment.settings.venues]
        return _facts(copy.assessment, venues, copy.saved_ms), copy

    def sheet(
        self, request: Request, template: str, facts: Facts, name: str, **context: Any
    ) -> Response:
        """Send a paper: as a page, or with ``?file=1`` as a file that needs nothing else.

        Args:
            request: What is answered.
            template: Below ``templates/papers/``.
            facts: What the paper is filled from.
            name: What the file is called.
            context: What else the template names.
        """
        alone = "file" in request.query_params
        around: dict[str, Any] = {
            "f": facts, "data": "", "style": paper_style() if alone else "",
            "square": qr_address(facts.said.notice_web) if facts.said.notice_web else "",
            "percent": percent, "often": often, "left": left,
        }  # fmt: skip
        if alone:
            page = html(request, f"papers/{template}", **around, **context)
            return downloads.attachment(page, f"{name}.html", downloads.HTML)
        return render(request, f"papers/{template}", **around, **context)

    def _gathered(self) -> Facts:
        desk, now = self.office.service.desk, now_ms()
        accounts = [one for one in self.office.accounts.accounts() if not one.ended_ms]
        people = dict(Counter(one.role.value for one in accounts))
        said, settings = particulars.read(desk), self.settings()
        counts = figures.counts(desk, self.office.register.cards(), people, now)
        venues = sorted((one.name, one.venue_id) for one in desk.root.venues if not one.until_seq)
        assessment = Assessment(settings=settings, particulars=said, counts=counts)
        return _facts(assessment, venues, now)


def in_words(changes: tuple[Change, ...], venues: dict[str, str]) -> list[Row]:
    """Write changes as lines of a table.

    Args:
        changes: What differs.
        venues: Names of venues by id.
    """
    return [_row(one, venues) for one in changes]


def percent(share: float) -> str:
    """Write a share as a percentage with one decimal, small ones with two."""
    return f"{100 * share:.{1 if share >= 0.01 or not share else 2}f} %"


def left(risk: str) -> str:
    """Say what stays of a risk, whatever is done; "" where nothing particular does."""
    key = f"papers.left.{risk}"
    return t(key) if key in known() else ""


def often(rate: float) -> str:
    """Write a rate as so many of 10,000."""
    return f"{10_000 * rate:g}"


def _facts(assessment: Assessment, venues: Sequence[tuple[str, str]], made_ms: int) -> Facts:
    """Put the parts together; venues by name and id."""
    doors, said = assessment.settings.doors, assessment.particulars
    return Facts(
        assessment,
        tuple(
            VenueFacts(venue_id, name, doors.get(name, 0), said.at(venue_id))
            for name, venue_id in venues
        ),
        accuracy(),
        made_ms,
    )


def _row(change: Change, venues: dict[str, str]) -> Row:
    sort = _WORDS.get(change.name, "")
    if change.part == "particulars":
        label = f"papers.form.{change.name}"
    else:
        label = f"papers.figure.name.{change.name}"
    detail = venues.get(change.detail) or _worded(sort, change.detail)
    what = t(label) + (f": {detail}" if detail else "")
    return Row(what, _shown(sort, change.before), _shown(sort, change.after))


def _worded(sort: str, word: str) -> str:
    key = f"{sort}.{word}"
    return t(key) if key in known() else word


def _shown(sort: str, value: Any) -> str:
    """Write a value of a field for people."""
    if value is None or value in ("", 0, (), [], {}):
        return t("papers.none")
    if isinstance(value, dict):  # what one venue confirmed
        told = [day(one) if particulars.is_day(one) else one for one in value.values() if one]
        return ", ".join(told)
    if isinstance(value, list | tuple):
        return ", ".join(_worded(sort, str(one)) for one in value)
    text = str(value)
    return t(f"papers.ground.{text}") if text in set(Ground) else text
