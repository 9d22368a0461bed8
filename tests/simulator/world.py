"""A whole consortium under virtual time: people, hub, broker, lines, units, and a history."""

import random
from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.agenda import Agenda
from simulator.checker import Checker
from simulator.dice import throw
from simulator.history import Ended, History, Pressed
from simulator.hub_node import HubNode
from simulator.network import Network
from simulator.people import People
from simulator.ram_broker import Message
from simulator.unit_node import UnitNode, new_keys
from sync import seal
from sync.hub.service import Service
from sync.ledger import Ledger
from sync.rootchain import first_root, followed
from sync.signing import Signed
from sync.statement.membership import Registration
from sync.statement.proposal import CONSORTIUM, Proposal, PutProposal
from sync.statement.root import Root
from sync.unit.keys import UnitKeys, with_box
from sync.unit.shelf import HeldEntry, Trusted

MOST_SEEN = 400
HEALED_MS = 10_000
"""Bar: virtual time from the end of all faults to equal roots everywhere."""

LOOK_MS = 1_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a unit is told when it joins."""

    registration: Registration
    roots: tuple[Signed, ...]
    box: Signed


class World:
    """Hub, units and everybody around them; all that happens follows from ``seed``.

    Attributes:
        agenda: Virtual time.
        chance: All randomness.
        history: What happened.
        people: Who signs.
        net: Lines and broker.
        hub: The hub.
        units: Every unit that is not revoked, by id.
        former: Those that were.
        venues: The venue of every unit there ever was.
        seen: What passed the broker lately, oldest first.
        watchers: Called with sender and message for everything that passes the broker.
    """

    def __init__(self, seed: int, folder: Path, units: int = 3) -> None:
        """Found a consortium and let ``units`` units join."""
        throw(seed)
        self.chance = random.Random(seed)
        self.agenda, self.history, self.nothing = Agenda(), History(), History()
        self.people = People(self.chance, self.history)
        self.people.now = lambda: self.agenda.now_ms
        self.net = Network(self.agenda, self.chance)
        self.seen: deque[Message] = deque(maxlen=MOST_SEEN)
        self.watchers: list[Callable[[str, Message], None]] = []
        self._starved: dict[str, int] = {}
        self.net.broker.tap = self._tap
        self.hub = HubNode(folder, self.net, self.history, self.chance)
        self.units: dict[str, UnitNode] = {}
        self.former: list[UnitNode] = []
        self.venues: dict[str, str] = {}
        self._found()
        for number in range(units):
            self.join(list(self.people.managers)[number % len(self.people.managers)])
        self.checker: Checker | None = None
        self._read = 0

    @property
    def list_id(self) -> str:
        """The list's id."""
        return self.people.list_id

    # --- how it begins -------------------------------------------------------------------------
    def _found(self) -> None:
        service = self.hub.service
        assert service is not None
        self.people.list_id = service.list_id
        root = self.people.first_root(service.hub_key)
        self._pinned = root.digest
        service.add_root(root, self.agenda.now_ms)
        self.hub.start()

    def join(self, venue_id: str) -> UnitNode | None:
        """Let a unit join by an invitation; None where the hub died of it."""
        signer, box = new_keys(self.chance)

        def admit(hub: Service, now_ms: int) -> Admitted:
            unit_id, secret = hub.invite(venue_id, "a door", now_ms + DAY_MS, "test", now_ms)
            joined = hub.join(unit_id, secret, signer.public, box.public, now_ms)
            return Admitted(joined, hub.roots(), hub.key_box(unit_id, now_ms))

        admitted = self.hub.ask(admit)
        if admitted is None:
            return None
        mailbox, unit_id = admitted.registration.mailbox, admitted.registration.unit_id
        keys = UnitKeys(self.list_id, unit_id, venue_id, mailbox, signer, box)
        first = first_root(admitted.roots[0], self._pinned, seal.verify)
        root = followed(first, admitted.roots, seal.verify)
        trusted = Trusted(root=root, keyrings=(), ledger=Ledger.empty(self.list_id))
        trusted = with_box(trusted, admitted.box, keys, seal.verify)
        unit = UnitNode(keys, trusted, self.net, self.history, self.chance)
        self.units[unit_id], self.venues[unit_id] = unit, venue_id
        unit.start()
        return unit

    # --- what people do ------------------------------------------------------------------------
    def ban(self, scope: str = CONSORTIUM) -> PutProposal | None:
        """Put somebody on the list; None where the hub died of it."""
        person = self.people.person(scope=scope)
        return person if self.agree(person, scope) else None

    def agree(self, proposal: Proposal, scope: str = CONSORTIUM) -> bool:
        """Have a proposal signed by as many as it needs, and handed to the hub."""
        if scope != CONSORTIUM:
            proposal = replace(proposal, venue_id=scope)
        venues = self.people.two(proposal) if scope == CONSORTIUM else [scope]
        carried = self.people.sign(proposal, venues, needed=len(venues))
        return self.hub.ask(lambda hub, now_ms: hub.propose(carried, now_ms)) is not None

    def enter_locally(self, unit: UnitNode) -> None:
        """Let a manager add somebody at a door, without the hub."""
        if unit.shelf.destroyed:
            return
        person = self.people.person(scope=unit.venue_id)
        carried = self.people.sign(person, [unit.venue_id], needed=1)
        unit.shelf.add_locally(HeldEntry(b"", person, provisional=True), carried.encode())

    def mark_not_them(self, unit: UnitNode, entry_id: str) -> None:
        """Let staff at a door say that an alert is wrong."""
        self.history.note(Pressed(self.agenda.now_ms, unit.unit_id, entry_id))
        unit.not_them[entry_id] += 1

    def replace(self, unit: UnitNode) -> None:
        """Revoke a unit, and let another one join in its place."""
        self.history.note(Ended(self.agenda.now_ms, unit.unit_id))
        self.hub.ask(lambda hub, now_ms: hub.revoke(unit.unit_id, "test", now_ms))
        facts = self.hub.ask(lambda hub, now_ms: hub.unit(unit.unit_id, now_ms))
        if facts is not None and facts.revoked_ms and self.join(unit.venue_id):
            del self.units[unit.unit_id]
            self.former.append(unit)

    def rotate(self) -> None:
        """Give the hub a new key, on a floor at what it has now."""

        def turn(hub: Service, now_ms: int) -> Root:
            key = hub.next_hub_key(now_ms)
            root = self.people.next_root(hub.root, key, *self.hub.floor())
            return hub.add_root(root, now_ms)

        self.hub.ask(turn)

    # --- what an attacker does with the lines -----------------------------------------------------
    def hold(self, unit: UnitNode, for_ms: int) -> None:
        """Let nothing through to a unit while virtual time passes."""
        self._starved[unit.unit_id] = 0
        self.agenda.run(for_ms)
        self._starved.pop(unit.unit_id, None)

    def starve(self, unit: UnitNode, for_ms: int) -> None:
        """Let one message in ten through to a unit while virtual time passes."""
        self._starved[unit.unit_id] = 10
        self.agenda.run(for_ms)
        self._starved.pop(unit.unit_id, None)

    def _tap(self, client: str, message: Message) -> Iterable[Message]:
        self.seen.append(message)
        for watch in self.watchers:
            watch(client, message)
        return (message,)

    # --- how it ends ---------------------------------------------------------------------------
    def agreed(self) -> bool:
        """Tell whether every unit stands where the hub stands."""
        if not self.hub.alive:
            return False
        told = self.hub.position
        left = [unit for unit in self.units.values() if not unit.shelf.destroyed]
        return all(unit.session and unit.position == told for unit in left)

    def heal(self, limit_ms: int = HEALED_MS) -> int | None:
        """End all faults; give how long it took until all stood alike, None for too long."""
        self.net.clear_up()
        self._starved.clear()
        self.hub.mend()
        for unit in self.units.values():
            unit.mend()
        self.agenda.after(LOOK_MS, self._look_after_the_hub)
        return self.agenda.run_until(self.agreed, limit_ms)

    def _look_after_the_hub(self) -> None:
        """Do what a person does about a restored hub that nobody can give a content back."""
        service = self.hub.service
        found = service.recovery() if service is not None else None
        if found is None or not found.needed:
            return
        if found.unheard or found.ahead or found.forks:
            self.agenda.after(LOOK_MS, self._look_after_the_hub)
            return
        self.hub.ask(lambda hub, now_ms: hub.resume("test", now_ms))
        for entry_id in found.hollow:
            ring = self.hub.ask(lambda hub, _now_ms, name=entry_id: hub.entry(name).ring) or ""
            self.agree(self.people.removal(entry_id), ring.partition("/")[0])

    def wrongs(self, stolen_hub_keys: AbstractSet[bytes] = frozenset()) -> list[str]:
        """Judge all that happened since the last time."""
        if self.checker is None:
            self.checker = Checker(self.venues, stolen_hub_keys)
        for event in self.history.events[self._read :]:
            self.checker.read(event)
        self._read = len(self.history.events)
        wrong, self.checker.wrong = self.checker.wrong, []
        return wrong
