"""Before anybody is stopped: what a reference will do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.preflight import Grade, forecast, strength, usual_threshold
from edge.vision.face import FloatArray
from edge.vision.models import crowd
from edge.vision.models.card import read_card

KNOWN = crowd.read(read_card("embed"))
SIZE = KNOWN.covariance.shape[0]


ROOT = np.linalg.cholesky(KNOWN.covariance)


def template(seed: int, part: int = 0, share: float = 1.0) -> FloatArray:
    """Draw somebody of a part of the crowd; a small share is somebody like many others there."""
    values = np.random.default_rng(seed).normal(size=SIZE)
    person = KNOWN.centres[part] + share * (ROOT @ values)
    return np.asarray(person / np.linalg.norm(person), np.float32)[None]


@given(st.integers(1, 50), st.floats(0.5, 0.8))
def test_more_strangers_ring_among_those_who_look_alike(seed: int, threshold: float) -> None:
    told = forecast(template(seed), threshold)
    assert 1 <= told.one_in_alike <= told.one_in


@given(st.integers(1, 20), st.integers(1, 2_000))
def test_a_longer_list_rings_less_for_each(seed: int, references: int) -> None:
    short, long = usual_threshold(references), usual_threshold(references + 50)
    assert short < long
    assert forecast(template(seed), short).one_in < forecast(template(seed), long).one_in


def test_a_reference_that_looks_like_many_is_graded_worse() -> None:
    at = usual_threshold(100)
    part = int(np.argmax(np.linalg.norm(KNOWN.centres, axis=1)))
    told = [forecast(template(1, part, share), at) for share in (1.0, 0.3)]
    assert told[0].times < told[1].times
    assert told[0].grade is Grade.GOOD
    assert told[1].grade is Grade.POOR


def test_a_second_photo_has_a_share_of_its_own() -> None:
    at = usual_threshold(100)
    both = np.concatenate([template(1), template(2)])
    one, other, together = (forecast(each, at) for each in (both[:1], both[1:], both))
    assert together.one_in < min(one.one_in, other.one_in)
    assert together.times <= max(one.times, other.times)


def test_templates_of_another_network_are_refused() -> None:
    with pytest.raises(ModelError, match="another network"):
        forecast(np.ones((1, 16), np.float32) / 4, 0.7)


def test_a_person_of_more_photos_is_missed_less() -> None:
    photos = np.concatenate([template(seed) for seed in range(5)])
    told = [strength(photos[:count], usual_threshold(100)) for count in (1, 2, 3, 5)]
    assert [one.photos for one in told] == [1, 2, 3, 5]
    assert told[0].missed > told[1].missed > told[2].missed == told[3].missed
    assert told[0].missed_with_one_more == told[1].missed
    assert told[2].missed_with_one_more is None


def test_one_picture_twice_brings_nothing() -> None:
    twice = np.repeat(template(1), 2, axis=0)
    assert strength(twice, 0.7) == strength(twice[:1], 0.7)
