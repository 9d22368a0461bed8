"""Simulated nights: strangers and people on the list walk up, alerts are counted.

Rules and thresholds are those of the door: ``edge.budget`` over the impostor curve on the
embedder's card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.budget import ImpostorCurve, thresholds
from edge.config import Budget
from edge.config import Decision as DecisionSettings
from edge.decision import Rules
from edge.evaluate.acquire import Advance, each
from edge.evaluate.alerts import Missed, Outcome, Realised, false_alerts, misses, verdicts
from edge.evaluate.encounters import SPACING_S, Encounter, Walk, screened, seen
from edge.evaluate.lists import Listed, NightList, enrolled
from edge.evaluate.recognition import draws
from edge.pipeline import InForce
from edge.vision import Engine


@dataclass(frozen=True, slots=True)
class Plan:
    """What the nights are like.

    Attributes:
        gallery: People on the list of each night, one reference each.
        nights: Nights, each with other people on the list.
        budget: False STOP alerts allowed per person.
        frames: Frames of each encounter.
        seed: Chooses the lists and makes the frames.
    """

    gallery: int
    nights: int
    budget: float
    frames: int
    seed: int


@dataclass(frozen=True, slots=True)
class Guests:
    """Who may come.

    Attributes:
        pool: People for the lists, in the order in which they are taken.
        strangers: A photograph of everybody else; they come every night.
        groups: The group of each stranger, "" where unknown.
    """

    pool: tuple[Listed, ...]
    strangers: tuple[Path, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nights:
    """What the nights came to.

    Attributes:
        plan: What they were like.
        strangers: People not on the list, the same each night.
        listed: People on the lists, all of whom walked up.
        refused_enrolments: Reference photos that were refused; others took their place.
        check: The threshold of CHECK.
        stop: The threshold of STOP.
        false_alerts: Promised beside realised, over all and by group.
        missed: What happened to people on the list.
        verdicts: Share of the strangers' encounters by what was shown.
        split: Strangers whom the tracker took for several people.
    """

    plan: Plan
    strangers: int
    listed: int
    refused_enrolments: int
    check: float
    stop: float
    false_alerts: tuple[Realised, ...]
    missed: Missed
    verdicts: dict[str, float]
    split: int


def rules(plan: Plan, curve: ImpostorCurve) -> Rules:
    """Work out the rules that the door would screen by, with its usual share of CHECK."""
    usual = Budget()
    found = thresholds(
        curve,
        gallery_size=plan.gallery,
        entrants=1,
        stops_per_night=plan.budget,
        checks_per_night=plan.budget * usual.checks_per_night / usual.stops_per_night,
    )
    evidence = DecisionSettings()
    return Rules(
        check=found.check,
        stop=found.stop,
        usable_for_clear=evidence.usable_for_clear,
        stop_hits=evidence.stop_hits,
        stop_window=evidence.stop_window,
        patience_s=min(evidence.patience_s, (plan.frames - 1) * SPACING_S),
    )


def steps(plan: Plan, guests: Guests) -> int:
    """Count what ``simulate`` does at least: enrolments and encounters."""
    return 2 * plan.gallery * plan.nights + len(guests.strangers)


def simulate(
    plan: Plan,
    guests: Guests,
    engines: Sequence[Engine],
    door: Rules,
    advance: Advance = lambda: None,
) -> Nights:
    """Let everybody walk up.

    Args:
        plan: What the nights are like.
        guests: Who comes.
        engines: One for each thread that works.
        door: The rules to screen by.
        advance: Told after each enrolment and encounter.

    Raises:
        EvaluationError: Too few people can be put on the lists.
    """
    lists, refused = enrolled(guests.pool, [plan.gallery] * plan.nights, engines, advance)
    probes = [probe for one in lists for probe in one.probes]
    known = _seen(plan, probes, engines, advance)
    strange = _seen(plan, guests.strangers, engines, advance, first=len(probes))
    nights = [_night(strange, one, door) for one in lists]
    mated = [
        outcome
        for number, one in enumerate(lists)
        for outcome in _night(known[number * plan.gallery : (number + 1) * plan.gallery], one, door)
    ]
    expected = [entry_id for one in lists for entry_id in one.entry_ids]
    alerts = false_alerts(
        nights, guests.groups, plan.budget, draws(len(guests.strangers), plan.seed)
    )
    return Nights(
        plan=plan,
        strangers=len(strange),
        listed=len(known),
        refused_enrolments=refused,
        check=door.check,
        stop=door.stop,
        false_alerts=alerts,
        missed=misses(mated, expected),
        verdicts=verdicts(nights),
        split=sum(one.tracks > 1 for one in nights[0]),
    )


def _seen(
    plan: Plan,
    photos: Sequence[Path],
    engines: Sequence[Engine],
    advance: Advance,
    first: int = 0,
) -> list[Encounter]:
    """Let the engine look at everybody once; ``first`` keeps their frames apart."""
    walks = [
        Walk(photo, plan.frames, plan.seed, number) for number, photo in enumerate(photos, first)
    ]
    return list(each(walks, engines, seen, advance))


def _night(encounters: Sequence[Encounter], tonight: NightList, door: Rules) -> list[Outcome]:
    """Screen everybody against one list."""
    in_force = InForce(door, tonight.index)
    return [screened(one, in_force) for one in encounters]
