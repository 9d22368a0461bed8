"""Make templates of aligned faces."""

from dataclasses import dataclass

import numpy as np

from edge.vision.detect import Run
from edge.vision.face import FloatArray, Image

_SHORTEST = 1e-6


@dataclass(frozen=True, slots=True)
class Embedder:
    """The template network and how it wants its pixels.

    Attributes:
        run: The network.
        mean: Subtracted from each pixel value.
        scale: Divides what is left.
        model_id: Names the network; templates of different ones are never compared.
        dimension: Length of a template.
    """

    run: Run
    mean: float
    scale: float
    model_id: str
    dimension: int

    def template(self, chip: Image) -> FloatArray | None:
        """Make the template of one aligned face.

        Args:
            chip: uint8[112, 112, 3].

        Returns:
            float32[dimension] of unit length, or None where the network's answer has no
            direction (not finite, or all but zero).
        """
        batch = (chip[None].astype(np.float32) - np.float32(self.mean)) / np.float32(self.scale)
        return unit(self.run(batch)[0].reshape(-1))


def unit(vector: FloatArray) -> FloatArray | None:
    """Scale a vector to unit length; None where it is not finite or all but zero."""
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(length) or length < _SHORTEST:
        return None
    return (vector / length).astype(np.float32)
