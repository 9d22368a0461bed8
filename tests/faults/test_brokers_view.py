"""Whoever owns the broker sees sizes and times, and those say nothing of what was done."""

import os
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator.trouble import PEOPLE, Trouble
from simulator.world import DAY_MS, World
from sync.entries import Category, Reason
from sync.frames import LARGE, SMALL
from sync.statement.policy import Policy
from sync.statement.proposal import CONSORTIUM, PutProposal

pytestmark = pytest.mark.usefixtures("loaded_dice")

if TYPE_CHECKING:
    from simulator.ram_broker import Message

HOURS = int(os.environ.get("DOORWATCH_HOURS", "4"))
"""Of the day that is watched; 24 in the long run."""


class Spy:
    """Writes down everything that passes the broker."""

    def __init__(self, world: World) -> None:
        self.passed: list[tuple[str, Message]] = []
        world.watchers.append(lambda client, message: self.passed.append((client, message)))

    def shape(self) -> Counter[tuple[str, str, int]]:
        """Give what can be told apart: who, what kind of topic, what size, how often."""
        return Counter(
            ("hub" if client == "hub" else "unit", kind(message.topic), len(message.payload))
            for client, message in self.passed
        )


def kind(topic: str) -> str:
    return "/".join(part for part in topic.split("/") if len(part) < 16)


@pytest.fixture
def quiet(tmp_path: Path) -> World:
    """A world whose heads and reports come once a day, so that nothing else is in the way."""
    world = World(7, tmp_path, units=3)
    slow = Policy(head_every_ms=DAY_MS, report_every_ms=DAY_MS, covers_per_day=0)
    world.agree(world.people.policy(slow))
    for _ in range(3):
        world.ban()
    assert world.heal() is not None
    world.agenda.run(60_000)
    return world


def forbidden(world: World) -> set[bytes]:
    """Give everything that may not stand anywhere in the open."""
    words = {str(one) for one in (*Reason, *Category)} - {"theft", "threats"}
    ids = {row.entry_id for row in entries(world)} | set(world.venues) | set(world.venues.values())
    texts = words | ids | {world.list_id, CONSORTIUM, "a door", "venue "}
    raw = {bytes.fromhex(one) for one in ids | {world.list_id}}
    keys = {key.public for key in (*world.people.managers.values(), *world.people.officers)}
    return {one.encode() for one in texts} | raw | set(world.people.names) | keys


def calm(world: World) -> Spy:
    """Wait until the units have just asked for a sign of life, and watch from then on."""
    spy = Spy(world)
    while not any(client != "hub" for client, _ in spy.passed):
        world.agenda.run(100)
    world.agenda.run(3_000)
    return Spy(world)


def entries(world: World) -> list[PutProposal]:
    service = world.hub.service
    assert service is not None
    return list(service.puts())


def test_a_days_traffic_holds_no_byte_of_anybody(tmp_path: Path) -> None:
    world = World(11, tmp_path, units=3)
    for unit in world.units.values():
        unit.tick_ms = 10_000
    spy = Spy(world)
    people = Trouble(world, PEOPLE)
    for _ in range(HOURS):
        people.run(20_000, 8_000)
        world.agenda.run(3_580_000)
    assert world.heal() is not None
    passed = [message for _, message in spy.passed]
    assert {len(message.payload) for message in passed} - {0} == {SMALL, LARGE}
    sealed = {one.payload for one in passed if one.payload}
    print(f"{len(passed)} payloads, {len(sealed)} sealed, {world.hub.position[0]} changes")
    assert min(len(zlib.compress(payload, 1)) - len(payload) for payload in sealed) > 0
    haystack = b"\0".join([*sealed, *{message.topic.encode() for message in passed}])
    assert [one for one in forbidden(world) if one in haystack] == []


def test_a_kill_order_looks_like_a_key_box(quiet: World) -> None:
    spy = Spy(quiet)
    quiet.replace(next(iter(quiet.units.values())))
    quiet.agenda.run(5_000)
    in_key_topics = [message.payload for _, message in spy.passed if kind(message.topic) == "m/key"]
    assert len(in_key_topics) >= 3
    assert {len(payload) for payload in in_key_topics if payload} == {SMALL}


@pytest.mark.parametrize("photo_bytes", [0, 8_000])
def test_one_and_twenty_look_the_same(quiet: World, photo_bytes: int) -> None:
    seen = []
    for count in (1, 20):
        spy = calm(quiet)
        photo = quiet.chance.randbytes(photo_bytes)
        for _ in range(count):
            quiet.agree(replace(quiet.people.person(), photo=photo))
        quiet.agenda.run(5_000)
        seen.append(spy.shape())
        quiet.agenda.run(60_000)
    assert seen[0] == seen[1]


def test_a_ban_and_a_lift_look_the_same_on_the_lists_topic(quiet: World) -> None:
    name = entries(quiet)[0].entry_id
    seen = []
    for deed in (quiet.ban, lambda: quiet.agree(quiet.people.removal(name))):
        spy = calm(quiet)
        deed()
        quiet.agenda.run(5_000)
        seen.append(Counter({key: n for key, n in spy.shape().items() if key[1].startswith("l")}))
        quiet.agenda.run(60_000)
    assert seen[0] == seen[1]
