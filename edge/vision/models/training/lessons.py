"""What the network learns: views of faces, and what each should be answered with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edge.errors import ModelError
from edge.vision.embed import Spread
from edge.vision.face import FloatArray, Image
from edge.vision.models import spread
from edge.vision.models.training.conditions import worsened
from edge.vision.models.training.source import MEAN, SCALE
from edge.vision.models.training.views import View, drawn, plain, rendered


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What is learnt.

    Attributes:
        canvases: uint8[N, CANVAS, CANVAS, 3].
        views: Of these canvases.
        wanted: float32[len(views), D], unit: what each should be answered with.
        spread: What both are brought apart with before they are compared, so that what tells
            people apart counts most.
    """

    canvases: Image
    views: tuple[View, ...]
    wanted: FloatArray
    spread: Spread

    def clean(self, rows: Sequence[int] | NDArray[np.int64]) -> Tensor:
        """Render some views as they are."""
        return pixels([rendered(self.canvases, self.views[i]) for i in rows])

    def spoilt(
        self, rows: Sequence[int] | NDArray[np.int64], rng: np.random.Generator, often: float
    ) -> Tensor:
        """Render some views, and do to a share of ``often`` what a door does."""
        chips = [rendered(self.canvases, self.views[i]) for i in rows]
        return pixels([worsened(chip, rng) if rng.random() < often else chip for chip in chips])


def views_of(people: int, count: int, seed: int) -> tuple[View, ...]:
    """Draw views: each face as it is, then ``count`` by chance."""
    rng = np.random.default_rng(seed)
    return (*map(plain, range(people)), *(drawn(people, rng) for _ in range(count)))


def lessons(canvases: Image, views: tuple[View, ...], wanted: FloatArray) -> Lessons:
    """Put lessons together; the first views are the faces as they are.

    Raises:
        ModelError: There are too few faces to fit a spread on.
    """
    try:
        return Lessons(canvases, views, wanted, spread.fit(wanted[: len(canvases)]))
    except ValueError as error:
        raise ModelError(f"too few faces to learn from: {error}") from error


def pixels(chips: Sequence[Image]) -> Tensor:
    """Give chips to torch: float32[N, 3, H, W], normalised, channels last in memory."""
    batch = torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2).float()
    return ((batch - MEAN) / SCALE).contiguous(memory_format=torch.channels_last)
