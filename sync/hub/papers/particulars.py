"""What only people can say about their consortium: who answers for it, and on what ground.

Nothing here is guessed or filled with an example: a paper with a gap shows the gap.
"""

from datetime import date
from enum import StrEnum

import msgspec
from msgspec import Struct

from sync.hub.desk import Desk
from sync.hub.rows import encode

NAME = "particulars"
"""The row of the table of papers."""

LONGEST_LINE = 200
LONGEST_TEXT = 2_000

_WEB = ("https://", "http://")


class Ground(StrEnum):
    """The lawful basis on which a category of entries rests, with its condition for biometrics.

    UK GDPR Articles 6 and 9, Data Protection Act 2018 Schedule 1. Which one holds is for the
    consortium and its adviser to decide; nothing is chosen until they do.
    """

    UNDECIDED = "undecided"
    UNLAWFUL_ACTS = "unlawful-acts"  # 6(1)(f), 9(2)(g), Schedule 1 paragraph 10
    SAFEGUARDING = "safeguarding"  # 6(1)(f), 9(2)(g), Schedule 1 paragraph 18
    CONSENT = "consent"  # 6(1)(a), 9(2)(a)
    VITAL = "vital"  # 6(1)(d), 9(2)(c)


class AtVenue(Struct, frozen=True):
    """What one venue has confirmed.

    Attributes:
        sign_on: The day on which somebody saw its door sign hanging, YYYY-MM-DD; "" before.
        sign_by: Who saw it.
        agreed_on: The day on which it signed the sharing agreement; "" before.
    """

    sign_on: str = ""
    sign_by: str = ""
    agreed_on: str = ""


class Particulars(Struct, frozen=True, kw_only=True):
    """What people said. Everything is empty until they do.

    Attributes:
        controller: Who answers for the list: a name as in a register of companies.
        address: Postal address.
        contact: E-mail or telephone for requests.
        officer: The data protection officer or adviser, and how to reach them.
        registration: Number with the supervisory authority.
        authority: Name of the supervisory authority.
        authority_web: Its web address for complaints.
        notice_web: Address at which the privacy notice can be read by anybody.
        appeal: Where and how to appeal against a ban.
        answer_days: Days within which an appeal is answered.
        banned: On what ground people are banned.
        self_excluded: On what ground people are listed who asked for it.
        welfare: On what ground the missing and vulnerable are listed.
        entrants: People who walk in on a busy night, all venues together.
        false_stops: False STOP alerts a night that each door is set to accept.
        need: Why this is needed: what happened, how often, in their own words.
        tried: What was tried that intrudes less, and why it was not enough.
        consulted: Who was asked, and what they said.
        advice: What the officer or adviser said.
        venues: What each venue confirmed, by id.
    """

    controller: str = ""
    address: str = ""
    contact: str = ""
    officer: str = ""
    registration: str = ""
    authority: str = ""
    authority_web: str = ""
    notice_web: str = ""
    appeal: str = ""
    answer_days: int = 0
    banned: Ground = Ground.UNDECIDED
    self_excluded: Ground = Ground.UNDECIDED
    welfare: Ground = Ground.UNDECIDED
    entrants: int = 0
    false_stops: int = 0
    need: str = ""
    tried: str = ""
    consulted: str = ""
    advice: str = ""
    venues: dict[str, AtVenue] = {}

    def at(self, venue_id: str) -> AtVenue:
        """Give what one venue confirmed."""
        return self.venues.get(venue_id, AtVenue())


LINES = (
    "controller", "address", "contact", "officer", "registration", "authority",
    "authority_web", "notice_web", "appeal",
)  # fmt: skip
"""Fields of one line."""

TEXTS = ("need", "tried", "consulted", "advice")
"""Fields of several lines."""

NUMBERS = ("answer_days", "entrants", "false_stops")
GROUNDS = ("banned", "self_excluded", "welfare")

NEEDED = ("controller", "address", "contact", "authority", "appeal", "notice_web", "banned", "need")
"""What no paper is whole without."""


def read(desk: Desk) -> Particulars:
    """Read what people said; all of it empty before."""
    return desk.store.find("paper", NAME, Particulars) or Particulars()


def keep(desk: Desk, said: Particulars, who: str, now_ms: int) -> None:
    """Write what people said; the audit log keeps which fields changed."""
    before = read(desk)
    changed = [
        name
        for name in Particulars.__struct_fields__
        if getattr(before, name) != getattr(said, name)
    ]
    if not changed:
        return
    with desk.change():
        desk.store.put("paper", NAME, encode(said))
        desk.note(now_ms, who, "particulars", "papers", " ".join(changed))


def faults(said: Particulars) -> dict[str, str]:
    """Find what is wrong with what was said: field to one word, "long", "web" or "day"."""
    found = {name: "long" for name in LINES if len(getattr(said, name)) > LONGEST_LINE}
    found |= {name: "long" for name in TEXTS if len(getattr(said, name)) > LONGEST_TEXT}
    for name in ("notice_web", "authority_web"):
        address = getattr(said, name)
        if address and (not address.startswith(_WEB) or not address.isprintable()):
            found[name] = "web"
    for venue_id, at in said.venues.items():
        found |= {
            f"{what}-{venue_id}": "day"
            for what, day in (("sign_on", at.sign_on), ("agreed_on", at.agreed_on))
            if day and not is_day(day)
        }
    return found


def missing(said: Particulars) -> tuple[str, ...]:
    """Name the fields that no paper is whole without and that are still empty."""
    return tuple(name for name in NEEDED if getattr(said, name) in {"", 0, Ground.UNDECIDED})


def is_day(text: str) -> bool:
    """Tell whether a text is a day, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def with_venue(said: Particulars, venue_id: str, at: AtVenue) -> Particulars:
    """Give the particulars with what one venue confirmed."""
    return msgspec.structs.replace(said, venues={**said.venues, venue_id: at})
