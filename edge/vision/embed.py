"""Make templates of aligned faces."""

from dataclasses import dataclass

import numpy as np

from edge.vision.detect import Run
from edge.vision.face import FloatArray, Image

_SHORTEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Brings the templates of people apart who look alike to the network.

    All templates of a network share a direction, and differ more along some directions than along
    others; people of a group that its training set knew little of lie close together there. So the
    mean is taken away ("centring": Jegou and Chum, 2012) and the directions of much variance are
    held back in part ("ZCA whitening": Kessy, Lewin and Strimmer, 2018). One linear map, fitted by
    ``edge.vision.models.spread``.

    Attributes:
        centre: float32[D], the mean template.
        matrix: float32[D, D].
    """

    centre: FloatArray
    matrix: FloatArray

    def apart(self, template: FloatArray) -> FloatArray | None:
        """Map a template, float32[D] of unit length; None where it is the mean itself."""
        return unit(self.matrix @ (template - self.centre))


@dataclass(frozen=True, slots=True)
class Embedder:
    """The template network and how it wants its pixels.

    Attributes:
        run: The network.
        mean: Subtracted from each pixel value.
        scale: Divides what is left.
        model_id: Names the network; templates of different ones are never compared.
        dimension: Length of a template.
        spread: What its templates are brought apart with, or None to leave them as they are.
    """

    run: Run
    mean: float
    scale: float
    model_id: str
    dimension: int
    spread: Spread | None = None

    def template(self, chip: Image) -> FloatArray | None:
        """Make the template of one aligned face.

        Args:
            chip: uint8[112, 112, 3].

        Returns:
            float32[dimension] of unit length, or None where the network's answer has no
            direction (not finite, or all but zero).
        """
        batch = (chip[None].astype(np.float32) - np.float32(self.mean)) / np.float32(self.scale)
        template = unit(self.run(batch)[0].reshape(-1))
        return template if template is None or self.spread is None else self.spread.apart(template)


def unit(vector: FloatArray) -> FloatArray | None:
    """Scale a vector to unit length; None where it is not finite or all but zero."""
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(length) or length < _SHORTEST:
        return None
    return (vector / length).astype(np.float32)
