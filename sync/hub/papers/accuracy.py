"""How often people of different groups are mistaken for each other, from the network's own card.

The figures were measured before the software was shipped, on photographs of people who are no
patrons of anybody; no group is ever guessed of anybody at a door. Where the interval is so wide
that a figure says nothing, none is claimed.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct

from edge.errors import ModelError
from edge.vision.models.card import read_card

ROLE = "embed"
"""The network that makes templates."""

WIDEST = 4.0
"""Upper end over lower end of an interval; beyond it the sample is too small for a claim."""

_TABLE = "FMR within groups where their mean is "
_HEAD = re.compile(r"score (?P<score>[\d.]+); of 10,000 comparisons")
_GROUP = re.compile(
    r"(?P<group>[A-Z][A-Za-z_]*(?: [A-Z][A-Za-z_]*)*) (?P<rate>\d+\.\d+) "
    r"\((?P<low>\d+\.\d+) to (?P<high>\d+\.\d+)\), counted"
)
_WORST = re.compile(r"worst / mean (?P<ratio>[\d.]+) \((?P<low>[\d.]+) to (?P<high>[\d.]+)\)")
_NIGHTS = Path(__file__).parent / "evaluation.toml"


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """False matches of one group, of 10,000 comparisons of two of its people.

    Attributes:
        group: Its name in the measured collection.
        rate: The figure.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    group: str
    rate: float
    low: float
    high: float

    @property
    def claimed(self) -> bool:
        """Whether the sample is large enough for the figure to say something."""
        return self.low > 0 and self.high <= WIDEST * self.low


@dataclass(frozen=True, slots=True)
class GroupTable:
    """All groups at one threshold.

    Attributes:
        mean: False-match rate that the groups have on average.
        score: The threshold.
        groups: The worst first.
        ratio: The worst group's rate over the mean.
        ratio_interval: 95 % interval of that.
    """

    mean: float
    score: float
    groups: tuple[GroupFigure, ...]
    ratio: float
    ratio_interval: tuple[float, float]


class Night(Struct, frozen=True, forbid_unknown_fields=True):
    """What a simulated night at a door came to, measured once for a release.

    Attributes:
        command: What was run.
        model_id: The network.
        strangers: People on no list who walked up.
        group_strangers: Of each group.
        groups: How many groups.
        false_stops: Strangers who were stopped.
        false_stops_high: Upper end of its 95 % interval, a share.
        group_high: The same within one group.
        budget: False stops that were accepted, of 1,000 people.
        listed: Walks of people on the list.
        missed: Share of them who were not stopped.
        missed_low: Lower end of its 95 % interval.
        missed_high: Upper end.
        passed: Share who were neither stopped nor checked for a likeness.
        passed_low: Lower end of its 95 % interval.
        passed_high: Upper end.
    """

    command: str
    model_id: str
    strangers: int
    group_strangers: int
    groups: int
    false_stops: int
    false_stops_high: float
    group_high: float
    budget: float
    listed: int
    missed: float
    missed_low: float
    missed_high: float
    passed: float
    passed_low: float
    passed_high: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What is known of a network's errors.

    Attributes:
        model_id: Which network.
        tables: False matches within groups, at several thresholds.
        measured: Other figures on the card, by name.
        curve: How the curve that sets thresholds was found.
        night: A simulated night; None where it was of another network.
    """

    model_id: str
    tables: tuple[GroupTable, ...]
    measured: tuple[tuple[str, str], ...]
    curve: str
    night: Night | None


@lru_cache(maxsize=1)
def accuracy() -> Accuracy:
    """Read what the shipped network's card and the release's evaluation say.

    Raises:
        ModelError: The card is missing or damaged.
    """
    card, night = read_card(ROLE), _night()
    return Accuracy(
        model_id=card.model_id,
        tables=tuple(_tables(card.measured)),
        measured=tuple(
            (name, figure) for name, figure in card.measured.items() if name.startswith("TMR")
        ),
        curve=card.curve("impostor").about,
        night=night if night.model_id == card.model_id else None,
    )


def table(mean: float, figure: str) -> GroupTable:
    """Read a line of figures on the card.

    Args:
        mean: False-match rate that the groups have on average there.
        figure: The line.

    Raises:
        ModelError: It is no such line.
    """
    head, worst = _HEAD.match(figure), _WORST.search(figure)
    groups = [
        GroupFigure(
            one["group"].replace("_", " / "),
            float(one["rate"]),
            float(one["low"]),
            float(one["high"]),
        )
        for one in _GROUP.finditer(figure)
    ]
    if not (head and worst and groups):
        raise ModelError("the network's card has figures by group that cannot be read")
    return GroupTable(
        mean=mean,
        score=float(head["score"]),
        groups=tuple(sorted(groups, key=lambda one: -one.rate)),
        ratio=float(worst["ratio"]),
        ratio_interval=(float(worst["low"]), float(worst["high"])),
    )


def _tables(measured: dict[str, str]) -> Iterator[GroupTable]:
    for name, figure in measured.items():
        if name.startswith(_TABLE):
            yield table(float(name.removeprefix(_TABLE)), figure)


def _night() -> Night:
    content = tomllib.loads(_NIGHTS.read_text(encoding="utf-8"))
    return msgspec.convert(content, Night)
