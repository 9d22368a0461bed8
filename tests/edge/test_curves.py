"""The curves of a card: those of the shipped embedder work, spoilt ones are refused."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from edge.budget import thresholds
from edge.curves import impostor_curve, mated_curve
from edge.errors import ModelError
from edge.vision.models.card import Card, Curve, read_card

both = pytest.mark.parametrize("curve", [impostor_curve, mated_curve])


def test_the_curves_of_the_shipped_embedder_give_thresholds() -> None:
    card = read_card("embed")
    found = thresholds(
        impostor_curve(card), gallery_size=100, entrants=800, stops_per_night=1, checks_per_night=4
    )
    assert 0.5 < found.check < found.stop < 0.95
    assert len(mated_curve(card).scores) > 10


@both
def test_a_network_without_curves_says_how_to_measure_them(curve: Callable[[Card], Any]) -> None:
    with pytest.raises(ModelError, match=r"edge\.vision\.models\.measure"):
        curve(read_card("mesh"))


@both
def test_a_spoilt_curve_is_refused(curve: Callable[[Card], Any]) -> None:
    flat = Curve("spoilt", (0.1, 0.2), (0.5, 0.5))
    card = msgspec.structs.replace(read_card("embed"), curves={"impostor": flat, "mated": flat})
    with pytest.raises(ModelError, match="'embed' is not usable"):
        curve(card)
