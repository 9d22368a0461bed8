"""The root of trust: whose word counts, signed by officers who keep their keys offline. Pure.

After the root role of The Update Framework, section 4.3.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sync.statement.field import (
    Hash,
    Key,
    ListId,
    Many,
    Moment,
    Name,
    Number,
    Octets,
    Seq,
    ShortId,
    malformed,
)
from sync.statement.part import Nested, Part, Statement

MOST_OFFICERS = 8
MOST_VENUES = 256


@dataclass(frozen=True, slots=True)
class Venue(Part):
    """One venue's manager key.

    Attributes:
        venue_id: 16 hexadecimal digits.
        name: For people.
        key: Ed25519 public key that signs the venue's proposals.
        until_seq: 0 while the key is in force. Otherwise the last record that it may stand on:
            a venue that left, or changed its key, keeps a row for what it once signed.
    """

    venue_id: ShortId
    name: Name
    key: Key
    until_seq: Seq = 0


@dataclass(frozen=True, slots=True)
class Root(Statement):
    """Whose signatures count. Signed by ``threshold`` officers of the old and of the new root.

    Attributes:
        list_id: 32 hexadecimal digits; never changes.
        version: 1 for the first, then one more each time.
        officers: Ed25519 public keys, ascending.
        threshold: How many officers have to sign.
        hub_key: Ed25519 public key of the hub.
        venues: Ascending by venue id, then name and key; each key once.
        floor_seq: A record that every ledger contains; units never go below it.
        floor_hash: Its hash.
        issued_ms: When it was made.
        expires_ms: When it stops counting.
    """

    TAG: ClassVar[str] = "root"
    KIND: ClassVar[str] = "root"
    LARGEST: ClassVar[int] = 64 * 1024

    list_id: ListId
    version: Annotated[int, Number(1, 2**32 - 1)]
    officers: Annotated[tuple[bytes, ...], Many(Octets(32, 32), MOST_OFFICERS, ascending=True)]
    threshold: Annotated[int, Number(1, MOST_OFFICERS)]
    hub_key: Key
    venues: Annotated[tuple[Venue, ...], Many(Nested(Venue), MOST_VENUES, ascending=True)]
    floor_seq: Seq
    floor_hash: Hash
    issued_ms: Moment
    expires_ms: Moment

    def __post_init__(self) -> None:
        """Refuse a root that could never be followed, or whose keys have two meanings.

        Raises:
            Refused: MALFORMED.
        """
        if self.threshold > len(self.officers):
            raise malformed("the root asks for more officers than it names")
        keys = [self.hub_key, *self.officers, *(venue.key for venue in self.venues)]
        if len(set(keys)) != len(keys):
            raise malformed("a key stands twice in the root")
        current = [venue.venue_id for venue in self.venues if not venue.until_seq]
        if len(set(current)) != len(current):
            raise malformed("a venue has two keys in force in the root")
