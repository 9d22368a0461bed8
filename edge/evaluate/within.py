"""False matches within groups of strangers, and what a threshold that is right for all costs.

A threshold set on one collection of photographs matches people of some groups many times as
often as it says. So the strangers, one photograph each, are compared within their groups: at the
thresholds that the other photographs gave, and at those that they give themselves. Only faces
count that would count at the door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.evaluate.acquire import Acquisition
from edge.evaluate.verification import Operating, Scores, at_threshold
from edge.intervals import Rate, Weights
from edge.vision.models.faces import Templates
from edge.vision.models.groups import Fairness, common_threshold, fairness
from edge.vision.models.strangers import Crowd, LookedAt, crowd_of
from edge.vision.models.tail import Curves, curves

FMRS = (1e-3, 1e-4)
_BOUNDS = (False, True)


@dataclass(frozen=True, slots=True)
class Strangers:
    """People in groups, one photograph each.

    Attributes:
        photos: The photographs.
        groups: The group of the person on each, "" where unknown.
        looked_at: Pairs of photographs that show one person after all, or may.
    """

    photos: tuple[Path, ...]
    groups: tuple[str, ...]
    looked_at: LookedAt


@dataclass(frozen=True, slots=True)
class Present:
    """How many of a group can be compared.

    Attributes:
        group: Its name.
        photographs: How many photographs there are.
        acquired: Those with a face.
        usable: Those with a face that counts at the door.
    """

    group: str
    photographs: int
    acquired: int
    usable: int


@dataclass(frozen=True, slots=True)
class Equal:
    """False matches by group at one threshold.

    Attributes:
        where: What the threshold is.
        found: The groups' rates.
    """

    where: str
    found: Fairness


@dataclass(frozen=True, slots=True)
class Cost:
    """What still matches at the threshold that is right for the worst group.

    Attributes:
        fmr: False match rate within the group whose threshold is highest.
        bound: Whether that is certain by 95 %, or most likely.
        group: The group.
        threshold: The threshold.
        tmr: True match rate of the other photographs, with a 95 % interval over people.
    """

    fmr: float
    bound: bool
    group: str
    threshold: float
    tmr: Rate


@dataclass(frozen=True, slots=True)
class Within:
    """All about the groups.

    Attributes:
        present: Who can be compared.
        left_out: Comparisons left out because they show one person.
        undecided: Comparisons of which nobody can tell whether they do.
        at: False matches by group at several thresholds.
        cost: True matches at the thresholds of the worst group.
    """

    present: tuple[Present, ...]
    left_out: int
    undecided: int
    at: tuple[Equal, ...]
    cost: tuple[Cost, ...]


def within(
    strangers: Strangers,
    acquisition: Acquisition,
    scores: Scores,
    operating: Sequence[Operating],
    draws: Weights,
) -> Within:
    """Compare strangers within their groups.

    Args:
        strangers: Who they are.
        acquisition: Their templates.
        scores: The comparisons of the other photographs.
        operating: What those gave.
        draws: int64[replicates, people], of the people of the other photographs.

    Raises:
        ModelError: Too few strangers to tell anything.
    """
    kept = np.flatnonzero(acquisition.usable)
    found = Templates(tuple(strangers.photos[at] for at in kept), acquisition.templates[kept])
    named = {strangers.photos[at].name: strangers.groups[at] for at in kept}
    crowd = crowd_of(found, named, strangers.looked_at)
    drawn = curves(crowd)
    at = [
        Equal(f"FMR {one.fmr:.0e} on the other photographs", fairness(crowd, drawn, one.threshold))
        for one in operating
        if one.fmr in FMRS
    ]
    at += [
        Equal(f"FMR {fmr:.0e} in the mean", fairness(crowd, drawn, common_threshold(drawn, fmr)))
        for fmr in FMRS
    ]
    undecided = sum(int(group.undecided.sum()) for group in crowd.groups.values())
    present = _present(strangers, acquisition)
    return Within(
        present, _left_out(present, crowd), undecided, tuple(at), _costs(drawn, scores, draws)
    )


def _left_out(present: Sequence[Present], crowd: Crowd) -> int:
    """Count the comparisons that were left out."""
    every = sum(one.usable * (one.usable - 1) // 2 for one in present)
    return every - sum(len(group.scores) for group in crowd.groups.values())


def _present(strangers: Strangers, acquisition: Acquisition) -> tuple[Present, ...]:
    """Count who can be compared."""
    member = np.array(strangers.groups)
    return tuple(
        Present(
            str(name),
            int(np.sum(member == name)),
            int(np.sum(acquisition.acquired[member == name])),
            int(np.sum(acquisition.usable[member == name])),
        )
        for name in np.unique(member)
        if name
    )


def _costs(drawn: Curves, scores: Scores, draws: Weights) -> tuple[Cost, ...]:
    """Tell what still matches at the thresholds of the worst group."""
    asked = [(fmr, bound, *drawn.worst(fmr, bound=bound)) for fmr in FMRS for bound in _BOUNDS]
    return tuple(
        Cost(fmr, bound, group, threshold, at_threshold(scores, threshold, draws))
        for fmr, bound, group, threshold in asked
    )
