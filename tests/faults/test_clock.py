"""A clock that is set, jumps or restarts ends no entry early and keeps none alive.

500 scripts drive a whole unit, its time keeper included, through two years of virtual time in
which somebody turns the wall clock by up to 50 years, and the box restarts. ``DOORWATCH_SEED=n``
replays one script, ``DOORWATCH_SCRIPTS=2000`` runs more.
"""

import os
import random
from dataclasses import dataclass, replace

import pytest

from simulator.ram_shelf import RamShelf
from simulator.unit_node import UnitNode
from simulator.world import DAY_MS, World
from sync.clock import Now, Reading, TimeKeeper
from sync.frames import named_keys, open_frame, seal_frame
from sync.message import Arrival, Out
from sync.unit.reports import Condition
from sync.unit.session import Session
from sync.unit.shelf import Step

pytestmark = pytest.mark.usefixtures("loaded_dice")

SCRIPTS = int(os.environ.get("DOORWATCH_SCRIPTS", "500"))
ONLY = os.environ.get("DOORWATCH_SEED")
YEARS_MS = 50 * 365 * DAY_MS
STEPS = 24
SECOND_MS = 1_000
BATCH = 50


@dataclass
class Box:
    """The clocks of a box: one that anybody may set, and one that runs since the boot."""

    true_ms: int
    wall_off_ms: int = 0
    boot_id: str = "0"
    booted_ms: int = 0
    synchronised: bool = False

    def reading(self) -> Reading:
        wall_ms = max(0, self.true_ms + self.wall_off_ms)
        return Reading(wall_ms, self.true_ms - self.booted_ms, self.boot_id, self.synchronised)


class TimedShelf(RamShelf):
    """Takes the hub's time from the commit that brings it, as the real shelf does."""

    def __init__(self, unit: UnitNode, door: "Door") -> None:
        super().__init__(unit.shelf.trusted())
        self._state, self._door = unit.shelf._state, door

    def commit(self, step: Step) -> None:
        super().commit(step)
        if step.heard_ms:
            self._door.keeper.hear(step.heard_ms, self._door.box.reading())


class Door:
    """One unit's session and time keeper, put together as its process does it."""

    def __init__(self, world: World, unit: UnitNode, box: Box) -> None:
        self.keys, self.box = unit.keys, box
        self.shelf = TimedShelf(unit, self)
        head = unit.shelf.trusted().head
        assert head is not None
        self.head = head
        self.entries = {
            name: row.proposal.valid_until_ms for name, row in self.shelf.rows().items()
        }
        self.keeper = TimeKeeper()
        self.hub = world.hub.stolen_key()
        self.heard = False
        self.boot()

    def boot(self) -> None:
        """Start with what is on the disk."""
        self.keeper = TimeKeeper(self.keeper.floor_ms, self.keeper.anchor)
        self.session = Session(
            self.shelf, self.keys, random.Random(1), notify=lambda: None, condition=Condition
        )
        self.heard = False

    def now(self) -> Now:
        return self.keeper.now(self.box.reading(), self.session.standing.lease_ms)

    def hear_from_the_hub(self) -> None:
        """Greet the hub, and get a new head and the time in answer."""
        now_ms, ring = self.box.true_ms, self.shelf.trusted().keyrings[0]
        nonce = self._asked(self.session.connected(self.now()), ring.channel)
        head = replace(self.head, issued_ms=now_ms, expires_ms=now_ms + 7 * DAY_MS)
        self._told(ring.channel, "head", head.signed(self.hub).encode())
        self._told(ring.channel, "pong", nonce, now_ms)
        self.session.disconnected()
        self.heard = True

    def _asked(self, outs: list[Out], channel: bytes) -> object:
        keys, list_id, unit_id = named_keys([channel]), self.keys.list_id, self.keys.unit_id
        said = [open_frame(keys, "from", list_id, unit_id, out.payload) for out in outs]
        return next(message[-1] for message in said if message[0] == "hello")

    def _told(self, channel: bytes, *message: object) -> None:
        frame = seal_frame(channel, "to", self.keys.list_id, self.keys.unit_id, message)
        self.session.receive(Arrival(f"m/{self.keys.mailbox}/in", frame), self.now())

    def matched(self) -> set[str]:
        """Give whom the door stops."""
        self.session.tick(self.now())
        now, rows = self.now(), self.shelf.rows()
        over = {n for n in rows if now.trusted and rows[n].proposal.valid_until_ms <= now.ms}
        return self.shelf.matched() - over

    def in_force(self) -> set[str]:
        """Give whom it has to stop, by the true time."""
        return {name for name, until_ms in self.entries.items() if until_ms > self.box.true_ms}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(5, tmp_path_factory.mktemp("hub"), units=1)
    for _ in range(30):
        world.ban()
    assert world.heal() is not None
    return world


def turn(box: Box, chance: random.Random) -> None:
    """Do something to the clocks."""
    box.wall_off_ms = chance.choice([0, 0, chance.randint(-YEARS_MS, YEARS_MS), -DAY_MS, DAY_MS])
    box.synchronised = box.wall_off_ms == 0 and chance.random() < 0.3


def wait(door: Door, chance: random.Random) -> None:
    """Let time pass: a while, or to the very millisecond at which somebody's term ends."""
    box, ahead = door.box, [ms for ms in door.entries.values() if ms > door.box.true_ms + 1]
    if ahead and chance.random() < 0.5:
        box.true_ms = chance.choice(sorted(ahead)[:3]) - chance.choice([0, 1])
    else:
        box.true_ms += chance.choice([SECOND_MS, 3_600_000, DAY_MS, 20 * DAY_MS])


def play(world: World, seed: int) -> tuple[int, int]:
    """Play one script; give how many decisions there were, and how many by a trusted time."""
    chance = random.Random(seed)
    box = Box(world.agenda.now_ms)
    door = Door(world, next(iter(world.units.values())), box)
    trusted = 0
    for step in range(STEPS):
        if chance.random() < 0.5:
            turn(box, chance)
        if chance.random() < 0.2:
            box.boot_id, box.booted_ms = str(step), box.true_ms
            door.boot()
        wait(door, chance)
        if chance.random() < 0.4:
            door.hear_from_the_hub()
        matched, right, now = door.matched(), door.in_force(), door.now()
        told = f"seed {seed}, step {step}, {box}, {now}"
        assert right <= matched, f"ended too early: {told}"
        if door.heard or now.trusted:
            assert now == Now(box.true_ms, trusted=True), told
            assert matched == right, f"kept alive: {told}"
        trusted += now.trusted
    return STEPS, trusted


@pytest.mark.parametrize("first", [int(ONLY)] if ONLY else range(0, SCRIPTS, BATCH))
def test_no_script_of_jumps_ends_an_entry_early_or_keeps_one_alive(
    world: World, first: int
) -> None:
    played = [play(world, seed) for seed in range(first, first + (1 if ONLY else BATCH))]
    decisions, trusted = (sum(one) for one in zip(*played, strict=True))
    print(f"{decisions} looks at 30 entries, {trusted} by a trusted time")
    assert trusted > decisions / 4
