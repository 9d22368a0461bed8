"""Brings a network whose slopes were changed back near its source, stage by stage.

Each stage is given what the changed stages before it make, and fitted to what the source makes
there; so every stage also makes up for what those before it lost. It takes a few minutes and
saves the end-to-end training from starting in ruins.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from edge.vision.models.training.network import Network, Step
from edge.vision.models.training.recipe import Recipe

_WARM = 30
_LAST_RATE = 0.002
_STEEPEST = 1.0
_BATCH = 16
_WIDE_BATCH = 8
_WIDE = 28
"""Pixels a side from which a stage takes the smaller batch, which is as good and faster."""


def fit_stages(
    network: Network,
    source: Network,
    given: Tensor,
    recipe: Recipe,
    told: Callable[[], None],
) -> list[float]:
    """Fit every stage that was changed, one after the other, in place.

    The others stay the source's: fitted to a few thousand faces, the last ones would learn those
    by heart.

    Args:
        network: What is fitted.
        source: What it shall compute, of the same shape.
        given: float32[N, 3, H, W], faces as both want them.
        recipe: How.
        told: Called once for each stage.

    Returns:
        For each stage the share of the variance that is left over, on the faces given.
    """
    torch.manual_seed(recipe.seed)
    right, left = given, []
    for stage, model in zip(network.stages(), source.stages(), strict=True):
        with torch.no_grad():
            right = _through(source, model, right)
        if any(step.name == "LEAKY_RELU" for step in stage):
            _fit(network, stage, given, right, recipe)
        with torch.no_grad():
            given = _through(network, stage, given)
            left.append(float(_left_over(given, right, _variance(right))))
        told()
    return left


def _fit(
    network: Network, stage: Sequence[Step], given: Tensor, wanted: Tensor, recipe: Recipe
) -> None:
    """Fit one stage by Adam under half a cosine."""
    parameters = network.parameters_of(stage)
    optimiser = torch.optim.Adam(parameters, recipe.stage_rate, (0.9, 0.99))
    variance = _variance(wanted)
    size = _WIDE_BATCH if wanted.dim() > 2 and wanted.shape[-1] >= _WIDE else _BATCH
    for step in range(recipe.stage_steps):
        fall = 0.5 * (1 + np.cos(np.pi * step / recipe.stage_steps)) + _LAST_RATE
        for group in optimiser.param_groups:
            group["lr"] = recipe.stage_rate * min(1.0, step / _WARM) * fall
        rows = torch.randint(len(given), (size,))
        made = network.run(given[rows], stage)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(_left_over(made, wanted[rows], variance))
        torch.nn.utils.clip_grad_norm_(parameters, _STEEPEST)
        optimiser.step()


def _left_over(made: Tensor, wanted: Tensor, variance: Tensor) -> Tensor:
    """Give the squared error, summed up over channels, in parts of the variance."""
    return (made - wanted).square().transpose(0, 1).flatten(1).mean(1).sum() / variance


def _variance(values: Tensor) -> Tensor:
    """Give the variance, summed up over channels."""
    return values.transpose(0, 1).flatten(1).var(1).sum()


def _through(network: Network, steps: Sequence[Step], given: Tensor) -> Tensor:
    """Run steps over many faces, some at a time."""
    return torch.cat([network.run(some, steps) for some in given.split(32)])
