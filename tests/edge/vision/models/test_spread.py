"""Spreading templates out brings people apart who look alike to the network."""

import hashlib
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.vision import load_engine
from edge.vision.embed import Spread
from edge.vision.face import FloatArray
from edge.vision.models import spread
from edge.vision.models.card import FOLDER, read_card
from edge.vision.models.faces import WITHOUT

CARD = 'role = "embed"\nsha256 = "11"\n\n[spread]\nfile = "a.npz"\nsha256 = "22"\n'


def people(count: int, seed: int = 1, alike: float = 2.0) -> FloatArray:
    """Give templates that share a direction and differ much along another one."""
    values = np.random.default_rng(seed).normal(0, 1, (count, 16))
    values[:, 0] += alike
    values[:, 1] *= 1 + alike
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def mapped(templates: FloatArray, by: Spread) -> FloatArray:
    made = [by.apart(each) for each in templates]
    return np.stack([each for each in made if each is not None])


def scores(templates: FloatArray) -> FloatArray:
    one, other = np.triu_indices(len(templates), 1)
    return np.asarray((templates @ templates.T)[one, other], np.float32)


def test_strangers_score_lower_and_vary_less_on_other_people_too() -> None:
    by = spread.fit(people(400))
    before, after = scores(people(200, 2)), scores(mapped(people(200, 2), by))
    assert abs(after.mean()) < 0.1 < before.mean()
    assert np.quantile(after, 0.999) < np.quantile(before, 0.999) - 0.05


def test_without_power_only_the_centre_is_taken_away() -> None:
    by = spread.fit(people(100), power=0)
    assert by.matrix == pytest.approx(np.eye(16), abs=1e-5)
    assert by.centre == pytest.approx(people(100).mean(axis=0), abs=1e-6)


def test_whole_whitening_makes_all_directions_alike() -> None:
    by = spread.fit(people(500), power=0.5, floor=0)
    cov = np.cov(((people(500) - by.centre) @ by.matrix.T).T)
    assert cov == pytest.approx(np.eye(16), abs=1e-3)


@given(st.floats(0, 0.5), st.floats(0, 1))
def test_the_map_turns_nothing(power: float, floor: float) -> None:
    by = spread.fit(people(60), power, floor)
    assert by.matrix == pytest.approx(by.matrix.T, abs=1e-4)
    assert np.linalg.eigvalsh(by.matrix).min() > 0


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="say too little"):
        spread.fit(people(16))


def test_the_same_map_gives_the_same_bytes(tmp_path: Path) -> None:
    by = spread.fit(people(60))
    one, other = (spread.write(by, tmp_path / name) for name in ("a.npz", "b.npz"))
    assert one == other == hashlib.sha256((tmp_path / "a.npz").read_bytes()).hexdigest()


def test_the_hash_goes_where_it_belongs(tmp_path: Path) -> None:
    card = tmp_path / "embed.toml"
    card.write_text(CARD)
    spread.note("33", card)
    assert card.read_text() == CARD.replace("22", "33")
    card.write_text(CARD.split("[spread]", maxsplit=1)[0])
    with pytest.raises(ModelError, match=r"no \[spread\]"):
        spread.note("33", card)


def test_int8_and_float_share_the_map_but_no_id() -> None:
    one, other = (read_card(role) for role in spread.SHARED_BY)
    assert one.spread == other.spread
    assert one.spread is not None
    assert one.spread.file == spread.FILE.name
    assert one.model_id != other.model_id


def test_another_map_is_another_model() -> None:
    card = read_card("embed")
    assert card.spread is not None
    changed = msgspec.structs.replace(card.spread, sha256="0" * 64)
    assert msgspec.structs.replace(card, spread=changed).model_id != card.model_id
    assert msgspec.structs.replace(card, spread=None).model_id != card.model_id


def test_a_map_that_is_not_the_one_on_the_card_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / spread.FILE.name).write_bytes(b"not it")
    monkeypatch.setattr("edge.vision.load.FOLDER", tmp_path)
    with pytest.raises(ModelError, match="not the one on its card"):
        load_engine("cpu", 1)


def test_a_few_photos_are_too_few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spread, "template_of", lambda *_: np.ones(192, np.float32))
    monkeypatch.setattr(spread, "unmeasured", lambda _: [Path("1.jpg")] * 3)
    monkeypatch.setattr(sys, "argv", ["spread", str(tmp_path)])
    with pytest.raises(ModelError, match="3 usable faces are too few"):
        spread.main()


def test_the_shipped_map_was_made_without_the_people_who_measure() -> None:
    names = WITHOUT.read_text().split()
    assert len(set(names)) == len(names) > 0
    assert (FOLDER / "embed-spread.npz").stat().st_size < 100_000
