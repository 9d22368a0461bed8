"""The risks of the assessment, weighed by how this consortium is really set up. Pure.

Each risk starts from a likelihood without anything done about it. Measures that are in place bring
it down; a measure that this consortium has not taken stays on the paper as an open point, and the
likelihood stays with it. Some risks never become small by paper: they have a floor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from sync.entries import Category
from sync.hub.papers.copies import Assessment
from sync.hub.papers.particulars import Ground


class Grade(IntEnum):
    """How likely, how severe, how large."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Situation:
    """How things are.

    Attributes:
        now: What the consortium chose, said and counted.
        network: The network that ships, whose errors were measured.
    """

    now: Assessment
    network: str


@dataclass(frozen=True, slots=True)
class Harm:
    """One risk before it is weighed.

    Attributes:
        name: Names its sentences.
        likely: Without any measure.
        severe: To the person.
        measures: What the software does about it, one word each.
        floor: The least likelihood that may be claimed.
        could_be: Open points that it may have, one word each; see ``OPEN``.
    """

    name: str
    likely: Grade
    severe: Grade
    measures: tuple[str, ...]
    floor: Grade
    could_be: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk, weighed.

    Attributes:
        name: Names its sentences.
        before: How large it is without any measure.
        after: How large it is now.
        measures: What is done about it.
        open: What is not done yet.
    """

    name: str
    before: Grade
    after: Grade
    measures: tuple[str, ...]
    open: tuple[str, ...]


def level(likely: Grade, severe: Grade) -> Grade:
    """Give the size of a risk from its likelihood and severity."""
    product = likely * severe
    if product >= Grade.HIGH * Grade.MEDIUM:
        return Grade.HIGH
    return Grade.MEDIUM if product >= Grade.HIGH else Grade.LOW


def weighed(now: Assessment, network: str) -> tuple[Risk, ...]:
    """Weigh every risk.

    Args:
        now: How things are.
        network: The network that ships, whose errors were measured.
    """
    return tuple(_weighed(harm, Situation(now, network)) for harm in HARMS)


def _weighed(harm: Harm, situation: Situation) -> Risk:
    left = tuple(word for word in harm.could_be if OPEN[word](situation))
    likely = harm.likely if left else harm.floor
    return Risk(
        name=harm.name,
        before=level(harm.likely, harm.severe),
        after=level(likely, harm.severe),
        measures=harm.measures,
        open=left,
    )


def _no_budget(situation: Situation) -> bool:
    said = situation.now.particulars
    return not (said.false_stops and said.entrants)


def _one_person(situation: Situation) -> bool:
    return Category.BANNED.value not in situation.now.settings.two_person


def _other_network(situation: Situation) -> bool:
    return any(one != situation.network for one in situation.now.settings.networks)


def _welfare_undecided(situation: Situation) -> bool:
    listed = situation.now.counts.by_category.get(Category.WELFARE.value, 0)
    return bool(listed) and situation.now.particulars.welfare is Ground.UNDECIDED


def _sign_missing(situation: Situation) -> bool:
    seen = [one for one in situation.now.particulars.venues.values() if one.sign_on]
    return len(seen) < len(situation.now.settings.venues)


def _no_appeal(situation: Situation) -> bool:
    said = situation.now.particulars
    return not (said.appeal and said.answer_days)


OPEN: dict[str, Callable[[Situation], bool]] = {
    "budget": _no_budget,
    "one_person": _one_person,
    "network": _other_network,
    "silent": lambda situation: situation.now.counts.silent > 0,
    "welfare": _welfare_undecided,
    "sign": _sign_missing,
    "notice": lambda situation: not situation.now.particulars.notice_web,
    "appeal": _no_appeal,
    "late": lambda situation: situation.now.counts.late > 0,
}
"""What a consortium may have left undone, and how that is seen."""

HARMS = (
    Harm(
        "mistaken", Grade.HIGH, Grade.MEDIUM,
        ("budget", "frames", "person", "wrong"), Grade.MEDIUM, ("budget",),
    ),
    Harm(
        "entry", Grade.MEDIUM, Grade.HIGH,
        ("closed", "quality", "preflight", "venues", "guard"), Grade.LOW, ("one_person",),
    ),
    Harm(
        "groups", Grade.HIGH, Grade.MEDIUM,
        ("measured", "worst", "none"), Grade.MEDIUM, ("network",),
    ),
    Harm("strangers", Grade.MEDIUM, Grade.HIGH, ("memory", "network", "tested"), Grade.LOW),
    Harm(
        "kept", Grade.MEDIUM, Grade.MEDIUM,
        ("ends", "offline", "backups"), Grade.LOW, ("silent",),
    ),
    Harm("stolen", Grade.MEDIUM, Grade.HIGH, ("sealed", "revoked", "lapses"), Grade.LOW),
    Harm("taken", Grade.MEDIUM, Grade.HIGH, ("signed", "audited"), Grade.LOW, ("one_person",)),
    Harm("insider", Grade.MEDIUM, Grade.HIGH, ("roles", "factor", "audited"), Grade.LOW),
    Harm("creep", Grade.MEDIUM, Grade.HIGH, ("trail", "search", "door"), Grade.LOW),
    Harm("minors", Grade.MEDIUM, Grade.HIGH, ("declared", "guess"), Grade.LOW, ("welfare",)),
    Harm(
        "unaware", Grade.HIGH, Grade.MEDIUM,
        ("sign", "notice", "letter"), Grade.LOW, ("sign", "notice"),
    ),
    Harm("trust", Grade.MEDIUM, Grade.MEDIUM, ("prompt", "plain"), Grade.MEDIUM),
    Harm(
        "stuck", Grade.MEDIUM, Grade.MEDIUM,
        ("suspend", "slip", "clock"), Grade.LOW, ("appeal", "late"),
    ),
)  # fmt: skip
"""Every risk that the assessment weighs, in the order of the paper."""
