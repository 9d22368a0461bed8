"""Whoever owns the broker, sees all that passes, and may hold one stolen key.

With nothing stolen it can only repeat, hold back, mix and spoil sealed frames. With any key it
is granted, besides, the symmetric keys of its victim: then its frames open, and only
signatures, hashes and order stand between it and the list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.people import Key
from sync import canonical, frames, seal
from sync.message import Arrival
from sync.statement.head import Head
from sync.statement.record import Op, Record, content_digest
from sync.transfer import pages

if TYPE_CHECKING:
    from simulator.ram_broker import Message
    from simulator.unit_node import UnitNode
    from simulator.world import World

Item = tuple[bytes, bytes | None]
"""Wire bytes of a record, and its content in the clear."""


class Loot(StrEnum):
    """What was stolen."""

    NOTHING = "nothing"
    UNIT = "one unit's keys"
    VENUE = "one venue's key"
    OFFICER = "one officer's key"
    HUB = "the hub's key"
    BOTH = "the hub's key and one venue's"

    @property
    def hub(self) -> bool:
        """Whether it can sign as the hub."""
        return self in (Loot.HUB, Loot.BOTH)

    @property
    def venue(self) -> bool:
        """Whether it can sign as a venue."""
        return self in (Loot.VENUE, Loot.BOTH)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing an attacker does.

    Attributes:
        name: What it is called.
        attack: The class of attack, as The Update Framework names it, or our own.
        keyed: Whether frames have to be made for it.
        make: Does it.
    """

    name: str
    attack: str
    keyed: bool
    make: Callable[["Attacker"], None]


MOVES: dict[str, Move] = {}
"""Every move by its name."""


def move(
    attack: str, *, keyed: bool = True
) -> Callable[[Callable[["Attacker"], None]], Callable[["Attacker"], None]]:
    """Enter a function among the moves, under its own name."""

    def enter(make: Callable[["Attacker"], None]) -> Callable[["Attacker"], None]:
        name = make.__name__.replace("_", " ")
        MOVES[name] = Move(name, attack, keyed, make)
        return make

    return enter


