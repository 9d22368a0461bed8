"""Officers, two venues and invented people, so that a benchmark needs nobody's keys or faces."""

import random
from dataclasses import dataclass, field

import numpy as np

from edge.gallery.template import pack
from sync.entries import Category, Reason
from sync.hub.ceremony import OFFICERS, THRESHOLD, first_root, sign, with_venue
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.seal import SigningKey
from sync.signing import Signed
from sync.statement.policy import DAY_MS
from sync.statement.proposal import CONSORTIUM, PutProposal
from sync.statement.root import Venue

MODEL = "bench"
DIMENSION = 512
TEMPLATES = 1


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who signs.

    Attributes:
        officers: Keys of the root.
        managers: Key of each of the two venues, by venue id.
    """

    officers: list[SigningKey] = field(
        default_factory=lambda: [SigningKey.generate() for _ in range(OFFICERS)]
    )
    managers: dict[str, SigningKey] = field(
        default_factory=lambda: {digit * 16: SigningKey.generate() for digit in "ab"}
    )

    def found(self, service: Service) -> None:
        """Give a new hub its root, with both venues in it."""
        keys = [officer.public for officer in self.officers]
        root = first_root(service.list_id, keys, service.hub_key, now_ms())
        service.add_root(sign(root, self.officers[:THRESHOLD]), now_ms())
        for venue_id, key in self.managers.items():
            venue = Venue(venue_id, f"venue {venue_id[0]}", key.public)
            following = with_venue(service.root, venue, now_ms())
            signed = sign(following, self.officers[:THRESHOLD], service.root)
            service.add_root(signed, now_ms())

    def ban(self, list_id: str, photo_bytes: int, chance: random.Random) -> Signed:
        """Propose and approve a ban of somebody invented.

        Args:
            list_id: The list.
            photo_bytes: Size of the reference photo.
            chance: Makes the person.
        """
        proposer, *_ = self.managers
        now = now_ms()
        proposal = PutProposal(
            list_id=list_id,
            entry_id=chance.randbytes(8).hex(),
            revision=1,
            salt=chance.randbytes(16),
            category=Category.BANNED,
            reason=Reason.VIOLENCE,
            scope=CONSORTIUM,
            venue_id=proposer,
            created_ms=now,
            valid_until_ms=now + 30 * DAY_MS,
            incident_on="2026-01-01",
            evidence="a benchmark",
            declared=True,
            model_id=MODEL,
            templates=_templates(chance),
            photo=b"\xff\xd8" + chance.randbytes(photo_bytes - 2),
        )
        return proposal.signed(*self.managers.values())


def _templates(chance: random.Random) -> bytes:
    drawn = np.random.default_rng(chance.getrandbits(64)).normal(size=(TEMPLATES, DIMENSION))
    rows = drawn.astype(np.float32)
    return pack(rows / np.linalg.norm(rows, axis=1, keepdims=True))
