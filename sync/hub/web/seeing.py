"""What the rooms of entries share: who may see which entry, and pictures within a page.

A picture of a list is part of the page: one page is one request, and one line of the audit log.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from sync.hub.accounts.person import Person, Role
from sync.hub.card import Card
from sync.hub.hubclock import now_ms
from sync.hub.web.may import Act, may
from sync.hub.web.office import Office
from sync.signing import Signer
from sync.statement.proposal import CONSORTIUM

_ENTRY_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Pictured:
    """An entry with its small picture.

    Attributes:
        card: The entry.
        picture: A ``data:`` address; "" where it has no photo.
    """

    card: Card
    picture: str


def entry_id_of(request: Request) -> str:
    """Give the entry that an address names.

    Raises:
        HTTPException: 404, that is no entry's id.
    """
    entry_id: str = request.path_params["entry_id"]
    if not _ENTRY_ID.fullmatch(entry_id):
        raise HTTPException(404)
    return entry_id


def scopes_of(person: Person) -> frozenset[str] | None:
    """Tell where entries count that somebody may see; None for everywhere."""
    if person.role is Role.MANAGER:
        return frozenset({CONSORTIUM, person.venue_id})
    return None


def seen_card(office: Office, person: Person, entry_id: str) -> Card:
    """Give an entry's card; on the office's thread.

    Raises:
        HTTPException: 404, there is none, or this person may not know of it (ASVS 4.2.1).
    """
    card = office.register.cards().get(entry_id)
    if card is None or not may(person, Act.SEE_ENTRY, scope=card.scope):
        raise HTTPException(404)
    return card


def pictured(office: Office, person: Person, cards: Sequence[Card]) -> list[Pictured]:
    """Give cards with their pictures, and note who looked; on the office's thread."""
    if cards:
        entry_ids = [card.entry_id for card in cards]
        office.service.looked(entry_ids, person.who, now_ms())
    return [Pictured(one, embedded(office.register.thumbnail(one.entry_id))) for one in cards]


def embedded(jpeg: bytes) -> str:
    """Put a JPEG into an address; "" for none."""
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode('ascii')}" if jpeg else ""


def signer_of(person: Person) -> Signer:
    """Give the key that somebody signs with.

    Raises:
        HTTPException: 403, this person has no venue's key.
    """
    if person.signer is None:
        raise HTTPException(403)
    return person.signer
