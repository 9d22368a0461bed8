"""Retention in a browser: what ends soon, what waits for a decision, what goes by itself when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.entries import Reason
from sync.hub import retention
from sync.hub.accounts.person import Person, Role
from sync.hub.alarms import KEPT_DAYS as ALARM_DAYS
from sync.hub.backup import KEPT
from sync.hub.card import Card
from sync.hub.exchange import CONFIRMED_DAYS
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.hub.proposing import WAITING_DAYS
from sync.hub.reach import entry
from sync.hub.retention import CONTESTED_DAYS, MOST_SHOWN, SOON_DAYS, Keeping
from sync.hub.rights.book import KEPT_DAYS, WORDS_KEPT_DAYS
from sync.hub.rights.held import venue_names
from sync.hub.web.may import Act, may, require
from sync.hub.web.notices import Level, Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import render
from sync.hub.web.seeing import scopes_of
from sync.hub.web.texts import t
from sync.statement.policy import DAY_MS

SOONEST_DAYS = 7
"""Somebody is reminded of an entry that ends within so many days."""

_PATIENCE_MS = 60_000
"""How long the running hub may take to take off what is over."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How retention stands, for one person.

    Attributes:
        keeping: What ends, waits, and is kept.
        names: Of venues, by id.
        reasons: Of the entries whose proposals wait, by entry.
    """

    keeping: Keeping
    names: dict[str, str]
    reasons: dict[str, Reason | None]


class Retention:
    """The room of retention."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the route of its page."""
        return [Route("/retention", self.show)]

    async def attention(self, person: Person) -> list[Notice]:
        """Tell what is over and still stands, what nobody settled, what ends in these days."""
        if not may(person, Act.SEE_RETENTION):
            return []
        cards, over, untried = await self._office.ask(lambda: self._read(person))
        now = now_ms()
        soon = [one for one in cards if one.until_ms <= now + SOONEST_DAYS * DAY_MS]
        told: tuple[tuple[Level, str, int], ...] = (
            ("now", "over", over),
            ("soon", "untried", untried and retention.TRIED_DAYS),
            ("soon", "contested", len(retention.long_contested(cards, now))),
            ("info", "ending", len(retention.ending(soon, now))),
        )
        return [
            Notice(
                level, t(f"retention.notice.{what}", count=count, days=SOONEST_DAYS), "/retention"
            )
            for level, what, count in told
            if count
        ]

    async def show(self, request: Request) -> Response:
        """Show how retention stands."""
        person = request.state.person
        require(person, Act.SEE_RETENTION)
        looked = await self._office.ask(lambda: self._look(person))
        return render(
            request,
            "retention/show.html",
            keeping=looked.keeping,
            names=looked.names,
            reasons=looked.reasons,
            most=MOST_SHOWN,
            soon_days=SOON_DAYS,
            contested_days=CONTESTED_DAYS,
            kept=_kept(),
            now=now_ms(),
        )

    def _read(self, person: Person) -> tuple[Sequence[Card], int, bool]:
        """Give what this person may see, and for one who can do something what is amiss.

        That is how many entries are over, and whether no backup was tried lately.
        """
        cards = self._office.register.newest_first(scopes_of(person))
        if person.role is not Role.ADMINISTRATOR:
            return cards, 0, False
        return cards, self._over(), retention.is_untried(self._office.service.desk, now_ms())

    def _over(self) -> int:
        """Count what is over for longer than a running hub needs to take it off."""
        before_ms = now_ms() - _PATIENCE_MS
        return sum(
            one.until_ms <= before_ms and one.standing is not Standing.WAITING
            for one in self._office.register.newest_first()
        )

    def _look(self, person: Person) -> Looked:
        desk = self._office.service.desk
        cards, scopes = self._office.register.cards(), scopes_of(person)
        keeping = retention.look(desk, cards, now_ms())

        def seen(card: Card | None) -> bool:
            return card is not None and (scopes is None or card.scope in scopes)

        def known(entry_id: str) -> bool:
            """Tell whether an entry that is gone counted where this person may see."""
            return scopes is None or entry(desk, entry_id).ring.partition("/")[0] in scopes

        waits = [one for one in keeping.waits if not one.entry_id or seen(cards.get(one.entry_id))]
        return Looked(
            replace(
                keeping,
                over=self._over(),
                ending=tuple(one for one in keeping.ending if seen(one)),
                contested=tuple(one for one in keeping.contested if seen(one)),
                waits=tuple(waits),
                unproven=tuple(one for one in keeping.unproven if known(one.entry_id)),
                ended=tuple(one for one in keeping.ended if known(one[0])),
            ),
            venue_names(desk.root),
            {one.entry_id: cards[one.entry_id].reason for one in waits if one.entry_id},
        )


def _kept() -> list[tuple[str, str]]:
    """Say for everything that is kept until when; the terms are those of the code."""
    days = {
        "proposal": WAITING_DAYS,
        "confirmation": CONFIRMED_DAYS,
        "request_words": WORDS_KEPT_DAYS,
        "request": KEPT_DAYS,
        "alarm": ALARM_DAYS,
    }
    plain = ("face", "entry", "note", "draft", "night", "receipt", "audit", "session", "account")
    return [
        *((t(f"retention.kept.{what}.what"), t(f"retention.kept.{what}.term")) for what in plain),
        *(
            (t(f"retention.kept.{what}.what"), t(f"retention.kept.{what}.term", days=term))
            for what, term in days.items()
        ),
        (t("retention.kept.backup.what"), t("retention.kept.backup.term", copies=KEPT)),
    ]
