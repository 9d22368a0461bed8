"""Fuse the templates of one person's usable faces, the largest gain in accuracy there is."""

from dataclasses import dataclass

import numpy as np

from edge.vision.embed import unit
from edge.vision.face import Face, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """A quality-weighted mean of templates, taken one by one.

    Attributes:
        usable: How many templates went in.
        total: float32[D], their weighted sum; None while there are none.
    """

    usable: int = 0
    total: FloatArray | None = None

    @property
    def template(self) -> FloatArray | None:
        """The fused template, float32[D] of unit length; None while there is none."""
        return None if self.total is None else unit(self.total)

    def plus(self, face: Face) -> "Fusion":
        """Give this fusion with one more face in it, if that face is usable."""
        if face.template is None or not face.quality.usable:
            return self
        part = face.template * np.float32(max(face.quality, 0.01))
        total = part if self.total is None else self.total + part
        return Fusion(self.usable + 1, np.asarray(total, np.float32))

    def likeness(self, face: Face) -> float | None:
        """Give the cosine between the fused template and a face's, where there are both."""
        fused = self.template
        if fused is None or face.template is None:
            return None
        return float(fused @ face.template)
