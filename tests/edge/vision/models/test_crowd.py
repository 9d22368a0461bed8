"""The crowd is fitted on many, holds nobody, and belongs to one network."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.errors import ModelError
from edge.vision.crowd import SyntheticCrowd
from edge.vision.face import FloatArray
from edge.vision.models import crowd
from edge.vision.models.card import Beside, Card, read_card

SIZE = 8


def people(count: int = 600, seed: int = 1) -> FloatArray:
    """Give templates that gather around two places."""
    chance = np.random.default_rng(seed)
    values = chance.normal(0, 0.4, (count, SIZE))
    values[: count // 3, 0] += 2
    values[count // 3 :, 1] += 2
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def fitted() -> SyntheticCrowd:
    return crowd.fit(people(), parts=2)


def test_the_parts_are_found(fitted: SyntheticCrowd) -> None:
    assert sorted(fitted.weights) == pytest.approx([1 / 3, 2 / 3], abs=0.02)
    rare = fitted.centres[int(np.argmin(fitted.weights))]
    assert int(np.argmax(rare)) == 0


def test_the_forecast_of_the_fitted_is_what_others_do(fitted: SyntheticCrowd) -> None:
    others, reference = people(3000, 7), people(40, 9)
    for threshold in (0.5, 0.8):
        told = np.mean([fitted.rates(one[None], threshold) @ fitted.weights for one in reference])
        assert told == pytest.approx(np.mean(reference @ others.T > threshold), rel=0.25)


def test_nobody_is_in_it(fitted: SyntheticCrowd) -> None:
    pulled = crowd.fit(np.concatenate([people(), people(1, 5)]), parts=2)
    assert np.abs(pulled.centres - fitted.centres).max() < 2 / crowd.FEWEST


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ModelError, match="too few"):
        crowd.fit(people(crowd.FEWEST), parts=2)


def test_a_part_of_few_people_is_refused() -> None:
    few = np.concatenate([people(240)[:200], -people(240)[:20]])
    with pytest.raises(ModelError, match="fit fewer parts"):
        crowd.fit(few, parts=2)


def _card(file: Path, sha256: str) -> Card:
    return msgspec.structs.replace(read_card("embed"), crowd=Beside(file.name, sha256))


def test_it_reads_what_it_wrote(fitted: SyntheticCrowd, tmp_path: Path) -> None:
    file, model_id = tmp_path / "a.npz", read_card("embed").model_id
    sha256 = crowd.write(fitted, model_id, file)
    assert crowd.write(fitted, model_id, tmp_path / "b.npz") == sha256
    assert hashlib.sha256(file.read_bytes()).hexdigest() == sha256
    known = crowd.read(_card(file, sha256), tmp_path)
    assert known.centres == pytest.approx(fitted.centres, abs=1e-3)
    assert known.covariance == pytest.approx(fitted.covariance, rel=1e-5, abs=1e-8)


def test_another_file_or_another_network_is_refused(fitted: SyntheticCrowd, tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    sha256 = crowd.write(fitted, "embed-of-last-year", file)
    with pytest.raises(ModelError, match="other weights"):
        crowd.read(_card(file, sha256), tmp_path)
    with pytest.raises(ModelError, match="not the one on its card"):
        crowd.read(_card(file, "0" * 64), tmp_path)
    with pytest.raises(ModelError, match="no crowd"):
        crowd.read(read_card("embed-float"))


def test_what_ships_stands_on_many_people() -> None:
    known = crowd.read(read_card("embed"))
    assert known.weights.sum() == pytest.approx(1)
    assert known.weights.min() * 2538 >= crowd.FEWEST
    assert np.linalg.eigvalsh(known.covariance).min() > 0
