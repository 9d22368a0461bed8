"""What a unit believes of its consortium, as bytes that are sealed at rest, and back."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlite_utils import Database

from edge.gallery.listfile import ListFile
from edge.gallery.records import decode, encode
from sync.ledger import Chain, Ledger
from sync.liveset import Leaf, LiveSet
from sync.statement.caution import Caution
from sync.statement.head import Head
from sync.statement.keybox import KeyRing
from sync.statement.root import Root
from sync.unit.shelf import Ahead, Staging, Trusted


class _Progress(Struct, frozen=True, array_like=True):
    """Everything of ``Trusted`` but the live set, whose leaves have rows of their own."""

    root: Root
    keyrings: tuple[KeyRing, ...]
    chain: Chain
    head: Head | None
    reached: Head | None
    ahead: dict[str, Ahead]
    box_ms: int
    counter: int
    floor_ms: int
    refusals: tuple[tuple[str, int], ...]
    caution: Caution | None = None


class _Snapshot(Struct, frozen=True, array_like=True):
    """A snapshot that is being fetched, its pages left out."""

    manifest: bytes
    digests: tuple[bytes, ...]


class PageSum(Struct, frozen=True, array_like=True):
    """What a staged page is kept for, beside its entries.

    Attributes:
        chain: Canonical bytes of what the pages up to this one add up to.
        leaves: The leaves that the page made or changed, by entry id.
    """

    chain: bytes
    leaves: dict[str, Leaf]


def packed_trusted(trusted: Trusted) -> bytes:
    """Make bytes of what is believed, but for the leaves of the live set."""
    return encode(
        _Progress(
            trusted.root,
            trusted.keyrings,
            trusted.ledger.chain,
            trusted.head,
            trusted.reached,
            dict(trusted.ahead),
            trusted.box_ms,
            trusted.counter,
            trusted.floor_ms,
            trusted.refusals,
            trusted.caution,
        )
    )


def unpacked_trusted(content: bytes, leaves: Mapping[str, Leaf]) -> Trusted:
    """Read what is believed, with the leaves of the live set. Raises: GalleryError."""
    kept = decode(content, _Progress, "what was heard from the consortium")
    return Trusted(
        root=kept.root,
        keyrings=kept.keyrings,
        ledger=Ledger(kept.chain, LiveSet.of(leaves)),
        head=kept.head,
        reached=kept.reached,
        ahead=kept.ahead,
        box_ms=kept.box_ms,
        counter=kept.counter,
        floor_ms=kept.floor_ms,
        refusals=kept.refusals,
        caution=kept.caution,
    )


def venue_names(content: bytes) -> dict[str, str]:
    """Read the names of the venues out of what is believed, by id. Raises: GalleryError."""
    kept = decode(content, _Progress, "what was heard from the consortium")
    return {venue.venue_id: venue.name for venue in kept.root.venues}


def caution_of(content: bytes) -> Caution | None:
    """Read the newest caution out of what is believed. Raises: GalleryError."""
    return decode(content, _Progress, "what was heard from the consortium").caution


def packed_staging(staging: Staging) -> bytes:
    """Make bytes of the snapshot under way."""
    return encode(_Snapshot(staging.manifest, staging.digests))


def unpacked_staging(content: bytes) -> Staging:
    """Read the snapshot under way. Raises: GalleryError."""
    kept = decode(content, _Snapshot, "a snapshot on its way")
    return Staging(kept.manifest, kept.digests)


def packed_leaf(leaf: Leaf) -> bytes:
    """Make bytes of one leaf."""
    return msgspec.msgpack.encode(leaf)


def unpacked_leaf(content: bytes, entry_id: str) -> Leaf:
    """Read one leaf. Raises: GalleryError."""
    return decode(content, Leaf, f"entry {entry_id} of the ledger")


def kept_state(file: ListFile, name: str) -> bytes | None:
    """Give what is kept under a name, if anything is. Raises: GalleryError."""
    rows = file.rows("SELECT sealed FROM trusted WHERE name = ?", (name,))
    return file.sealer.unseal("trusted", name, rows[0][0]) if rows else None


def keep_state(file: ListFile, database: Database, name: str, content: bytes) -> None:
    """Keep something under a name, within a change."""
    sealed = file.sealer.seal("trusted", name, content)
    database.execute("INSERT OR REPLACE INTO trusted VALUES (?, ?)", (name, sealed))
