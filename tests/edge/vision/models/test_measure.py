"""Curves: bounded from above, written where the unit reads them."""

import shutil
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from edge.budget import ImpostorCurve, MatedCurve
from edge.curves import impostor_curve, mated_curve
from edge.vision.face import FloatArray
from edge.vision.models import measure, tail
from edge.vision.models.card import FOLDER, Curve, read_card
from edge.vision.models.faces import Templates
from edge.vision.models.measure import MARK, Measurement, compare, write

RNG = np.random.default_rng(11)


def people(count: int, alike: float, dimension: int = 32) -> FloatArray:
    """Draw templates of people who have a share of their looks in common."""
    values = RNG.normal(0, 1, (count, dimension)) + alike * np.ones(dimension)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def test_a_group_is_bounded_from_above() -> None:
    many = people(2_000, 0.6)
    one, other = np.triu_indices(len(many), 1)
    truth = np.quantile((many @ many.T)[one, other], 1 - np.array(tail.RATES))
    outline = np.array([-NormalDist().inv_cdf(rate) for rate in tail.RATES])
    bound = tail.group_bound(many[:300], outline)
    assert np.all(np.diff(bound) > 0)
    assert np.all(bound >= truth - 0.005)
    assert np.all(bound <= truth + 0.15)


def test_the_same_people_give_the_same_bound() -> None:
    few, outline = people(60, 0.5), np.linspace(0.2, 0.7, len(tail.RATES))
    assert np.array_equal(tail.group_bound(few, outline), tail.group_bound(few, outline))


def test_the_worst_group_counts_at_each_rate() -> None:
    worst = tail.worst_of({"one": np.array([0.1, 0.9]), "other": np.array([0.5, 0.6])})
    assert worst.tolist() == [0.5, 0.9]


@pytest.fixture
def measured() -> Measurement:
    """Measure two groups of strangers and a few people with two photos each."""
    files = tuple(Path(f"{number}.jpg") for number in range(240))
    sexes = ("Female", "Male")
    labels = {file.name: ("North", sexes[i % 2]) for i, file in enumerate(files)}
    strangers = measure.impostor_curve(Templates(files, people(240, 0.5)), labels)
    seen = people(50, 0.0)
    again = seen + RNG.normal(0, 0.05, seen.shape).astype(np.float32)
    again /= np.linalg.norm(again, axis=1, keepdims=True)
    owners = tuple(Path(f"{number}/{shot}.jpg") for shot in (1, 2) for number in range(50))
    pairs = compare(Templates(owners, np.concatenate([seen, again])), 101)
    assert len(pairs.mated) == 50
    assert "100 of 101 photos" in pairs.line()
    return Measurement(
        {"a figure": pairs.line()}, strangers.curves | {"mated": measure.mated_curve({"a": pairs})}
    )


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