class Attacker:
    """Attacks one unit.

    Attributes:
        world: The world under attack.
        victim: The unit that messages are shown to.
        loot: What was stolen.
        hub: The key that signs as the hub: the stolen one, or one that nobody knows.
        manager: The key that signs as a venue, likewise.
        venue_id: That venue.
        officer: The key that signs as an officer, likewise.
        chance: Makes all its choices.
    """

    def __init__(self, world: "World", victim: "UnitNode", loot: Loot) -> None:
        """Steal ``loot``."""
        self.world, self.victim, self.loot, self.chance = world, victim, loot, world.chance
        people = world.people
        self.venue_id = self.chance.choice(list(people.managers))
        self.hub = world.hub.stolen_key() if loot.hub else self.stranger()
        self.manager = people.managers[self.venue_id] if loot.venue else self.stranger()
        self.officer = people.officers[0] if loot is Loot.OFFICER else self.stranger()

    def stranger(self) -> Key:
        """Make a key that nobody has ever heard of."""
        return Key(self.chance.randbytes(32))

    @property
    def moves(self) -> list[Move]:
        """What it can do with its loot."""
        return [one for one in MOVES.values() if self.loot is not Loot.NOTHING or not one.keyed]

    @property
    def now_ms(self) -> int:
        """What time it is."""
        return self.world.agenda.now_ms

    # --- what it knows --------------------------------------------------------------------------
    @property
    def seen(self) -> Sequence["Message"]:
        """Everything that passed the broker lately."""
        return self.world.seen

    @property
    def archive(self) -> list[Item]:
        """Every record of the honest list, with its content, oldest first."""
        return self.world.hub.archive

    def record(self, item: Item) -> Record:
        """Read a record."""
        return Record.open(item[0])[1]

    def puts(self) -> list[Item]:
        """Every record that put somebody on the list."""
        return [one for one in self.archive if self.record(one).op is Op.PUT]

    def head(self) -> Head:
        """Give the newest honest head."""
        return Head.open(self.world.hub.heads[-1])[1]

    # --- what it makes --------------------------------------------------------------------------
    def headed(self, key: Key | None = None, **changes: object) -> bytes:
        """Sign a head like the honest one, with changes, now."""
        version = self.victim.shelf.trusted().root.version
        base = replace(self.head(), issued_ms=self.now_ms, root_version=version)
        base = replace(base, expires_ms=self.now_ms + 86_400_000)
        return replace(base, **changes).signed(key or self.hub).encode()  # type: ignore[arg-type]

    def next_record(
        self, op: Op, content: bytes, key: Key | None = None, **changes: object
    ) -> Item:
        """Sign a record that would follow what the victim has."""
        chain = self.victim.shelf.trusted().ledger.chain
        base = Record(
            chain.list_id, chain.seq + 1, chain.hash, chain.epoch, op, "", "", 0,
            content_digest(content), max(chain.issued_ms, self.now_ms),
        )  # fmt: skip
        made = replace(base, **changes)  # type: ignore[arg-type]
        return made.signed(key or self.hub).encode(), content

    # --- what it says ---------------------------------------------------------------------------
    def show(self, topic: str, payload: bytes) -> None:
        """Deliver anything to the victim on any topic."""
        self.victim.attacked(Arrival(topic, payload))

    def on_list(self, *message: object) -> None:
        """Say something on the list's topic, sealed as the hub would."""
        ring = self.victim.ring
        frame = frames.seal_frame(ring.control, "list", self.world.list_id, "", message)
        self.show(f"l/{ring.topic}" + ("/head" if message[0] == "head" else ""), frame)

    def to_inbox(self, *message: object) -> None:
        """Say something into the victim's inbox."""
        unit, ring = self.victim, self.victim.ring
        frame = frames.seal_frame(ring.channel, "to", self.world.list_id, unit.unit_id, message)
        self.show(f"m/{unit.mailbox}/in", frame)

    def sealed(self, items: Sequence[Item]) -> list[list[object]]:
        """Seal contents as they travel."""
        return [
            [wire, self._sealed(self.record((wire, content)), content)] for wire, content in items
        ]

    def burst(self, head: bytes, items: Sequence[Item]) -> None:
        """Publish records to everybody, in a burst."""
        self._transfer(self.on_list, ["burst", head, self.sealed(items)], 5)

    def range(self, head: bytes, items: Sequence[Item]) -> None:
        """Answer a request that may never have been made."""
        self._transfer(self.to_inbox, ["range", head, self.sealed(items)], 1)

    def urgent(self, items: Sequence[Item]) -> None:
        """Send records ahead of their turn."""
        self.to_inbox("urgent", self.sealed(items))

    def both(self, head: bytes, items: Sequence[Item]) -> None:
        """Try it in a burst or as an answer."""
        self.chance.choice([self.burst, self.range])(head, items)

    def heading(self, head: bytes) -> None:
        """Show a head, to all or to one."""
        self.chance.choice([self.on_list, self.to_inbox])("head", head)

    def transfer(self, blob: list[object]) -> None:
        """Put anything that is too long for one message into the inbox."""
        self._transfer(self.to_inbox, blob, 1)

    def _transfer(self, say: Callable[..., None], blob: list[object], multiple: int) -> None:
        name = self.chance.randbytes(8).hex()
        for page in pages(canonical.encode(blob), name, multiple):
            say(*page)

    def _sealed(self, record: Record, content: bytes | None) -> bytes | None:
        key = (
            dict(self.victim.ring.rings).get(record.ring)
            if record.ring
            else self.victim.ring.control
        )
        if content is None or key is None:
            return None
        return seal.seal_content(key, record.list_id, record.seq, record.entry_id, content)
