"""Beliefs, entries and steps for tests of a shelf: well formed, signed by nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np

from edge.gallery.template import pack
from sync.entries import Category, Reason
from sync.ledger import Ledger
from sync.liveset import Leaf, State
from sync.statement.head import Head
from sync.statement.keybox import KeyRing
from sync.statement.policy import DAY_MS
from sync.statement.proposal import CONSORTIUM, PutProposal
from sync.statement.root import Root, Venue
from sync.unit.shelf import HeldEntry, Step, Trusted

LIST_ID, VENUE = "ab" * 16, "0a" * 8
MODEL = "model-a"
NOW_MS = 1_800_000_000_000
DIMENSION = 16


def key(name: str) -> bytes:
    """Make 32 bytes that follow from a name."""
    return sha256(name.encode()).digest()


def entry_id(number: int) -> str:
    """Name an entry; numbers spread over the buckets of a live set."""
    return sha256(f"entry {number}".encode()).hexdigest()[:16]


def template(number: int) -> bytes:
    """Make packed templates that point in a direction of their own."""
    raw = np.random.default_rng(number).normal(size=(1, DIMENSION)).astype(np.float32)
    return pack(raw / np.linalg.norm(raw))


def entry(  # noqa: PLR0913 - what may differ between entries
    number: int,
    *,
    revision: int = 1,
    days: float = 30,
    now_ms: int = NOW_MS,
    photo: bytes = b"",
    contested: bool = False,
    provisional: bool = False,
) -> HeldEntry:
    """Make an entry of the consortium."""
    face = photo or b"\xff\xd8 face of " + entry_id(number).encode() + b" again" * revision
    content = PutProposal(
        list_id=LIST_ID,
        entry_id=entry_id(number),
        revision=revision,
        salt=key(f"salt {number}")[:16],
        category=Category.BANNED,
        reason=Reason.SPIKING,
        scope=CONSORTIUM,
        venue_id=VENUE,
        created_ms=now_ms,
        valid_until_ms=now_ms + round(days * DAY_MS),
        incident_on="2026-11-20",
        evidence=f"log book, line {number}",
        declared=True,
        model_id=MODEL,
        templates=template(number),
        photo=face,
    )
    known = b"" if provisional else record_hash(number, revision)
    return HeldEntry(known, content, contested, provisional)


def record_hash(number: int, revision: int = 1) -> bytes:
    """Make the hash of the record that put an entry there."""
    return key(f"record {number} {revision}")


def leaf(number: int, state: State = State.LIVE, revision: int = 1) -> Leaf:
    """Make the leaf of an entry."""
    until_ms = NOW_MS + 30 * DAY_MS
    known = record_hash(number, revision)
    return Leaf(known, until_ms, "consortium/banned", state, number + 1, revision)


def root() -> Root:
    """Make a root of three officers, two venues and a hub."""
    officers = tuple(sorted(key(f"officer {number}") for number in range(3)))
    venues = (Venue(VENUE, "The Blue Note", key("venue a")), Venue("0b" * 8, "Tor", key("b")))
    return Root(
        LIST_ID, 1, officers, 2, key("hub"), venues, 0, bytes(32), NOW_MS, NOW_MS + 365 * DAY_MS
    )


def trusted() -> Trusted:
    """Make what a unit believes that has just joined."""
    ring = KeyRing(1, key("control"), key("channel"), "0c" * 8, (("consortium/banned", key("r")),))
    return Trusted(root(), (ring,), Ledger.empty(LIST_ID), box_ms=NOW_MS, floor_ms=NOW_MS)


def grown(before: Trusted, leaves: Mapping[str, Leaf], *, now_ms: int = 0) -> Trusted:
    """Make what a unit believes one record later, under a head that counts for a week."""
    chain = before.ledger.chain
    at_ms = now_ms or before.floor_ms + 1000
    chain = replace(chain, seq=chain.seq + 1, hash=key(f"chain {chain.seq + 1}"), issued_ms=at_ms)
    live = before.ledger.live.updated(leaves)
    head = Head(
        LIST_ID, 1, chain.seq, chain.hash, live.root, chain.epoch, at_ms, at_ms + 7 * DAY_MS
    )
    after = replace(before, ledger=Ledger(chain, live), head=head, reached=head)
    return replace(after, counter=before.counter + 1, floor_ms=max(before.floor_ms, at_ms))


def putting(
    before: Trusted, numbers: Iterable[int], *, now_ms: int = NOW_MS, days: float = 30
) -> Step:
    """Make the step that puts entries on the list."""
    put = {number: entry(number, now_ms=now_ms, days=days) for number in numbers}
    leaves = {entry_id(number): leaf(number) for number in put}
    return Step(grown(before, leaves), leaves, tuple(put.values()))


def lifting(before: Trusted, numbers: Iterable[int]) -> Step:
    """Make the step that takes entries off the list."""
    leaves = {entry_id(number): leaf(number, State.GONE) for number in numbers}
    return Step(grown(before, leaves), leaves, erase=tuple(leaves))
