"""Weeks without the hub change nothing but the date: one exchange, and all is right again."""

from collections import Counter
from pathlib import Path

import pytest

from simulator.ram_broker import Message
from simulator.trouble import PEOPLE, Trouble
from simulator.unit_node import UnitNode
from simulator.world import DAY_MS, World
from sync.statement.policy import Policy

pytestmark = pytest.mark.usefixtures("loaded_dice")

DAYS, CHANGES, EPOCHS = 60, 500, 3
MINUTE_MS = 60_000
QUICK_MS = 5_000
QUIET = Policy(head_every_ms=DAY_MS, report_every_ms=DAY_MS, covers_per_day=0)
"""Heads and reports once a day, so that two months of virtual time are a matter of seconds."""


def overdue(unit: UnitNode, now_ms: int) -> set[str]:
    """Give entries that the door would still match although their term was over long ago."""
    rows = unit.shelf.rows()
    return {
        name
        for name in unit.shelf.matched()
        if rows[name].proposal.valid_until_ms <= now_ms - 2 * unit.tick_ms
    }


def test_sixty_days_three_epochs_and_500_changes_are_caught_up_at_once(tmp_path: Path) -> None:
    world = World(60, tmp_path, units=4)
    world.agree(world.people.policy(QUIET))
    people = Trouble(
        world, {deed: n for deed, n in PEOPLE.items() if deed.__name__ != "change_the_rules"}
    )
    people.run(30_000, 500)
    assert world.heal() is not None
    lonely, *others = world.units.values()
    lonely.tick_ms = 10 * MINUTE_MS
    lonely.line.wall(True)  # noqa: FBT003
    at_first, held = world.hub.position[0], len(lonely.shelf.rows())
    for unit in others:
        unit.kill()
    for day in range(DAYS):
        world.hub.mend()
        if day in (10, 30, 50):
            world.replace(others[day // 20])
            for unit in world.units.values():
                if unit is not lonely and unit.session:
                    unit.kill()
        while world.hub.position[0] - at_first < CHANGES * (day + 1) / DAYS:
            people.run(1, 10)
        world.hub.kill()  # it has nothing to do until tomorrow
        for _ in range(24):
            world.agenda.run(DAY_MS // 24)
            assert overdue(lonely, world.agenda.now_ms) == set()
    missed = world.hub.position[0] - at_first
    assert missed >= CHANGES
    assert lonely.ring.epoch + EPOCHS <= world.hub.epoch
    ended = held - sum(not row.provisional for row in lonely.shelf.rows().values())
    assert ended > 0, "nobody's term ended in two months"
    assert lonely.standing.lease_ms < world.agenda.now_ms, "an old list does not say so"

    said: Counter[str] = Counter()
    world.watchers.append(lambda client, message: said.update([said_by(client, message)]))
    for unit in others:
        world.units.pop(unit.unit_id, None)
    for unit in [one for one in world.units.values() if one is not lonely]:  # joined meanwhile
        unit.kill()
        world.units.pop(unit.unit_id)
    lonely.tick_ms = 250
    healed_ms = world.heal(QUICK_MS)
    print(f"{missed} changes and {EPOCHS} epochs missed, caught up in {healed_ms} ms: {said}")
    assert healed_ms is not None
    assert world.wrongs() == []


def said_by(client: str, message: Message) -> str:
    """Tell who said something of what size."""
    return f"{'hub' if client == 'hub' else 'unit'} {len(message.payload)}"
