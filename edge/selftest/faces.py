"""The known pair: one face twice has to pass the threshold of STOP, another face has to stay low.

The pictures are in the public domain; README.md beside this file says where they are from.
"""

from pathlib import Path

import numpy as np

from edge.errors import ModelError
from edge.photo import read_photo
from edge.preflight import usual_threshold
from edge.vision.engine import Engine
from edge.vision.face import FloatArray, Image

PICTURES = Path(__file__).parent

REFERENCES = 1000
"""Length of the list that the threshold is taken for."""

MOST_ALIKE = 0.4
"""Score that the other face may have at the most; two strangers have one near 0."""

_DARKER = 0.6


def compare_known_faces(engine: Engine) -> tuple[float, float]:
    """Compare the known faces.

    Args:
        engine: The networks to try.

    Returns:
        The score of one face with itself, mirrored and darkened, and with the other face.

    Raises:
        ModelError: A face is not found, or the scores are not what they have to be.
    """
    first = read_photo(PICTURES / "first.jpg")
    reference = _template(engine, first)
    same = float(reference @ _template(engine, _darkened(first[:, ::-1])))
    other = float(reference @ _template(engine, read_photo(PICTURES / "other.jpg")))
    least = usual_threshold(REFERENCES)
    if not (same >= least and other <= MOST_ALIKE):
        raise ModelError(
            f"the networks do not tell two known faces apart (one face twice scores {same:.2f}, "
            f"at least {least:.2f} is needed; two faces {other:.2f}, at most {MOST_ALIKE:.2f} is "
            "allowed): install this version again, or go back to the one before"
        )
    return same, other


def _template(engine: Engine, picture: Image) -> FloatArray:
    """Give the template of the one face in a picture. Raises: ModelError."""
    templates = [face.template for face in engine.faces(picture) if face.template is not None]
    if len(templates) != 1:
        raise ModelError(
            f"the networks find {len(templates)} faces where there is one: install this version "
            "again, or go back to the one before"
        )
    return templates[0]


def _darkened(picture: Image) -> Image:
    dark: Image = np.ascontiguousarray((picture * _DARKER).astype(np.uint8))
    return dark
