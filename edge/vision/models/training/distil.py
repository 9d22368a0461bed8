"""Teaches a network to answer as its source does, whatever the door does to the picture."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edge.vision.embed import Spread
from edge.vision.models.training.lessons import Lessons
from edge.vision.models.training.network import Network
from edge.vision.models.training.recipe import Recipe

_WARM = 0.02
"""Share of the steps over which the rate rises."""
_LAST_RATE = 0.005
_STEEPEST = 2.0


def distil(
    network: Network, lessons: Lessons, recipe: Recipe, told: Callable[[int, float], None]
) -> None:
    """Train a network in place.

    Args:
        network: What is trained.
        lessons: What is learnt.
        recipe: How.
        told: Told after each step how many are done, and the mean cosine between answers and
            what was wanted, both brought apart.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    optimiser = torch.optim.AdamW(network.parameters, recipe.rate, (0.9, 0.99), weight_decay=0.0)
    average = [each.detach().clone() for each in network.parameters]
    for step in range(recipe.steps):
        rows = rng.integers(len(lessons.views), size=recipe.batch)
        wanted = apart(torch.from_numpy(lessons.wanted[rows]), lessons.spread)
        for group in optimiser.param_groups:
            group["lr"] = rate(recipe, step)
        given = lessons.spoilt(rows, rng, recipe.spoilt)
        made = apart(functional.normalize(network.run(given)), lessons.spread)
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


def apart(templates: Tensor, spread: Spread) -> Tensor:
    """Bring unit templates, float32[N, D], apart."""
    centre, matrix = torch.from_numpy(spread.centre), torch.from_numpy(spread.matrix)
    return functional.normalize((templates - centre) @ matrix.T)


def loss(made: Tensor, wanted: Tensor, relation: float) -> Tensor:
    """Compare templates, float32[N, D], and their scores among each other, with what is wanted."""
    alone = 1 - (made * wanted).sum(dim=1).mean()
    pairs = len(made) * (len(made) - 1)
    return alone + relation * (made @ made.T - wanted @ wanted.T).square().sum() / pairs


def rate(recipe: Recipe, step: int) -> float:
    """Give the rate of one step: a short rise, then half a cosine down."""
    done = step / recipe.steps
    fall = 0.5 * (1 + np.cos(np.pi * done)) + _LAST_RATE
    return float(recipe.rate * min(1.0, done / _WARM) * fall)
