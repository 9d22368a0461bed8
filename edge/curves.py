"""From the embedder's card to the curves that thresholds and their cost are worked out from."""

from edge.budget import ImpostorCurve, MatedCurve
from edge.vision.models.card import Card


def impostor_curve(card: Card) -> ImpostorCurve:
    """Give the impostor curve of an embedder, of the worst group. Raises: ModelError."""
    found = card.curve("impostor")
    return ImpostorCurve(rates=found.shares, scores=found.scores)


def mated_curve(card: Card) -> MatedCurve:
    """Give the mated curve of an embedder. Raises: ModelError."""
    found = card.curve("mated")
    return MatedCurve(scores=found.scores, misses=found.shares)
