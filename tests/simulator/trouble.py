"""People who change the list while everything around them breaks, as one seed tells."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.network import FAIR, FOUL, Weather
from simulator.unit_node import UnitNode
from simulator.world import World
from sync.entries import Category, Reason
from sync.hub import alarms
from sync.hub.facts import Standing
from sync.statement.policy import Policy

if TYPE_CHECKING:
    from pathlib import Path

Deed = Callable[["Trouble"], None]

MOST_UNITS = 5


class Trouble:
    """One run of trouble in one world.

    Attributes:
        world: Where.
        done: What was done, in order, for whoever looks at a failed seed.
    """

    def __init__(self, world: World, deeds: dict[Deed, int]) -> None:
        """Choose among ``deeds`` by weight."""
        self.world, self.chance = world, world.chance
        self._deeds, self._weights = list(deeds), list(deeds.values())
        self.done: list[str] = []
        self.backups: list[Path] = []

    def run(self, duration_ms: int, longest_pause_ms: int = 4_000) -> None:
        """Make trouble for that much virtual time."""
        end_ms = self.world.agenda.now_ms + duration_ms
        while self.world.agenda.now_ms < end_ms:
            (deed,) = self.chance.choices(self._deeds, self._weights)
            self.done.append(f"{self.world.agenda.now_ms} {deed.__name__}")
            deed(self)
            self.world.agenda.run(self.chance.randint(1, longest_pause_ms))

    def unit(self) -> UnitNode:
        """Pick a unit."""
        return self.chance.choice(list(self.world.units.values()))

    def entry(self, *standings: Standing) -> tuple[str, str] | None:
        """Pick an entry in one of these standings, with its scope."""
        found = self.world.hub.ask(lambda hub, _now_ms: hub.entries()) or ()
        fit = [one for one in found if one.standing in standings]
        one = self.chance.choice(fit) if fit else None
        return (one.entry_id, one.ring.partition("/")[0]) if one else None


# --- what people do ------------------------------------------------------------------------------
def ban(trouble: Trouble) -> None:
    """Ban somebody everywhere."""
    trouble.world.ban()


def ban_locally(trouble: Trouble) -> None:
    """Ban somebody at one venue."""
    trouble.world.ban(trouble.chance.choice(list(trouble.world.people.managers)))


def ban_several(trouble: Trouble) -> None:
    """Ban several at once."""
    for _ in range(trouble.chance.randint(2, 6)):
        trouble.world.ban()


def ban_in_two_steps(trouble: Trouble) -> None:
    """Let one venue propose and another one approve, a while later."""
    world = trouble.world
    person = world.people.person()
    first, second = world.people.two(person)
    one = world.people.sign(person, [first])
    if world.hub.ask(lambda hub, now_ms: hub.propose(one, now_ms)) is None:
        return
    two = world.people.sign(person, [second])
    world.agenda.run(trouble.chance.randint(0, 500))
    world.hub.ask(lambda hub, now_ms: hub.approve(two, now_ms))


def lift(trouble: Trouble) -> None:
    """Take somebody off the list."""
    if one := trouble.entry(Standing.LIVE, Standing.CONTESTED):
        trouble.world.agree(trouble.world.people.removal(one[0]), one[1])


def contest(trouble: Trouble) -> None:
    """Dispute an entry."""
    if one := trouble.entry(Standing.LIVE):
        proposal = trouble.world.people.contest(one[0])
        trouble.world.agree(proposal, proposal.venue_id)


def reinstate(trouble: Trouble) -> None:
    """Settle a dispute."""
    if one := trouble.entry(Standing.CONTESTED):
        trouble.world.agree(trouble.world.people.reinstatement(one[0]), one[1])


def change_the_rules(trouble: Trouble) -> None:
    """Enact another policy."""
    lease_ms = trouble.chance.choice([1, 7, 14]) * 86_400_000
    days = frozenset({(Reason.THEFT, trouble.chance.randint(30, 300))})
    policy = Policy(max_days=days, lease_ms=lease_ms, two_person=frozenset(Category))
    trouble.world.agree(trouble.world.people.policy(policy))


def enter_somebody_at_a_door(trouble: Trouble) -> None:
    """Let a manager add somebody at the unit itself."""
    trouble.world.enter_locally(trouble.unit())


def mark_somebody_not_them(trouble: Trouble) -> None:
    """Let staff at a door say that an alert is wrong."""
    unit = trouble.unit()
    if names := sorted(unit.shelf.rows()):
        trouble.world.mark_not_them(unit, trouble.chance.choice(names[:3]))


def clear_an_alarm(trouble: Trouble) -> None:
    """Let a manager say that an entry may be stopped for again."""
    world = trouble.world
    raised = world.hub.ask(lambda hub, now_ms: alarms.standing(hub.desk, now_ms))
    if raised:
        name = trouble.chance.choice(raised).entry_id
        world.hub.ask(lambda hub, now_ms: alarms.clear(hub.desk, name, "test", now_ms))


# --- what breaks ---------------------------------------------------------------------------------
def spoil_the_weather(trouble: Trouble) -> None:
    """Make lines lose, double, delay and reorder."""
    chance = trouble.chance
    trouble.world.net.weather = chance.choice(
        [FOUL, Weather(loss=0.1), Weather(double=0.5), Weather(disorder=0.5, delay_ms=300)]
    )


def clear_the_weather(trouble: Trouble) -> None:
    """Give the lines a rest."""
    trouble.world.net.weather = FAIR


def wall_somebody_off(trouble: Trouble) -> None:
    """Partition a unit, or the hub."""
    trouble.chance.choice(list(trouble.world.net.lines.values())).wall(True)  # noqa: FBT003


def let_everybody_out(trouble: Trouble) -> None:
    """End partitions."""
    for line in trouble.world.net.lines.values():
        line.wall(False)  # noqa: FBT003


def cut_a_line(trouble: Trouble) -> None:
    """Break one connection."""
    trouble.chance.choice(list(trouble.world.net.lines.values())).cut()


def wipe_the_broker(trouble: Trouble) -> None:
    """Kill the broker and all it knew."""
    trouble.world.net.wipe_broker(trouble.chance.randint(100, 8_000))


def kill_a_unit(trouble: Trouble) -> None:
    """Kill a unit's process at its next chance, in the middle of whatever it does."""
    unit = trouble.unit()
    if trouble.chance.random() < 0.7:
        unit.shelf.fuse.arm(trouble.chance.randrange(6))
    elif unit.session:
        unit.restart_after(trouble.chance.randint(0, 20_000))


