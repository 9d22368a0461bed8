"""Templates have unit length, and are brought apart where a card says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.vision.embed import Embedder, Spread, unit
from edge.vision.face import FloatArray, Image

CHIP: Image = np.full((112, 112, 3), 100, np.uint8)
ANSWER = np.array([3.0, 0.0, 4.0], np.float32)


def embedder(answer: FloatArray, spread: Spread | None = None) -> Embedder:
    return Embedder(lambda _: (answer[None],), 127.5, 128.0, "paper", 3, spread)


def test_a_template_is_what_the_network_answers_at_unit_length() -> None:
    assert embedder(ANSWER).template(CHIP) == pytest.approx([0.6, 0, 0.8])


def test_pixels_are_given_as_the_card_says() -> None:
    seen: list[FloatArray] = []

    def run(batch: FloatArray) -> tuple[FloatArray, ...]:
        seen.append(batch)
        return (ANSWER[None],)

    Embedder(run, 127.5, 128.0, "paper", 3).template(CHIP)
    assert seen[0].shape == (1, 112, 112, 3)
    assert np.unique(seen[0]) == pytest.approx([(100 - 127.5) / 128])


@pytest.mark.parametrize("answer", [[0, 0, 0], [np.nan, 1, 1], [np.inf, 0, 0]])
def test_an_answer_without_direction_makes_no_template(answer: list[float]) -> None:
    spread = Spread(np.zeros(3, np.float32), np.eye(3, dtype=np.float32))
    assert embedder(np.array(answer, np.float32)).template(CHIP) is None
    assert embedder(np.array(answer, np.float32), spread).template(CHIP) is None


def test_a_template_is_centred_and_mapped_after_it_has_unit_length() -> None:
    spread = Spread(np.array([0.6, 0, 0], np.float32), np.diag([1.0, 1, 2]).astype(np.float32))
    assert embedder(ANSWER * 7, spread).template(CHIP) == pytest.approx([0, 0, 1])


def test_the_mean_face_itself_makes_no_template() -> None:
    spread = Spread(np.array([0.6, 0, 0.8], np.float32), np.eye(3, dtype=np.float32))
    assert embedder(ANSWER, spread).template(CHIP) is None


@given(arrays.arrays(np.float32, 5, elements=st.floats(-1e3, 1e3, width=32)))
def test_a_vector_is_brought_to_unit_length_or_refused(vector: FloatArray) -> None:
    made = unit(vector)
    if made is None:
        assert np.linalg.norm(vector) < 1e-5
    else:
        assert np.linalg.norm(made) == pytest.approx(1, abs=1e-5)
