"""Who is on the list of the small town: drawn people, and the one portrait that will ring."""

import random
import secrets
from collections.abc import Callable

import numpy as np

from edge.demo.pages.faces import drawn_face
from edge.gallery.template import pack
from edge.vision.face import FloatArray
from edge.vision.models.card import read_card
from sync.entries import LONGEST_DAYS, Reason, category_of
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.seal import SigningKey
from sync.statement.policy import DAY_MS
from sync.statement.proposal import CONSORTIUM, PutProposal
from sync.statement.root import Venue

SEED = 7
EVERYWHERE, AWAITED, LOCAL = 14, 2, 3
"""Entries for all doors, such that wait for a second venue, and such of one venue alone."""

Key = Callable[[str], SigningKey]
"""Opens the key of the venue of this name."""


def fill(service: Service, venues: tuple[Venue, ...], key: Key) -> None:
    """Put drawn people on the list; their templates are those of nobody.

    Args:
        service: The hub.
        venues: Its venues.
        key: Opens a venue's key.
    """
    chance = random.Random(SEED)  # noqa: S311 - the same town each time
    for number in range(EVERYWHERE + AWAITED + LOCAL):
        proposer, other = chance.sample(venues, 2)
        scope = CONSORTIUM if number < EVERYWHERE + AWAITED else proposer.venue_id
        put = _person(chance, service.list_id, proposer.venue_id, scope)
        signers = [proposer, other] if number < EVERYWHERE else [proposer]
        service.propose(put.signed(*(key(venue.name) for venue in signers)), now_ms())


def _person(chance: random.Random, list_id: str, venue_id: str, scope: str) -> PutProposal:
    card = read_card("embed")
    reason = chance.choice(list(Reason))
    days = chance.randint(5, min(200, LONGEST_DAYS[reason]))
    created = now_ms() - chance.randint(1, 4) * DAY_MS
    return PutProposal(
        list_id=list_id,
        entry_id=secrets.token_hex(8),
        revision=1,
        salt=secrets.token_bytes(16),
        category=category_of(reason),
        reason=reason,
        scope=scope,
        venue_id=venue_id,
        created_ms=created,
        valid_until_ms=created + days * DAY_MS,
        incident_on=f"2026-{chance.randint(1, 10):02}-{chance.randint(1, 28):02}",
        evidence=f"incident book {chance.randint(100, 400)}",
        declared=True,
        model_id=card.model_id,
        templates=pack(_direction(chance, card.outputs[0].shape[-1])),
        photo=drawn_face(chance),
    )


def _direction(chance: random.Random, width: int) -> FloatArray:
    """Make one template of nobody: a direction that no face has."""
    raw = np.random.default_rng(chance.getrandbits(32)).normal(size=(1, width))
    return (raw / np.linalg.norm(raw)).astype(np.float32)
