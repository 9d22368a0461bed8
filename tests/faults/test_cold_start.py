"""A unit that begins with nothing fetches a long list once, however often it is cut off."""

from dataclasses import replace
from pathlib import Path

import pytest

from simulator.ram_broker import Message
from simulator.trouble import Trouble, lift
from simulator.world import World
from sync.frames import LARGE

pytestmark = pytest.mark.usefixtures("loaded_dice")

ENTRIES, PHOTO_BYTES, CUTS = 500, 8_000, 50
WINDOW = 48
"""Pages that may be under way, or judged and not yet staged, when the power goes."""


@pytest.mark.parametrize("seed", [1, 2])
def test_a_cold_start_cut_at_fifty_points_never_starts_over(seed: int, tmp_path: Path) -> None:
    world = World(seed, tmp_path, units=1)
    for _ in range(ENTRIES):
        person = world.people.person()
        world.agree(replace(person, photo=world.chance.randbytes(PHOTO_BYTES)))
    Trouble(world, {lift: 1}).run(500, 20)
    assert world.heal() is not None
    newcomer = world.join(next(iter(world.people.managers)))
    assert newcomer is not None

    passed = [0]

    def count(client: str, message: Message) -> None:
        mine = message.topic == f"m/{newcomer.mailbox}/in"
        passed[0] += client == "hub" and mine and len(message.payload) == LARGE

    world.watchers.append(count)
    furthest, cuts, began_ms = 0, 0, world.agenda.now_ms
    pages = 0
    while cuts < CUTS and not world.agreed():
        world.agenda.run(world.chance.randint(1, 60))
        done, of = newcomer.standing.pages if newcomer.session else (furthest, 0)
        pages = max(pages, of)
        assert done >= furthest or world.agreed(), f"seed {seed}: from page {furthest} to {done}"
        furthest = max(furthest, done - WINDOW)
        if world.chance.random() < 0.5:
            newcomer.line.cut()
        else:
            newcomer.shelf.fuse.arm(world.chance.randrange(2))
        cuts += 1
    assert world.heal(600_000) is not None
    took_ms = world.agenda.now_ms - began_ms
    print(f"seed {seed}: {pages} pages, {cuts} cuts, {passed[0]} pages passed, {took_ms} ms")
    assert world.wrongs() == []
    assert passed[0] <= pages + cuts * WINDOW
