"""Curves: bounded from above, written where the unit reads them."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.budget import ImpostorCurve, MatedCurve
from edge.curves import impostor_curve, mated_curve
from edge.vision.face import FloatArray
from edge.vision.models import measure, tail
from edge.vision.models.card import FOLDER, Curve, read_card
from edge.vision.models.faces import Templates
from edge.vision.models.measure import MARK, Comparisons, Measurement, compare, write
from edge.vision.models.strangers import LookedAt, crowd_of

RNG = np.random.default_rng(11)


def people(count: int, alike: float, dimension: int = 32) -> FloatArray:
    """Draw templates of people who have a share of their looks in common."""
    values = RNG.normal(0, 1, (count, dimension)) + alike * np.ones(dimension)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def pairs() -> Comparisons:
    """Compare two photos each of a few people."""
    seen = people(50, 0.0)
    again = seen + RNG.normal(0, 0.05, seen.shape).astype(np.float32)
    again /= np.linalg.norm(again, axis=1, keepdims=True)
    owners = tuple(Path(f"{number}/{shot}.jpg") for shot in (1, 2) for number in range(50))
    return compare(Templates(owners, np.concatenate([seen, again])), 101)


@pytest.fixture(scope="module")
def measured(pairs: Comparisons) -> Measurement:
    """Measure women and men who are strangers, and the few people."""
    files = tuple(Path(f"{number}.jpg") for number in range(240))
    labels = {file.name: ("North Female", "North Male")[i % 2] for i, file in enumerate(files)}
    found, sets = Templates(files, people(240, 0.5)), {"few": pairs}
    crowd = crowd_of(found, labels, LookedAt())
    curves = tail.curves(crowd)
    figures = measure.group_figures(crowd, curves, sets)
    figures |= measure.counted_figures(found, labels, LookedAt(), sets)
    impostor, mated = measure.impostor_curve(crowd, curves), measure.mated_curve(sets)
    return Measurement(figures, {"impostor": impostor, "mated": mated})


def test_comparisons_say_how_many_there_were(pairs: Comparisons) -> None:
    assert len(pairs.mated) == 50
    assert "100 of 101 photos" in pairs.line()
    assert pairs.passing(pairs.score_at(1e-2)) == 1


def test_figures_name_every_group_and_the_cost_of_the_worst(measured: Measurement) -> None:
    by_group = [line for name, line in measured.figures.items() if "within groups" in name]
    assert len(by_group) == 3
    assert all("North Female" in line and "North Male" in line for line in by_group)
    costs = [line for name, line in measured.figures.items() if "within groups" not in name]
    assert len(costs) == 5
    assert all(" % of few (score 0." in line for line in costs)


def test_what_was_measured_is_what_the_unit_reads(measured: Measurement, tmp_path: Path) -> None:
    shutil.copy(FOLDER / "embed.toml", tmp_path)
    write(measured, tmp_path / "embed.toml")
    write(measured, tmp_path / "embed.toml")
    text = (tmp_path / "embed.toml").read_text("utf-8")
    assert text.count(MARK) == 1
    assert read_card("embed", tmp_path).measured == measured.figures
    assert isinstance(impostor_curve(read_card("embed", tmp_path)), ImpostorCurve)
    assert isinstance(mated_curve(read_card("embed", tmp_path)), MatedCurve)


def test_a_card_without_figures_gets_them_at_its_end(measured: Measurement, tmp_path: Path) -> None:
    shutil.copy(FOLDER / "mesh.toml", tmp_path)
    write(Measurement({}, {"a": Curve("b", (0.5,), (0.1,))}), tmp_path / "mesh.toml")
    assert read_card("mesh", tmp_path).curve("a").scores == (0.1,)
    assert read_card("mesh", tmp_path).outputs == read_card("mesh").outputs
