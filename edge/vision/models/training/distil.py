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
from edge.vision.models.training.target import solve
from edge.vision.models.training.views import View, rendered

MEAN, SCALE = 127.5, 128.0
"""The network takes ``(pixel - MEAN) / SCALE``, as the source does."""
_FITTED = 2048
_PULL = 1e-2
_WARM = 100
_LAST_RATE = 0.005
_STEEPEST = 2.0
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the network is trained.

    Attributes:
        steps: Batches.
        batch: Views in each.
        rate: AdamW's highest rate, in units of each channel's own size.
        anneal: Share of the steps over which PRELU becomes RELU.
        relation: Weight of the scores between different views of a batch, against that of the
            templates themselves.
        memory: How much of the average of all weights is kept at each step; that average is
            what is shipped.
        seed: Of everything drawn by chance.
    """

    steps: int = 6000
    batch: int = 32
    rate: float = 1.5e-3
    anneal: float = 0.35
    relation: float = 3.0
    memory: float = 0.998
    seed: int = 1


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

    def batch(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Tensor:
        """Render some views, and do to them what a door does."""
        return pixels([worsened(rendered(self.canvases, self.views[i]), rng) for i in rows])


def pixels(chips: list[Image]) -> Tensor:
    """Give chips to torch: float32[N, 3, H, W], normalised, channels last in memory."""
    batch = torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2).float()
    return ((batch - MEAN) / SCALE).contiguous(memory_format=torch.channels_last)


def fit_last(network: Network, lessons: Lessons) -> float:
    """Fit the last convolution of the unchanged source to the targets by least squares.

    Returns:
        The mean cosine between answers and targets afterwards.
    """
    some = range(0, len(lessons.views), max(1, len(lessons.views) // _FITTED))
    chips = [rendered(lessons.canvases, lessons.views[i]) for i in some]
    parts = [chips[start : start + _AT_ONCE] for start in range(0, len(chips), _AT_ONCE)]
    with torch.no_grad():
        features = torch.cat([network.features(pixels(each), 1.0) for each in parts]).numpy()
        loud = torch.cat([network.answer(pixels(each), 1.0).norm(dim=1) for each in parts[:4]])
    wanted = lessons.targets[list(some)]
    matrix, bias = solve(features, wanted * float(loud.mean()), _PULL)
    network.replace_last(matrix, bias)
    made = features @ matrix + bias
    return float(((made * wanted).sum(axis=1) / np.linalg.norm(made, axis=1)).mean())


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
        made = functional.normalize(network.answer(given, leak(recipe, step)))
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
    return float(recipe.rate * min(1.0, step / _WARM) * fall)


def leak(recipe: Recipe, step: int) -> float:
    """Give what is left of the PRELU's slopes at one step."""
    if recipe.anneal == 0:
        return 0.0
    return max(0.0, 1 - step / recipe.steps / recipe.anneal)
