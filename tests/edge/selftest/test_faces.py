"""The known pair says whether the networks compute what they should."""

import numpy as np
import pytest

from edge.errors import ModelError
from edge.selftest.faces import compare_known_faces
from edge.vision import Engine, load_engine
from edge.vision.face import Face


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine("cpu", 1)


def test_one_face_twice_passes_and_two_faces_do_not(engine: Engine) -> None:
    same, other = compare_known_faces(engine)
    assert same > 0.9
    assert other < 0.2


class Changed:
    """An engine whose templates come out otherwise than they should."""

    def __init__(self, engine: Engine, noise: float, *, blind: bool = False) -> None:
        self._engine, self._noise, self._blind = engine, noise, blind
        self._random = np.random.default_rng(1)

    def faces(self, picture: np.ndarray) -> list[Face]:
        if self._blind:
            return []
        faces = self._engine.faces(picture)
        for face in faces:
            noise = self._random.normal(size=face.template.shape) * self._noise
            changed = (face.template + noise).astype(np.float32)
            object.__setattr__(face, "template", changed / np.linalg.norm(changed))
        return faces


def test_networks_that_compute_something_else_are_refused(engine: Engine) -> None:
    with pytest.raises(ModelError, match="do not tell two known faces apart"):
        compare_known_faces(Changed(engine, noise=0.2))


def test_networks_that_find_no_face_are_refused(engine: Engine) -> None:
    with pytest.raises(ModelError, match="find 0 faces"):
        compare_known_faces(Changed(engine, noise=0, blind=True))
