"""From the embedder's card to the curves that thresholds and their cost are worked out from."""

from edge.budget import ImpostorCurve, MatedCurve
from edge.errors import ModelError
from edge.vision.models.card import Card


def impostor_curve(card: Card) -> ImpostorCurve:
    """Give how often two different people of the worst group score alike.

    Raises:
        ModelError: The curve has not been measured, or its points are none.
    """
    found = card.curve("impostor")
    try:
        return ImpostorCurve(rates=found.shares, scores=found.scores)
    except ValueError as error:
        raise _unusable(card, error) from error


def mated_curve(card: Card) -> MatedCurve:
    """Give how often two images of one person score below a threshold.

    Raises:
        ModelError: The curve has not been measured, or its points are none.
    """
    found = card.curve("mated")
    try:
        return MatedCurve(scores=found.scores, misses=found.shares)
    except ValueError as error:
        raise _unusable(card, error) from error


def _unusable(card: Card, error: ValueError) -> ModelError:
    return ModelError(f"a curve on the card of {card.role!r} is not usable: {error}")
