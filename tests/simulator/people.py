"""Officers, managers of venues, and what they sign by hand. All keys follow from the seed."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.history import Decided, History, Rooted
from sync.entries import LONGEST_DAYS, Reason, category_of
from sync.signing import Signed
from sync.statement.policy import DAY_MS, Policy
from sync.statement.proposal import (
    CONSORTIUM,
    ContestProposal,
    PolicyProposal,
    Proposal,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
    Why,
)
from sync.statement.record import NO_HASH
from sync.statement.root import Root, Venue

OFFICERS, THRESHOLD, VENUES = 3, 2, 3
YEAR_MS = 365 * DAY_MS
ROOT_MS = 10 * YEAR_MS
"""How long a root counts here; real officers meet more often."""

MODEL = "model-of-the-simulator"


class Key:
    """An Ed25519 key that signs.

    Attributes:
        public: 32 bytes.
    """

    def __init__(self, seed: bytes) -> None:
        """Make the key that follows from 32 bytes."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.seed = seed
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes."""
        return self._private.sign(message)


class People:
    """Everyone with a key on paper or in a safe.

    Attributes:
        officers: Keys of the root.
        managers: Key of each venue, by venue id, ascending.
        names: Everything about people that nobody outside may ever read, as bytes.
    """

    def __init__(self, chance: random.Random, history: History) -> None:
        """Give everyone a key."""
        self._chance, self._history = chance, history
        self.officers = [Key(chance.randbytes(32)) for _ in range(OFFICERS)]
        ids = sorted(chance.randbytes(8).hex() for _ in range(VENUES))
        self.managers = {venue_id: Key(chance.randbytes(32)) for venue_id in ids}
        self.names: list[bytes] = []
        self.list_id = ""
        self.now: Callable[[], int] = lambda: 0

    def first_root(self, hub_key: bytes) -> Signed:
        """Sign the root that everything starts from."""
        now_ms = self.now()
        venues = tuple(Venue(one, f"venue {one}", key.public) for one, key in self.managers.items())
        officers = tuple(sorted(key.public for key in self.officers))
        root = Root(
            self.list_id, 1, officers, THRESHOLD, hub_key, venues, 0, NO_HASH,
            now_ms, now_ms + ROOT_MS,
        )  # fmt: skip
        self._history.note(Rooted(now_ms, 1, hub_key))
        return root.signed(*self.officers[:THRESHOLD])

    def next_root(self, root: Root, hub_key: bytes, seq: int, record_hash: bytes) -> Signed:
        """Sign the next root: another key for the hub, and a floor under every ledger."""
        now_ms = self.now()
        following = replace(
            root,
            version=root.version + 1,
            hub_key=hub_key,
            floor_seq=seq,
            floor_hash=record_hash,
            issued_ms=now_ms,
            expires_ms=now_ms + ROOT_MS,
        )
        self._history.note(Rooted(now_ms, following.version, hub_key))
        return following.signed(*self._chance.sample(self.officers, THRESHOLD))

    def person(self, reason: Reason | None = None, scope: str = CONSORTIUM) -> PutProposal:
        """Think of somebody who is to be banned; nobody has signed yet."""
        chance, now_ms = self._chance, self.now()
        reason = reason or chance.choice(list(Reason))
        proposer = scope if scope != CONSORTIUM else chance.choice(list(self.managers))
        secret = f"{chance.choice(SURNAMES)}-{chance.randbytes(6).hex()}"
        templates, photo = chance.randbytes(144), b"\xff\xd8" + chance.randbytes(96)
        self.names += [secret.encode(), templates[:16], photo[:16]]
        return PutProposal(
            list_id=self.list_id,
            entry_id=chance.randbytes(8).hex(),
            revision=1,
            salt=chance.randbytes(16),
            category=category_of(reason),
            reason=reason,
            scope=scope,
            venue_id=proposer,
            created_ms=now_ms,
            valid_until_ms=now_ms + chance.randint(1, LONGEST_DAYS[reason]) * DAY_MS,
            incident_on="2026-12-31",
            evidence=f"file of {secret}",
            declared=True,
            model_id=MODEL,
            templates=templates,
            photo=photo,
        )

    def removal(self, entry_id: str, why: Why = Why.LIFTED) -> RemoveProposal:
        """Ask to take somebody off the list."""
        return RemoveProposal(self.list_id, entry_id, self._venue(), why, self.now())

    def contest(self, entry_id: str) -> ContestProposal:
        """Dispute an entry."""
        return ContestProposal(self.list_id, entry_id, self._venue(), self.now())

    def reinstatement(self, entry_id: str) -> ReinstateProposal:
        """Ask that a contested entry counts again."""
        return ReinstateProposal(self.list_id, entry_id, self._venue(), self.now())

    def policy(self, policy: Policy) -> PolicyProposal:
        """Ask for new rules."""
        return PolicyProposal(self.list_id, self._venue(), self.now(), policy)

    def sign(self, proposal: Proposal, venues: Sequence[str], needed: int = 2) -> Signed:
        """Let the managers of these venues sign, and note that they did."""
        carried = proposal.signed(*(self.managers[one] for one in venues))
        if not isinstance(proposal, PolicyProposal):
            until_ms = proposal.valid_until_ms if isinstance(proposal, PutProposal) else 0
            self._history.note(
                Decided(
                    self.now(), proposal.entry_id, _KINDS[type(proposal)], carried.digest,
                    frozenset(venues), needed, until_ms,
                )
            )  # fmt: skip
        return carried

    def two(self, proposal: Proposal) -> list[str]:
        """Give the proposer's venue and one other, as the rule of two persons asks."""
        others = [one for one in self.managers if one != proposal.venue_id]
        return [proposal.venue_id, self._chance.choice(others)]

    def _venue(self) -> str:
        return self._chance.choice(list(self.managers))


SURNAMES = ("Okonkwo", "Lindqvist", "Szymanska", "Hernandez", "Nakamura", "Oyelaran")

_KINDS: dict[type[Proposal], str] = {
    PutProposal: "put",
    RemoveProposal: "removed",
    ContestProposal: "contest",
    ReinstateProposal: "reinstate",
}
