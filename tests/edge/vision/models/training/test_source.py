"""The source is asked about each view straight and mirrored."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from edge.vision.face import FloatArray, Image
from edge.vision.models.card import read_card
from edge.vision.models.training import source as asking
from edge.vision.models.training import views

CANVASES: Image = (
    np.random.default_rng(1).integers(0, 256, (3, views.CANVAS, views.CANVAS, 3)).astype(np.uint8)
)


def quarters(chip: Image) -> FloatArray:
    """Stand in for a network: the brightness of the four quarters of a chip."""
    return chip.reshape(2, 56, 2, 56, 3).mean(axis=(1, 3, 4)).reshape(4).astype(np.float32)


def test_every_view_is_asked_and_told() -> None:
    told: list[None] = []
    looks = [views.plain(i % 3) for i in range(5)]
    made = asking.answers(quarters, CANVASES, looks, lambda: told.append(None))
    assert made.shape == (5, 4)
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert len(told) == 5
    assert np.array_equal(made[0], made[3])


def test_a_view_and_its_mirror_image_are_answered_alike() -> None:
    looks = [views.plain(0), views.View(0, 0, 0.0, views.mirror())]
    one, other = asking.answers(quarters, CANVASES, looks, lambda: None)
    assert one == pytest.approx(other, abs=1e-3)


def test_the_source_answers_as_its_file_and_takes_pixels_as_its_card_says(
    source: bytes, run: Callable[[Any, Any], FloatArray]
) -> None:
    card = read_card("embed-float")
    chip = views.rendered(CANVASES, views.plain(0))
    given = ((chip.astype(np.float32) - card.input.mean) / card.input.scale)[None, None]
    assert asking.opened(source)(chip) == pytest.approx(run(source, given)[0], abs=1e-3)


def test_templates_are_brought_to_unit_length_and_nothing_stays_nothing() -> None:
    made = asking.unit(np.array([[3, 4], [0, 0]], np.float32))
    assert made == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))
