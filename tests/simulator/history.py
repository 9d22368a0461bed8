"""What happened in a simulated world, event by event, for the checker to judge afterwards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that happened.

    Attributes:
        at_ms: Virtual time.
    """

    at_ms: int


@dataclass(frozen=True, slots=True)
class Decided(Event):
    """People signed something, each by hand; what nobody signed is no decision.

    Attributes:
        entry_id: About whom.
        kind: "put", "removed", "contest" or "reinstate".
        digest: Of the signed body.
        venues: Whose people signed.
        needed: How many venues have to.
        until_ms: When a put ends by itself, else 0.
    """

    entry_id: str
    kind: str
    digest: bytes
    venues: frozenset[str]
    needed: int
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Chained(Event):
    """The honest hub has a record on its disk.

    Attributes:
        seq: Its number.
        record_hash: Its hash.
        kind: Its operation, by name.
        entry_id: About whom, "" for none.
        ring: Whose content it is, "" for none.
        epoch: Its epoch.
        live_root: Root of the live set with it.
        until_ms: When its entry ends by itself, 0 for never.
    """

    seq: int
    record_hash: bytes
    kind: str
    entry_id: str
    ring: str
    epoch: int
    live_root: bytes
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Rooted(Event):
    """Officers signed a root, as many of them as it takes.

    Attributes:
        version: Its version.
        hub_key: The hub's key from then on.
    """

    version: int
    hub_key: bytes


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """People at the hub ended a unit.

    Attributes:
        unit: Which.
    """

    unit: str


@dataclass(frozen=True, slots=True)
class Told(Event):
    """The hub told a person that a change is done: from here on it may never be lost.

    Attributes:
        seq: The newest record then.
    """

    seq: int


@dataclass(frozen=True, slots=True)
class Restored(Event):
    """The hub came back from a backup.

    Attributes:
        kept: The newest record that the backup, or a unit in good standing, still has; nobody
            can bring back what only the burnt disk had.
    """

    kept: int


@dataclass(frozen=True, slots=True)
class Pressed(Event):
    """Staff at a door marked an alert *not them*.

    Attributes:
        unit: At which door.
        entry_id: About whom.
    """

    unit: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class Cautioned(Event):
    """The honest hub says whom to hold back.

    Attributes:
        issued_ms: When it says that it said so.
        entries: Whom.
    """

    issued_ms: int
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Committed(Event):
    """A unit changed what it believes and holds, in one transaction.

    Attributes:
        unit: Which.
        now_ms: The time that the unit itself went by.
        seq: Its position in the chain.
        record_hash: The hash there.
        epoch: Of its ledger.
        live_root: Of its ledger.
        root_version: Of the root it believes.
        hub_key: The hub's key in that root.
        confirmed: Whether the present hub key has vouched for its ledger.
        head_ms: When the newest head it believes was issued, 0 for none.
        lease_ms: For how long that head counts.
        put: Entries that are new or changed in its rows, id to digest of the put proposal.
        suspended: Of those, the ones that are not matched.
        provisional: Of those, the ones made at this unit and not in the chain.
        erase: Entries no longer in its rows.
        caution: When the caution it believes was issued, and whom that holds back; None for none.
    """

    unit: str
    now_ms: int
    seq: int
    record_hash: bytes
    epoch: int
    live_root: bytes
    root_version: int
    hub_key: bytes
    confirmed: bool = True
    head_ms: int = 0
    lease_ms: int = 0
    put: Mapping[str, bytes] = field(default_factory=dict)
    suspended: frozenset[str] = frozenset()
    provisional: frozenset[str] = frozenset()
    erase: tuple[str, ...] = ()
    caution: tuple[int, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Destroyed(Event):
    """A unit destroyed all that it held.

    Attributes:
        unit: Which.
    """

    unit: str


Kind = TypeVar("Kind", bound=Event)


class History:
    """Events in the order in which they happened."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: list[Event] = []

    def note(self, event: Event) -> None:
        """Write an event down."""
        self.events.append(event)

    def of(self, kind: type[Kind]) -> Iterator[Kind]:
        """Go through the events of one kind."""
        return (one for one in self.events if isinstance(one, kind))
