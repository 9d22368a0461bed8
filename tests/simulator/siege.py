"""Many attacks on one world, one after the other, each followed by a return to order."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from simulator import (
    moves_bans,
    moves_boxes,
    moves_cautions,
    moves_chain,
    moves_heads,
    moves_raw,
)
from simulator.attacker import MOVES, Attacker, Loot
from simulator.trouble import (
    Trouble,
    ban,
    ban_locally,
    contest,
    lift,
    mark_somebody_not_them,
    reinstate,
)
from simulator.world import World

FAMILIES = (moves_bans, moves_boxes, moves_cautions, moves_chain, moves_heads, moves_raw)
"""Importing these enters their moves."""

PEOPLE = {
    ban: 5,
    ban_locally: 1,
    lift: 3,
    contest: 2,
    reinstate: 1,
    mark_somebody_not_them: 2,
}
"""What honest people do meanwhile, by weight."""

LOOT = {Loot.NOTHING: 1, Loot.UNIT: 2, Loot.VENUE: 2, Loot.OFFICER: 2, Loot.HUB: 5, Loot.BOTH: 5}
"""How often what is stolen, by weight."""

TICK_MS = 1_000
"""Units look around less often than real ones: it is cheaper."""


@dataclass(slots=True)
class Tally:
    """What came of attacks.

    Attributes:
        histories: How many there were.
        moves: How often each move was made.
        refusals: How often units refused something, by reason, while each move was made.
        slowest_s: Longest that one message kept hub or unit busy, seconds of CPU.
    """

    histories: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    slowest_s: float = 0.0


class Siege:
    """One world under attack.

    Attributes:
        world: It.
        told: What was done in this history, for whoever looks at a failure.
    """

    def __init__(self, seed: int, folder: Path, tally: Tally) -> None:
        """Found the world that follows from ``seed``."""
        self.world, self._tally = World(seed, folder, units=2), tally
        for unit in self.world.units.values():
            unit.tick_ms = TICK_MS
        self._stolen: set[bytes] = set()
        self._people = Trouble(self.world, PEOPLE)
        self.told: list[str] = []
        for _ in range(4):
            self._honest()
        self.world.heal()

    def history(self) -> list[str]:
        """Attack once; give what went wrong, nothing if all went right."""
        world, chance = self.world, self.world.chance
        (loot,) = chance.choices(list(LOOT), list(LOOT.values()))
        victim = chance.choice(list(world.units.values()))
        attacker = Attacker(world, victim, loot)
        self.told = [f"with {loot}"]
        if loot.hub:
            self._stolen.add(attacker.hub.public)
        for _ in range(chance.randint(4, 9)):
            if chance.random() < 0.4:
                self._honest()
            else:
                self._attack(attacker)
            if wrong := world.wrongs(self._stolen):
                return wrong
        self._tally.histories += 1
        return self._order(loot)

    def _honest(self) -> None:
        """Let people change the list, or time pass."""
        self._people.run(1, 200)
        self.told.append(self._people.done[-1])

    def _attack(self, attacker: Attacker) -> None:
        """Make one move, and count what it met."""
        victim = attacker.victim
        one = attacker.chance.choice(attacker.moves)
        self.told.append(one.name)
        before = Counter(dict(victim.refusals))
        one.make(attacker)
        self._tally.moves[one.name] += 1
        for code, count in (Counter(dict(victim.refusals)) - before).items():
            self._tally.refusals[one.name, code] += count

    def _order(self, loot: Loot) -> list[str]:
        """End the attack; everybody has to stand alike again, on the honest list."""
        victims = list(self.world.units.values())
        if loot.hub:
            while self.world.hub.position[0] < max(one.position[0] for one in victims):
                self.world.ban()  # the officers' floor has to lie where no thief has led a unit
            self.world.rotate()
        healed_ms = self.world.heal()
        slow = [self.world.hub.slowest_s, *(one.slowest_s for one in self.world.units.values())]
        self._tally.slowest_s = max(self._tally.slowest_s, *slow)
        wrong = self.world.wrongs(self._stolen)
        return wrong if healed_ms is not None else [*wrong, "good lists are refused"]


def unmade(tally: Tally) -> list[str]:
    """Give the moves that were never made."""
    return sorted(MOVES.keys() - tally.moves.keys())
