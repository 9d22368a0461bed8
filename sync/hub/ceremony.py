"""Root ceremonies: what two of the three officers sign, offline, with keys that the hub never has.

A root names the officers, the hub's online key and every venue's key. Each new one is the old one
with a single change and the next version number; it counts once two officers have signed it.
"""

from collections.abc import Sequence
from dataclasses import replace

from sync.errors import HubError
from sync.signing import Signed, Signer, signed
from sync.statement.root import Root, Venue

OFFICERS = 3
"""Root keys, each with its own person, on its own stick, under its own passphrase."""

THRESHOLD = 2
"""How many of them it takes: one may be lost, one may be stolen."""

ROOT_MS = 730 * 86_400_000
"""A root counts for two years; every ceremony begins them anew."""


def first_root(list_id: str, officers: Sequence[bytes], hub_key: bytes, now_ms: int) -> Root:
    """Compose the root from which every other follows; it has no venues yet.

    Args:
        list_id: 32 hexadecimal digits.
        officers: The officers' public keys, Ed25519.
        hub_key: The hub's public key, Ed25519.
        now_ms: Milliseconds since the epoch.
    """
    return Root(
        list_id=list_id,
        version=1,
        officers=tuple(sorted(officers)),
        threshold=THRESHOLD,
        hub_key=hub_key,
        venues=(),
        floor_seq=0,
        floor_hash=bytes(32),
        issued_ms=now_ms,
        expires_ms=now_ms + ROOT_MS,
    )


def with_venue(root: Root, venue: Venue, now_ms: int) -> Root:
    """Add a venue, whose key may then propose and approve.

    Raises:
        HubError: The root has a venue of that name, or has ever had that key.
    """
    for known in in_force(root):
        if known.name.casefold() == venue.name.casefold():
            raise HubError(f"there is a venue {known.name!r} already: give another name")
    _refuse_known_key(root, venue.key)
    return _with_venues(root, (*root.venues, venue), now_ms)


def without_venue(root: Root, venue_id: str, seq: int, now_ms: int) -> Root:
    """End a venue's key: it proposes and approves nothing more; what it signed stays valid.

    Args:
        root: The newest root.
        venue_id: Whose key ends.
        seq: The ledger's newest record, the last one that the key may stand on.
        now_ms: Milliseconds since the epoch.
    """
    return _with_venues(root, _ended(root, venue_id, seq), now_ms)


def with_venue_key(root: Root, venue: Venue, seq: int, now_ms: int) -> Root:
    """Give a venue a new key, because its manager changed or lost the old one.

    Args:
        root: The newest root.
        venue: The venue as it is to be; its id is known.
        seq: The ledger's newest record, the last one that the old key may stand on.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: The root has, or once had, that key.
    """
    _refuse_known_key(root, venue.key)
    return _with_venues(root, (*_ended(root, venue.venue_id, seq), venue), now_ms)


def in_force(root: Root) -> tuple[Venue, ...]:
    """Give the venues whose keys count, by name."""
    current = [venue for venue in root.venues if not venue.until_seq]
    return tuple(sorted(current, key=lambda venue: venue.name.casefold()))


def with_officer(root: Root, old: bytes, fresh: bytes, now_ms: int) -> Root:
    """Put a new officer's key in place of an old one.

    Raises:
        HubError: The new key is an officer's already.
    """
    if fresh in root.officers:
        raise HubError("that key is an officer's already: each officer has their own")
    staying = [public for public in root.officers if public != old]
    return _following(replace(root, officers=tuple(sorted([*staying, fresh]))), now_ms)


def with_hub_key(root: Root, hub_key: bytes, floor: tuple[int, bytes], now_ms: int) -> Root:
    """Put a new hub key in place of the old one.

    Args:
        root: The newest root.
        hub_key: The hub's new public key.
        floor: Sequence number and hash of the record up to which the list is vouched for; doors
            never go below it, and what the old key signed above it counts no more.
        now_ms: Milliseconds since the epoch.
    """
    floor_seq, floor_hash = floor
    changed = replace(root, hub_key=hub_key, floor_seq=floor_seq, floor_hash=floor_hash)
    return _following(changed, now_ms)


def sign(root: Root, officers: Sequence[Signer], trusted: Root | None = None) -> Signed:
    """Let officers sign a root.

    Args:
        root: The new root.
        officers: Those who are present.
        trusted: The root that it follows; none for the first.

    Raises:
        HubError: They are too few: the same one twice, or not officers before and after.
    """
    present = {officer.public for officer in officers} & set(root.officers)
    if trusted:
        present &= set(trusted.officers)
    needed = max(root.threshold, trusted.threshold if trusted else 0)
    if len(present) < needed:
        raise HubError(
            f"a root takes {needed} different officers who stay: name their key files with "
            "--officer, once for each"
        )
    return signed(Root.KIND, root.encode(), *officers)


def _refuse_known_key(root: Root, key: bytes) -> None:
    for known in root.venues:
        if known.key == key:
            raise HubError(
                f"that key is, or was, the one of venue {known.name!r}: every venue has its own, "
                "or nobody would need a second person; make one with doorwatch-hub venue key"
            )


def _ended(root: Root, venue_id: str, seq: int) -> tuple[Venue, ...]:
    last = max(1, seq)  # zero would mean that the key is in force
    return tuple(
        replace(venue, until_seq=last)
        if venue.venue_id == venue_id and not venue.until_seq
        else venue
        for venue in root.venues
    )


def _with_venues(root: Root, venues: Sequence[Venue], now_ms: int) -> Root:
    ordered = sorted(venues, key=lambda one: (one.venue_id, one.name, one.key))
    return _following(replace(root, venues=tuple(ordered)), now_ms)


def _following(root: Root, now_ms: int) -> Root:
    return replace(root, version=root.version + 1, issued_ms=now_ms, expires_ms=now_ms + ROOT_MS)
