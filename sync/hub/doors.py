"""How each door stands, judged: what is wrong with it, worst first. Pure but for reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sync.hub.desk import Desk
from sync.hub.facts import UnitFacts
from sync.hub.rows import InvitationRow
from sync.hub.service import Service

HOT = 80
"""Degrees Celsius from which a Raspberry Pi slows itself down."""

STARTING_MS = 60_000
"""For so long after joining nobody is bothered because the engine does not answer yet."""

NO_ENGINE = "no-engine"
"""What a report says whose unit's engine did not answer."""

MANY_REFUSED = 5
"""Refused messages from which a door is worth a look: one that a broker sends twice is nothing."""

TEMPERATURE = "temperature"
"""Among the counts of a report: degrees Celsius inside of the unit."""


NOTE = "note."
"""Before the short word of what somebody should see to soon, among the counts of a report."""


class Trouble(StrEnum):
    """What may be wrong with a door, the worst first."""

    OTHER_LIST = "other-list"
    LAPSED = "lapsed"
    SILENT = "silent"
    FAULT = "fault"
    OTHER_NETWORK = "other-network"
    STOLEN = "stolen"
    HOT = "hot"
    NEEDS = "needs"
    REFUSED = "refused"
    UNHEARD = "unheard"
    BEHIND = "behind"


class Look(StrEnum):
    """How a door looks at a glance."""

    NOW = "now"
    SOON = "soon"
    GOOD = "good"
    OFF = "off"


_NOW = frozenset(
    {Trouble.OTHER_LIST, Trouble.LAPSED, Trouble.SILENT, Trouble.FAULT, Trouble.OTHER_NETWORK}
)
_PASSING = frozenset({Trouble.UNHEARD, Trouble.BEHIND})
"""What goes by itself, mostly within seconds."""


@dataclass(frozen=True, slots=True)
class Door:
    """One unit with what is to be said of it.

    Attributes:
        unit: What the hub knows.
        troubles: What is wrong, worst first.
        temperature: Degrees Celsius inside; None where it does not tell.
    """

    unit: UnitFacts
    troubles: tuple[Trouble, ...]
    temperature: int | None

    @property
    def look(self) -> Look:
        """How it looks at a glance."""
        if _NOW.intersection(self.troubles):
            return Look.NOW
        if self.unit.revoked_ms and not self.troubles:
            return Look.OFF
        return Look.SOON if set(self.troubles) - _PASSING or self.is_new else Look.GOOD

    @property
    def is_new(self) -> bool:
        """Whether it joined and was not heard yet."""
        return Trouble.UNHEARD in self.troubles


@dataclass(frozen=True, slots=True)
class Expected:
    """A unit that was invited and has not joined.

    Attributes:
        unit_id: Which.
        venue_id: Where it will stand.
        name: What it will be called.
        expires_ms: Until when it may join.
    """

    unit_id: str
    venue_id: str
    name: str
    expires_ms: int


def doors(service: Service, model_id: str, now_ms: int) -> tuple[Door, ...]:
    """Judge every unit; what needs attention first, then as they joined, the revoked last.

    Args:
        service: The hub.
        model_id: Network that this hub makes references with.
        now_ms: Milliseconds since the epoch.
    """
    return ordered(judged(unit, model_id, now_ms) for unit in service.units(now_ms))


def ordered(found: Iterable[Door]) -> tuple[Door, ...]:
    """Put what needs attention first."""
    order = list(Look)
    return tuple(sorted(found, key=lambda one: order.index(one.look)))


def judged(unit: UnitFacts, model_id: str, now_ms: int) -> Door:
    """Judge one unit.

    Args:
        unit: What the hub knows.
        model_id: Network that this hub makes references with.
        now_ms: Milliseconds since the epoch.
    """
    temperature = dict(unit.counts).get(TEMPERATURE)
    if unit.revoked_ms:
        return Door(unit, () if unit.destroyed_ms else (Trouble.STOLEN,), temperature)
    heard = bool(unit.heard_ms)
    holds = {
        Trouble.OTHER_LIST: heard and not unit.agrees,
        Trouble.LAPSED: unit.silent and unit.lapses_ms <= now_ms,
        Trouble.SILENT: unit.silent and unit.lapses_ms > now_ms,
        Trouble.FAULT: bool(unit.faults) and not _starting(unit, now_ms),
        Trouble.OTHER_NETWORK: unit.model_id not in {"", model_id},
        Trouble.HOT: temperature is not None and temperature >= HOT,
        Trouble.NEEDS: bool(needs(unit)),
        Trouble.REFUSED: sum(count for _, count in unit.refusals) >= MANY_REFUSED,
        Trouble.UNHEARD: not heard and not unit.silent,
        Trouble.BEHIND: heard and unit.behind > 0,
    }
    return Door(unit, tuple(one for one in Trouble if holds.get(one)), temperature)


def needs(unit: UnitFacts) -> tuple[str, ...]:
    """Give the short words of what somebody should see to at a door, by its own report."""
    return tuple(name.removeprefix(NOTE) for name, _ in unit.counts if name.startswith(NOTE))


def expected(desk: Desk) -> tuple[Expected, ...]:
    """Give the units that were invited and have not joined, the newest invitation first."""
    rows = [
        Expected(str(unit_id), row.venue_id, row.name, row.expires_ms)
        for unit_id, row in desk.store.each("invitation", InvitationRow)
        if not row.used and not _is_in_force(desk, str(unit_id))
    ]
    return tuple(sorted(rows, key=lambda one: -one.expires_ms))


def _starting(unit: UnitFacts, now_ms: int) -> bool:
    """Whether a unit's first report left before its engine was up."""
    return unit.faults == (NO_ENGINE,) and now_ms - unit.joined_ms < STARTING_MS


def _is_in_force(desk: Desk, unit_id: str) -> bool:
    unit = desk.book.units.get(unit_id)
    return unit is not None and unit.in_force
