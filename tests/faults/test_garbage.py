"""Anything at all on any topic: no crash, no hang, no growth, and each refusal has its code.

``DOORWATCH_GARBAGE=100000`` sends that many payloads; ``DOORWATCH_SEED`` replays one seed.
"""

import itertools
import os
import random
import time
import tracemalloc
from collections.abc import Callable

import pytest

from simulator.ram_broker import Message
from simulator.unit_node import UnitNode
from simulator.world import World
from sync import canonical, frames
from sync.errors import Code
from sync.message import Arrival

pytestmark = pytest.mark.usefixtures("loaded_dice")

PAYLOADS = int(os.environ.get("DOORWATCH_GARBAGE", "10000"))
SEED = int(os.environ.get("DOORWATCH_SEED", "3"))
SLOWEST_S = 0.1
MOST_GROWTH = 8 << 20

TAGS = ["head", "page", "roots", "urgent", "caution", "taken", "pong", "heard", "want", "hello"]
TAGS += ["range", "snapshot", "report", "submit", "ping", "burst", "manifest", "", "x" * 300]


class Litter:
    """Makes payloads that nobody honest would send."""

    def __init__(self, world: World, unit: UnitNode, chance: random.Random) -> None:
        self.world, self.unit, self.chance = world, unit, chance
        self.honest = list(world.seen)
        self.kinds: list[Callable[[], bytes]] = [
            self.noise, self.spoilt, self.shortened, self.sealed, self.nested, self.almost,
        ]  # fmt: skip

    def payload(self) -> bytes:
        return self.chance.choice(self.kinds)()

    def noise(self) -> bytes:
        size = self.chance.choice([0, 1, 8, 100, 2_047, frames.SMALL, frames.SMALL, frames.LARGE])
        return self.chance.randbytes(size)

    def some(self) -> Message:
        return self.chance.choice(self.honest)

    def spoilt(self) -> bytes:
        payload = bytearray(self.some().payload)
        for _ in range(self.chance.randint(1, 4)):
            payload[self.chance.randrange(len(payload))] = self.chance.randrange(256)
        return bytes(payload)

    def shortened(self) -> bytes:
        payload = self.some().payload
        return payload[: self.chance.randrange(len(payload))] + bytes(self.chance.randrange(3))

    def value(self, depth: int = 0) -> object:
        chance = self.chance
        if depth < 3 and chance.random() < 0.4:
            return [self.value(depth + 1) for _ in range(chance.randrange(5))]
        return chance.choice(
            [0, 1, 2**64 - 1, 2**53, b"", chance.randbytes(8), chance.randbytes(32), "", "ff" * 8,
             "ab" * 16, "\u202e", None, True, False, *TAGS]
        )  # fmt: skip

    def framed(self, content: tuple[object, ...]) -> bytes:
        ring, list_id, unit_id = self.unit.ring, self.world.list_id, self.unit.unit_id
        key, role, whom = self.chance.choice(
            [
                (ring.control, "list", ""),
                (ring.channel, "to", unit_id),
                (ring.channel, "from", unit_id),
            ]
        )
        return frames.seal_frame(key, role, list_id, whom, content)  # type: ignore[arg-type]

    def sealed(self) -> bytes:
        count = self.chance.randrange(6)
        return self.framed((self.chance.choice(TAGS), *[self.value() for _ in range(count)]))

    def nested(self) -> bytes:
        """Seal a transfer of one page with nonsense in it."""
        tag = self.chance.choice(["burst", "range", "manifest", "snapshot"])
        blob = canonical.encode([tag, *[self.value() for _ in range(self.chance.randrange(5))]])
        page = ("page", self.chance.randbytes(8).hex(), 0, 1, blob)
        return self.framed(page if self.chance.random() < 0.8 else ("submit", *page[1:]))

    def almost(self) -> bytes:
        """Spoil a byte inside of an honest statement, and seal it well again."""
        wire = bytearray(self.chance.choice([*self.world.hub.heads, *self.wires()]))
        wire[self.chance.randrange(len(wire))] ^= 1 << self.chance.randrange(8)
        kind = self.chance.choice(["head", "urgent", "roots", "report"])
        content = bytes(wire) if kind in {"head", "report"} else [[bytes(wire), b""]]
        return self.framed((kind, content))

    def wires(self) -> list[bytes]:
        return [wire for wire, _ in self.world.hub.archive]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(SEED, tmp_path_factory.mktemp("hub"), units=2)
    for _ in range(5):
        world.ban()
    assert world.heal() is not None
    return world


def swallowed(litter: Litter, topics: list[str], take: Callable[[Arrival], object]) -> list[float]:
    """Feed garbage; give the seconds of CPU that each piece took."""
    slow = []
    for _ in range(PAYLOADS // 2):
        arrival = Arrival(litter.chance.choice(topics), litter.payload())
        began = time.thread_time()
        take(arrival)
        slow.append(time.thread_time() - began)
    return slow


def topics_of(unit: UnitNode) -> list[str]:
    assert unit.session is not None
    return unit.session.topics()


def test_a_unit_takes_any_garbage_for_what_it_is(world: World) -> None:
    unit = next(iter(world.units.values()))
    litter = Litter(world, unit, random.Random(SEED))
    topics = [*topics_of(unit), "m/ffffffffffffffff/in", "l/0", ""]
    before, began = dict(unit.refusals), unit.position
    swallowed(litter, topics, unit.attacked)  # warms every cache and fills every bounded store
    tracemalloc.start()
    slow = swallowed(litter, topics, unit.attacked)
    growth, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    refused = {code: n - before.get(code, 0) for code, n in unit.refusals}
    print(f"{2 * len(slow)} payloads, slowest {max(slow) * 1e3:.1f} ms, +{growth} bytes, {refused}")
    assert unit.session is not None
    assert unit.position == began
    assert max(slow) < SLOWEST_S
    assert growth < MOST_GROWTH
    assert refused.keys() <= {str(code) for code in Code}
    assert sum(refused.values()) > len(slow)


def test_the_hub_takes_any_garbage_for_what_it_is(world: World) -> None:
    unit = next(iter(world.units.values()))
    litter = Litter(world, unit, random.Random(SEED + 1))
    boxes = [unit.mailbox, "ff" * 8, "", "x"]
    topics = [f"m/{box}/{part}" for box in boxes for part in ("out", "will", "in", "key")]
    topics += [f"m/{unit.mailbox}/out"] * 60

    now_ms, exchange = itertools.count(world.agenda.now_ms, 1_000), world.hub.exchange

    def take(arrival: Arrival) -> None:
        exchange.receive(arrival, next(now_ms))  # slowly enough to be listened to

    began = world.hub.position
    swallowed(litter, topics, take)
    tracemalloc.start()
    slow = swallowed(litter, topics, take)
    growth, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    refused = dict(exchange.refusals)
    print(f"{2 * len(slow)} payloads, slowest {max(slow) * 1e3:.1f} ms, +{growth} bytes, {refused}")
    assert refused.keys() >= {Code.MALFORMED, Code.UNKNOWN_KEY, Code.BAD_CIPHERTEXT}
    assert "too-often" not in refused
    assert world.hub.position == began
    assert max(slow) < SLOWEST_S
    assert growth < MOST_GROWTH
    assert world.heal() is not None
    assert world.wrongs() == []
