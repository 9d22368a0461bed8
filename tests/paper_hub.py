"""A consortium on paper: fixed keys, one hub, three venues, and records made by hand.

It signs whatever it is asked to, right or wrong, and knows no rule of the list: that is what
makes it useful for tests and vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from sync.entries import Category, Reason
from sync.ledger import Ledger
from sync.seal import SigningKey
from sync.signing import Signed, Signer
from sync.statement.head import Head, Manifest
from sync.statement.membership import Registration, Rekey
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
from sync.statement.record import NO_HASH, Expiry, Op, Record, content_digest
from sync.statement.root import Root, Venue

LIST = "0123456789abcdef" * 2
NOW_MS = 1_790_000_000_000  # 2026-09-21
DAY = "2026-09-19"

Item = tuple[Signed, bytes | None]


def key(name: str) -> SigningKey:
    """Give the same key for the same name, on every machine."""
    return SigningKey(sha256(f"paper {name}".encode()).digest())


OFFICERS = tuple(sorted((key(f"officer {n}") for n in range(3)), key=lambda one: one.public))
HUB = key("hub")
VENUES = {f"{n:016x}": key(f"venue {n}") for n in (1, 2, 3)}
A, B, C = VENUES


def entry_name(number: int) -> str:
    """Give the id of an entry; neighbours lie in different buckets."""
    return sha256(f"entry {number}".encode()).hexdigest()[:16]


def root(**changes: object) -> Root:
    """Give the first root, or one with changes."""
    venues = tuple(Venue(name, f"Venue {name[-1]}", one.public) for name, one in VENUES.items())
    first = Root(
        LIST,
        1,
        tuple(one.public for one in OFFICERS),
        2,
        HUB.public,
        venues,
        0,
        NO_HASH,
        NOW_MS,
        NOW_MS + 365 * DAY_MS,
    )
    return replace(first, **changes)  # type: ignore[arg-type] # tests hand over what fits


def put(number: int = 1, **changes: object) -> PutProposal:
    """Give a good entry, or one with changes."""
    one = PutProposal(
        list_id=LIST,
        entry_id=entry_name(number),
        revision=1,
        salt=bytes(16),
        category=Category.BANNED,
        reason=Reason.VIOLENCE,
        scope=CONSORTIUM,
        venue_id=A,
        created_ms=NOW_MS,
        valid_until_ms=NOW_MS + 90 * DAY_MS,
        incident_on=DAY,
        evidence="still 12 of camera 3",
        declared=True,
        model_id="embed-1",
        templates=b"templates",
        photo=b"photo",
    )
    return replace(one, **changes)  # type: ignore[arg-type] # tests hand over what fits


def remove(number: int = 1, venue: str = A, at_ms: int = NOW_MS) -> RemoveProposal:
    return RemoveProposal(LIST, entry_name(number), venue, Why.LIFTED, at_ms)


def contest(number: int = 1, venue: str = A, at_ms: int = NOW_MS) -> ContestProposal:
    return ContestProposal(LIST, entry_name(number), venue, at_ms)


def reinstate(number: int = 1, venue: str = A, at_ms: int = NOW_MS) -> ReinstateProposal:
    return ReinstateProposal(LIST, entry_name(number), venue, at_ms)


def policy(at_ms: int = NOW_MS, **changes: object) -> PolicyProposal:
    rules = replace(Policy(), **changes)  # type: ignore[arg-type] # tests hand over what fits
    return PolicyProposal(LIST, A, at_ms, rules)


def registration(number: int = 1) -> Registration:
    signer = key(f"unit {number}").public
    return Registration(f"{number:016x}", A, f"door {number}", signer, bytes(32), f"{number:016x}")


def agreed(proposal: Proposal, *venues: str) -> bytes:
    """Give the content that these venues signed; by default its proposer and another one."""
    first = proposal.venue_id
    names = venues or (first, next(one for one in VENUES if one != first))
    return proposal.signed(*(VENUES[name] for name in names)).encode()


@dataclass
class PaperHub:
    """The hub's pen: where the chain stands, and what was written so far."""

    signer: Signer = HUB
    seq: int = 0
    prev: bytes = NO_HASH
    epoch: int = 1
    issued_ms: int = NOW_MS

    def write(self, op: Op, content: bytes, /, **changes: object) -> Item:
        """Sign the next record, with changes to what would be right; the chain moves on."""
        record = self.record(op, content, **changes)
        self.seq, self.prev, self.epoch = record.seq, record.hash, record.epoch
        self.issued_ms = record.issued_ms
        return record.signed(self.signer), content

    def record(self, op: Op, content: bytes, /, **changes: object) -> Record:
        """Give the record that would come next, unsigned, with changes; the chain stays."""
        one = Record(
            LIST, self.seq + 1, self.prev, self.epoch, op, "", "", 0,
            content_digest(content), self.issued_ms,
        )  # fmt: skip
        return replace(one, **changes)  # type: ignore[arg-type] # tests hand over what fits

    def put(self, one: PutProposal | None = None, content: bytes = b"", **changes: object) -> Item:
        one = one or put()
        about: dict[str, object] = {
            "entry_id": one.entry_id, "ring": one.ring, "not_after_ms": one.valid_until_ms,
        }  # fmt: skip
        return self.write(Op.PUT, content or agreed(one), **(about | changes))

    def about(self, one: Proposal, content: bytes = b"", **changes: object) -> Item:
        """Write a removal, contest or reinstatement of a consortium-wide ban, or a policy."""
        named = {} if isinstance(one, PolicyProposal) else {
            "entry_id": one.entry_id, "ring": "consortium/banned",
        }  # fmt: skip
        return self.write(Op(one.TAG), content or agreed(one), **(named | changes))

    def expire(self, number: int = 1, **changes: object) -> Item:
        until_ms = NOW_MS + 90 * DAY_MS
        about: dict[str, object] = {
            "entry_id": entry_name(number), "ring": "consortium/banned",
            "not_after_ms": until_ms, "issued_ms": max(self.issued_ms, until_ms),
        }  # fmt: skip
        return self.write(Op.REMOVE, Expiry(entry_name(number)).encode(), **(about | changes))

    def register(self, number: int = 1) -> Item:
        return self.write(Op.REGISTER, registration(number).encode())

    def rekey(self, *revoked: str) -> Item:
        epoch = self.epoch + 1
        return self.write(Op.REKEY, Rekey(epoch, revoked).encode(), epoch=epoch)


def head(ledger: Ledger, **changes: object) -> Head:
    """Give a good head of a ledger, or one with changes."""
    issued_ms = max(NOW_MS, ledger.chain.issued_ms)
    one = Head(
        LIST, 1, ledger.seq, ledger.hash, ledger.live.root, ledger.epoch,
        issued_ms, issued_ms + 7 * DAY_MS,
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type] # tests hand over what fits


def manifest(ledger: Ledger, digests: Sequence[bytes] = (), **changes: object) -> Manifest:
    """Give a good manifest of a snapshot of a ledger, or one with changes."""
    one = Manifest(
        LIST, "5" * 16, ledger.seq, ledger.hash, ledger.live.root, ledger.epoch,
        len(digests), sha256(b"".join(digests)).digest(), ledger.live.entries,
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type] # tests hand over what fits
