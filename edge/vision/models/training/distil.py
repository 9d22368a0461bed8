"""Teaches a network to answer as its target does, whatever the door does to the picture."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge.vision.face import FloatArray, Image
from edge.vision.models.training.conditions import worsened
from edge.vision.models.training.network import Network
from edge.vision.models.training.recipe import Recipe
from edge.vision.models.training.target import solve, unit
from edge.vision.models.training.views import View, rendered

MEAN, SCALE = 127.5, 128.0
"""The network takes ``(pixel - MEAN) / SCALE``, as the source does."""
_FITTED = 2048
_PULL = 1e-2
_WARM = 0.02
"""Share of the steps over which the rate rises."""
_LAST_RATE = 0.005
_STEEPEST = 2.0
_AT_ONCE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What is learnt.

    Attributes:
        canvases: uint8[N, CANVAS, CANVAS, 3].
        views: Of these canvases.
        targets: float32[len(views), D], unit: what each should be answered with.
    """

    canvases: Image
    views: tuple[View, ...]
    targets: FloatArray

    def clean(self, row: int) -> Image:
        """Render one view as it is."""
        return rendered(self.canvases, self.views[row])

    def spread(self, count: int) -> NDArray[np.int64]:
        """Choose up to ``count`` views from all over."""
        return np.arange(0, len(self.views), max(1, -(-len(self.views) // count)))

    def batch(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Tensor:
        """Render some views, and do to them what a door does."""
        return pixels([worsened(self.clean(i), rng) for i in rows])


def pixels(chips: list[Image]) -> Tensor:
    """Give chips to torch: float32[N, 3, H, W], normalised, channels last in memory."""
    batch = torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2).float()
    return ((batch - MEAN) / SCALE).contiguous(memory_format=torch.channels_last)


def fit_last(network: Network, lessons: Lessons) -> float:
    """Fit the last convolution to the targets by least squares.

    Returns:
        The mean cosine between answers and targets afterwards.
    """
    some = lessons.spread(_FITTED)
    with torch.no_grad():
        chips = pixels([lessons.clean(i) for i in some]).split(_AT_ONCE)
        features = torch.cat([network.features(each) for each in chips]).numpy()
        loudness = float(torch.cat([network.run(each) for each in chips[:4]]).norm(dim=1).mean())
    wanted = lessons.targets[some]
    matrix, bias = solve(features, wanted * np.float32(loudness), _PULL)
    network.replace_last(matrix, bias)
    return float((unit(features @ matrix + bias) * wanted).sum(axis=1).mean())


def distil(
    network: Network, lessons: Lessons, recipe: Recipe, told: Callable[[int, float], None]
) -> None:
    """Train a network in place.

    Args:
        network: The source, or one with random weights.
        lessons: What is learnt.
        recipe: How.
        told: Told after each step how many are done, and the mean cosine to the targets.
    """
    torch.manual_seed(recipe.seed)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(recipe.seed)
    optimiser = torch.optim.AdamW(network.parameters, recipe.rate, (0.9, 0.99), weight_decay=0.0)
    average = [each.detach().clone() for each in network.parameters]
    for step in range(recipe.steps):
        rows = rng.integers(len(lessons.views), size=recipe.batch)
        given, wanted = lessons.batch(rows, rng), torch.from_numpy(lessons.targets[rows])
        for group in optimiser.param_groups:
            group["lr"] = rate(recipe, step)
        made = functional.normalize(network.run(given))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss(made, wanted, recipe.relation))
        torch.nn.utils.clip_grad_norm_(network.parameters, _STEEPEST)
        optimiser.step()
        keep = min(recipe.memory, (step + 1) / (step + 20))
        with torch.no_grad():
            torch._foreach_lerp_(average, network.parameters, 1 - keep)
        told(step + 1, float((made.detach() * wanted).sum(dim=1).mean()))
    with torch.no_grad():
        for parameter, kept in zip(network.parameters, average, strict=True):
            parameter.copy_(kept)


def loss(made: Tensor, wanted: Tensor, relation: float) -> Tensor:
    """Compare unit templates, float32[N, D], and their scores among each other, with targets."""
    alone = 1 - (made * wanted).sum(dim=1).mean()
    pairs = len(made) * (len(made) - 1)
    return alone + relation * (made @ made.T - wanted @ wanted.T).square().sum() / pairs


def rate(recipe: Recipe, step: int) -> float:
    """Give the rate of one step: a short start, then half a cosine down."""
    done = step / recipe.steps
    fall = 0.5 * (1 + np.cos(np.pi * done)) + _LAST_RATE
    return float(recipe.rate * min(1.0, done / _WARM) * fall)