def kill_the_hub(trouble: Trouble) -> None:
    """Kill the hub's process, likewise."""
    hub = trouble.world.hub
    if trouble.chance.random() < 0.7:
        hub.fuse.arm(trouble.chance.randrange(6))
    elif hub.alive:
        hub.restart_after(trouble.chance.randint(0, 20_000))


def back_the_hub_up(trouble: Trouble) -> None:
    """Take a backup."""
    if trouble.world.hub.alive:
        trouble.backups.append(trouble.world.hub.back_up())


def burn_the_hub(trouble: Trouble) -> None:
    """Lose the hub's disk, the broker's store on it, and restore the newest backup."""
    if trouble.backups:
        wipe_the_broker(trouble)
        units = [one for one in trouble.world.units.values() if not one.shelf.destroyed]
        kept = max([0, *(one.position[0] for one in units)])
        trouble.world.hub.restore(trouble.backups[-1], kept)


def turn_a_clock(trouble: Trouble) -> None:
    """Move a unit's clock a little, or take its trust away."""
    clock = trouble.unit().clock
    clock.skew_ms = trouble.chance.choice([0, 0, -60_000, 60_000])
    clock.trusted = trouble.chance.random() < 0.8


def revoke_a_unit(trouble: Trouble) -> None:
    """Revoke a unit; another one joins. After that, and after a new key, comes a backup."""
    trouble.world.replace(trouble.unit())
    back_the_hub_up(trouble)


def rotate_the_hubs_key(trouble: Trouble) -> None:
    """Let officers give the hub a new key."""
    trouble.backups.clear()  # no older one could speak under the new key
    trouble.world.rotate()
    back_the_hub_up(trouble)


PEOPLE: dict[Deed, int] = {
    ban: 8,
    ban_locally: 2,
    ban_several: 1,
    ban_in_two_steps: 2,
    lift: 4,
    contest: 2,
    reinstate: 2,
    change_the_rules: 1,
    enter_somebody_at_a_door: 2,
    mark_somebody_not_them: 3,
    clear_an_alarm: 1,
}
FAULTS: dict[Deed, int] = {
    spoil_the_weather: 2,
    clear_the_weather: 1,
    wall_somebody_off: 2,
    let_everybody_out: 2,
    cut_a_line: 2,
    wipe_the_broker: 1,
    kill_a_unit: 4,
    kill_the_hub: 4,
    back_the_hub_up: 1,
    burn_the_hub: 1,
    turn_a_clock: 1,
    revoke_a_unit: 1,
    rotate_the_hubs_key: 1,
}
ALL = PEOPLE | FAULTS
