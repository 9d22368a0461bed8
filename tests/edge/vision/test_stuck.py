import numpy as np
import pytest

from edge.errors import ModelError
from edge.vision.face import FloatArray
from edge.vision.stuck import REPEATS, Doubted


def batch(value: float) -> FloatArray:
    return np.full((1, 4), value, np.float32)


def test_a_network_that_answers_is_believed() -> None:
    run = Doubted(lambda batch: (batch * 2,))
    for value in range(10):
        assert run(batch(value))[0][0, 0] == value * 2


def test_one_answer_to_different_questions_is_a_network_that_failed() -> None:
    run = Doubted(lambda _: (batch(7),))
    for value in range(REPEATS):
        run(batch(value))
    with pytest.raises(ModelError, match="one answer to everything"):
        run(batch(99))


def test_one_question_over_and_over_has_one_answer() -> None:
    run = Doubted(lambda batch: (batch * 2,))
    for _ in range(10):
        run(batch(3))
