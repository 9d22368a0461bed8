"""Forecasts what a new reference will do at the door, before anybody is stopped because of it.

How often strangers would pass STOP comes from a synthetic crowd (``edge.vision.crowd``); how often
the person would be missed, from people with several photographs (the ``several-`` curves on the
embedder's card). Both are for one comparison of one usable face. Neither looks at who is on the
list, and nobody's photograph or template is needed.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np

from edge.budget import ImpostorCurve, thresholds
from edge.config import Budget
from edge.curves import impostor_curve
from edge.errors import ModelError
from edge.vision.crowd import SyntheticCrowd
from edge.vision.face import FloatArray
from edge.vision.models import crowd
from edge.vision.models.card import Curve, read_card

SAME_PICTURE = 0.97
"""Photos of one person that score higher are one picture twice, which brings nothing: of 2,549
pairs of two photographs of one person in lfw-dev none scores as high."""

MOST_MEASURED = 3
"""Photos of one person up to which it was measured how many are missed."""

_FAIR, _POOR = 2, 4
_RAREST = 1e-12


class Grade(StrEnum):
    """What a forecast comes to.

    The threshold is set so that an entry of the group that is told apart worst rings so often on
    average; how many times as often this one would ring, among people who look like it, is what
    counts.
    """

    GOOD = "good"
    """At most twice as often: 96 in 100 people of fairface-dev with one photograph."""
    FAIR = "fair"
    """At most four times as often: 3 in 100."""
    POOR = "poor"
    """More often than that: another photo is better."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How often strangers would ring because of one reference.

    Attributes:
        one_in: One in so many strangers would, in a crowd of all kinds of people.
        one_in_alike: The same where everybody belongs to the part of the crowd that looks most
            like the reference.
        times: How many times as often as the threshold allows for on such a night, where every
            photo of a reference has its share.
        grade: What that comes to.
    """

    one_in: float
    one_in_alike: float
    times: float
    grade: Grade


@dataclass(frozen=True, slots=True)
class Strength:
    """How sure a reference recognises its person, by how many different photos it has.

    Attributes:
        photos: Different ones; one picture twice counts once.
        missed: Share of photographs of the person that would stay below the threshold.
        missed_with_one_more: The same with one more photo; None where that was not measured.
    """

    photos: int
    missed: float
    missed_with_one_more: float | None


def forecast(templates: FloatArray, threshold: float) -> Forecast:
    """Tell how often strangers would pass STOP because of a reference.

    Args:
        templates: float32[n, D], unit length, one for each photo, by the network that ships.
        threshold: The score from which a door stops; see ``usual_threshold``.

    Raises:
        ModelError: The network has no crowd, or the templates are not its own.
    """
    known, curve = _known()
    if templates.ndim != 2 or templates.shape[1] != known.covariance.shape[0]:
        raise ModelError("these templates are of another network: enrol again")
    rates = known.rates(templates, threshold)
    alike = max(float(rates.max()), _RAREST)
    times = alike / max(len(templates) * curve.rate_at(threshold), _RAREST)
    everybody = max(float(rates @ known.weights), _RAREST)
    return Forecast(1 / everybody, 1 / alike, times, _grade(times))


def strength(templates: FloatArray, threshold: float) -> Strength:
    """Tell how sure a reference recognises its person.

    Args:
        templates: float32[n, D], unit length, one for each photo.
        threshold: The score from which a door stops.

    Raises:
        ModelError: It was not measured how several photos do.
    """
    photos = _different(templates)
    more = photos + 1
    return Strength(
        photos,
        _missed(min(photos, MOST_MEASURED), threshold),
        _missed(more, threshold) if more <= MOST_MEASURED else None,
    )


def usual_threshold(references: int) -> float:
    """Give the score from which a door with so long a list stops, as doors come.

    Args:
        references: Templates on the list, the new ones too.

    Raises:
        ModelError: The embedder's curve has not been measured.
    """
    budget = Budget()
    return thresholds(
        _known()[1],
        gallery_size=references,
        entrants=budget.entrants_per_night,
        stops_per_night=budget.stops_per_night,
        checks_per_night=budget.checks_per_night,
    ).stop


@cache
def _known() -> tuple[SyntheticCrowd, ImpostorCurve]:
    """Read what is known of strangers, once."""
    card = read_card("embed")
    return crowd.read(card), impostor_curve(card)


@cache
def _several(photos: int) -> Curve:
    return read_card("embed").curve(f"several-{photos}")


def _missed(photos: int, threshold: float) -> float:
    curve = _several(photos)
    return float(np.interp(threshold, curve.scores, curve.shares, left=curve.shares[0], right=1.0))


def _different(templates: FloatArray) -> int:
    """Count pictures, one that is there twice once."""
    kept: list[FloatArray] = []
    for template in templates:
        if all(float(template @ other) < SAME_PICTURE for other in kept):
            kept.append(template)
    return len(kept)


def _grade(times: float) -> Grade:
    if times <= _FAIR:
        return Grade.GOOD
    return Grade.FAIR if times <= _POOR else Grade.POOR
