"""The list in a browser: searched, sieved, as photos or as a table, 24 entries on a page."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.entries import Category
from sync.hub.accounts.person import Person
from sync.hub.finding import Found, Order, Show, Wish, find
from sync.hub.hubclock import now_ms
from sync.hub.rights.held import venue_names
from sync.hub.web.may import Act, require
from sync.hub.web.office import Office
from sync.hub.web.pages import render
from sync.hub.web.seeing import Pictured, pictured, scopes_of
from sync.hub.web.texts import t

LONGEST_WORDS = 100
"""Characters of a search."""

_FIELDS = ("words", "venue", "category", "show", "order", "view")

AnyChoice = TypeVar("AnyChoice", bound=StrEnum)


class View(StrEnum):
    """How the list is shown."""

    PHOTOS = "photos"
    TABLE = "table"


class Entries:
    """The room of the list."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the route of its page."""
        return [Route("/entries", self.show)]

    async def show(self, request: Request) -> Response:
        """Show one page of what was looked for."""
        person = request.state.person
        require(person, Act.SEE_ENTRY)
        asked = {name: request.query_params.get(name, "") for name in _FIELDS}
        wish = _wish(asked, request.query_params.get("page", ""))
        found, shown, names = await self._office.ask(lambda: self._find(person, wish))
        return render(
            request,
            "entries/list.html",
            found=found,
            shown=shown,
            names=names,
            asked=asked,
            table=_chosen(asked["view"], View) is View.TABLE,
            sieved=any(asked[name] for name in ("words", "venue", "category", "show")),
            options=_options(names),
            turned={page: _turned(asked, page) for page in (found.page - 1, found.page + 1)},
            views={view: _turned(asked | {"view": view}, 1) for view in View},
        )

    def _find(self, person: Person, wish: Wish) -> tuple[Found, list[Pictured], dict[str, str]]:
        cards = self._office.register.newest_first(scopes_of(person))
        found = find(cards, wish, now_ms())
        names = venue_names(self._office.service.root)
        return found, pictured(self._office, person, found.cards), names


def _wish(asked: Mapping[str, str], page: str) -> Wish:
    """Read what is looked for; what was never offered is passed over."""
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return Wish(
        words=asked["words"][:LONGEST_WORDS],
        venue_id=asked["venue"],
        category=_chosen(asked["category"], Category),
        show=_chosen(asked["show"], Show) or Show.EVERY,
        order=_chosen(asked["order"], Order) or Order.NEWEST,
        page=number,
    )


def _chosen(word: str, kind: type[AnyChoice]) -> AnyChoice | None:
    try:
        return kind(word)
    except ValueError:
        return None


def _options(names: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Give what the sieve offers, field by field."""
    venues = sorted(names.items(), key=lambda pair: pair[1].casefold())
    return {
        "venue": [("", t("entries.sieve.any_venue")), *venues],
        "category": [
            ("", t("entries.sieve.any_category")),
            *((one.value, t(f"words.category.{one}")) for one in Category),
        ],
        "show": [
            ("" if one is Show.EVERY else one.value, t(f"entries.show.{one}")) for one in Show
        ],
        "order": [
            ("" if one is Order.NEWEST else one.value, t(f"entries.order.{one}")) for one in Order
        ],
    }


def _turned(asked: Mapping[str, str], page: int) -> str:
    """Give the address of another page of the same search."""
    fields = {name: word for name, word in asked.items() if word}
    return "/entries?" + urlencode({**fields, "page": page} if page > 1 else fields)
