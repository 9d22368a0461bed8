"""What several templates of one person bring."""

from typing import Any

import numpy as np
import pytest

from edge.evaluate.fusing import FRAMES, WAYS, Walked, compared, fused
from edge.evaluate.lists import pool
from edge.evaluate.photographs import EvaluationError
from edge.evaluate.rows import fused_rows
from edge.vision.face import FloatArray

DIMENSION = 24


def unit(values: np.ndarray) -> FloatArray:
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), np.float32)


def walked(rng: np.random.Generator, noise: float, faces: int = FRAMES) -> Walked:
    """Draw somebody whose later faces are better, and judged to be."""
    own = rng.normal(size=DIMENSION)
    quality = np.linspace(0.4, 1, faces)
    clarity = (noise / quality)[:, None]
    return Walked(
        unit(own + noise / 2 * rng.normal(size=(2, DIMENSION))),
        unit(own + clarity * rng.normal(size=(faces, DIMENSION))),
        unit(own + clarity * rng.normal(size=(faces, DIMENSION))),
        quality.astype(np.float32),
    )


def test_more_and_better_faces_bring_more() -> None:
    rng = np.random.default_rng(2)
    found = compared([walked(rng, 0.8) for _ in range(80)], seed=1)
    tmr = {one.way.name: one.tmr for one in found}
    assert tmr["one frame"] < tmr["mean of 2"] < tmr["mean of 4"] <= tmr["mean of 8"]
    assert tmr["mean of 8"] <= tmr["mean of 8 by quality"]
    assert tmr["one frame"] < tmr["best of 8"]
    assert tmr["one frame"] < tmr["one frame, both mirrored too"]
    assert all(one.interval[0] <= one.tmr <= one.interval[1] for one in found)
    assert all(one.ahead == pytest.approx(one.tmr - found[0].tmr) for one in found)
    assert found[0].ahead_interval == (0, 0)


def test_somebody_with_few_faces_is_compared_by_those() -> None:
    rng = np.random.default_rng(2)
    found = compared([walked(rng, 0.1, faces=1 + number % 3) for number in range(40)], seed=1)
    assert {one.people for one in found} == {40}
    assert found[-1].tmr == 1


def test_the_rows_say_what_each_way_costs() -> None:
    rng = np.random.default_rng(2)
    rows = fused_rows(compared([walked(rng, 0.1) for _ in range(40)], seed=1))
    assert [row[1] for row in rows] == ["1", "1", "2", "8", "2", "4", "8", "8", "8", "16"]
    assert len(rows) == len(WAYS)


def test_people_walk_up_as_they_are_painted(people: Any, engine: Any) -> None:
    listed = pool([people("set", images={1: 2, 6: 2})], 1)
    told: list[None] = []
    with pytest.raises(EvaluationError, match="2 people with two usable photographs"):
        fused(listed, [engine], 1, lambda: told.append(None))
    assert len(told) == 2
