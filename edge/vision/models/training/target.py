"""What the network is taught to answer: several teachers' templates brought into one.

Each teacher's templates are averaged over the picture and its mirror image, centred and joined.
What all faces share then takes less room: directions in which faces in general differ much are
held back a little ("half-whitening"), since it is there that people of one group look alike to a
network that was trained on another. It is one linear map, so it costs the network nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.vision.face import FloatArray

DIMENSION = 192
"""Numbers of a template: as many as the source's."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The map from the teachers' templates to one.

    Attributes:
        centres: For each teacher float32[D], its mean template.
        shares: For each teacher how much it counts; they sum up to 1.
        mean: float32[sum of D] of the joined templates.
        matrix: float32[sum of D, dimension].
    """

    centres: tuple[FloatArray, ...]
    shares: tuple[float, ...]
    mean: FloatArray
    matrix: FloatArray

    def of(self, teachers: Sequence[FloatArray]) -> FloatArray:
        """Bring templates, float32[N, D] of each teacher, into float32[N, dimension], unit."""
        joined = _joined(teachers, self.centres, self.shares)
        return unit(((joined - self.mean) @ self.matrix).astype(np.float32))


def fit(
    teachers: Sequence[FloatArray],
    shares: Sequence[float],
    *,
    power: float = 0.25,
    floor: float = 0.1,
    dimension: int = DIMENSION,
) -> Target:
    """Fit the map on templates of many people, one each.

    Args:
        teachers: For each teacher float32[N, D], row by row of the same people.
        shares: How much each counts; they sum up to 1.
        power: How far directions of much variance are held back: 0 not at all, 0.5 wholly.
        floor: Variance taken as the least, in parts of the mean: quiet directions are mostly
            noise and must not be blown up.
        dimension: Length of the joined template.

    Raises:
        ValueError: The teachers have fewer numbers together than are wanted, or fewer people.
    """
    centres = tuple(templates.mean(axis=0) for templates in teachers)
    joined = _joined(teachers, centres, shares)
    if min(joined.shape) < dimension:
        raise ValueError(f"{joined.shape} templates cannot give {dimension} numbers")
    mean = joined.mean(axis=0)
    variance, directions = np.linalg.eigh(np.cov((joined - mean).T.astype(np.float64)))
    variance, directions = variance[::-1][:dimension], directions[:, ::-1][:, :dimension]
    matrix = directions * (variance + floor * variance.mean()) ** -power
    return Target(centres, tuple(shares), mean, matrix.astype(np.float32))


def both_ways(templates: FloatArray, mirrored: FloatArray) -> FloatArray:
    """Average templates of pictures and of their mirror images, float32[N, D] each; unit."""
    return unit(unit(templates) + unit(mirrored))


def unit(templates: FloatArray) -> FloatArray:
    """Bring each row to unit length."""
    length = np.linalg.norm(templates, axis=1, keepdims=True)
    return np.asarray(templates / np.maximum(length, 1e-12), np.float32)


def solve(given: FloatArray, wanted: FloatArray, pull: float) -> tuple[FloatArray, FloatArray]:
    """Fit ``given @ matrix + bias`` to ``wanted`` by ridge regression.

    Args:
        given: float32[N, C].
        wanted: float32[N, D].
        pull: How much large weights cost, in parts of the mean variance of ``given``.

    Returns:
        float32[C, D] and float32[D].
    """
    centre, middle = given.mean(axis=0), wanted.mean(axis=0)
    apart = (given - centre).astype(np.float64)
    square = apart.T @ apart
    square += np.eye(len(square)) * pull * np.trace(square) / len(square)
    matrix = np.linalg.solve(square, apart.T @ (wanted - middle))
    return matrix.astype(np.float32), (middle - centre @ matrix).astype(np.float32)


def _joined(
    teachers: Sequence[FloatArray], centres: Sequence[FloatArray], shares: Sequence[float]
) -> FloatArray:
    """Centre each teacher's templates, bring them to unit length, weigh and join them."""
    parts = [
        np.sqrt(share) * unit(templates - centre)
        for templates, centre, share in zip(teachers, centres, shares, strict=True)
    ]
    return np.asarray(np.concatenate(parts, axis=1), np.float32)
