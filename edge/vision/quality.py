"""Judge whether a face is fit to be compared, and name what is wrong with it.

The limits were set by what the template network makes of degraded photographs: a flaw is named
from about where the template of the degraded face has lost half its likeness to the good one,
and for good photographs nearly never (CHANGELOG and README quote the figures).
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.cover import Cover
from edge.vision.face import Flaw, FloatArray, Image, Quality
from edge.vision.mesh import Mesh

_NARROWEST = 36.0
"""Pixels of box width. At 38 the template still has 0.96 of its likeness, at 27 it has 0.87."""
_DIMMEST = 32.0
"""95th percentile of the face's brightness, of 255; dark skin in poor light stays above 50."""
_SOFTEST = 0.028
"""Share of fine detail, see ``_sharpness``; 0.075 is usual, a blur of a 25th of the face 0.02."""
_TURNED = 36.0
"""Degrees of yaw by the mesh, which reads a real 45 as about that."""
_RAISED, _LOWERED = -30.0, 32.0
"""Degrees of pitch by the mesh, chin up is negative."""
_UPPER_COVERED, _LOWER_COVERED = 0.85, 0.6
"""Scores that one good photo in a hundred reaches; narrowed eyes look like covered ones."""
_PRESENT = 0.5
_POOREST = 0.3
"""Lowest score of a usable face. One LFW face in seventy lies below it without a flaw of its
own, mostly people in the background; half-turned, half-shaded faces flicker around the limits."""

_BRIGHT = round(0.95 * (88 * 80 - 1))
"""Place of the 95th percentile among the sorted pixels of the inner face."""
_SECOND_DIFFERENCES: tuple[FloatArray, ...] = tuple(
    np.array(kernel, np.float32)
    for kernel in (
        [[0, 0, 0], [1, -2, 1], [0, 0, 0]],
        [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
        [[0.5, 0, 0], [0, -1, 0], [0, 0, 0.5]],
        [[0, 0, 0.5], [0, -1, 0], [0.5, 0, 0]],
    )
)


@dataclass(frozen=True, slots=True)
class Measures:
    """What the judgement rests on.

    Attributes:
        width: Box width in pixels.
        light: 95th percentile of brightness, 0 to 255.
        sharpness: Fine detail in the direction that has least, relative to contrast.
        yaw: Degrees, by the mesh.
        pitch: Degrees, by the mesh; chin up is negative.
        presence: The mesh's score in [0, 1] that this is a face.
        upper: Score in [0, 1] that the upper half is covered.
        lower: Score in [0, 1] that the lower half is covered.
    """

    width: float
    light: float
    sharpness: float
    yaw: float
    pitch: float
    presence: float
    upper: float
    lower: float


def measured(chip: Image, net: Mesh, width: float, cover: Cover) -> Measures:
    """Measure one face.

    Args:
        chip: uint8[112, 112, 3], the aligned face.
        net: Its mesh.
        width: Its box width in pixels.
        cover: The network that notices covers.
    """
    inner = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)[20:108, 16:96]
    light = float(np.partition(inner, _BRIGHT, axis=None)[_BRIGHT])
    sharpness = _sharpness(inner.astype(np.float32))
    return Measures(width, light, sharpness, *net.pose, net.presence, *cover.scores(chip))


def _sharpness(light: FloatArray) -> float:
    """Give the standard deviation of second differences over that of brightness.

    The least of four directions counts: motion blurs only along its path.
    """
    smooth = cv2.GaussianBlur(light, (0, 0), 1.0)
    details = [_spread(cv2.filter2D(smooth, -1, each)) for each in _SECOND_DIFFERENCES]
    return min(details) / (_spread(light) + 2.0)


def _spread(values: "cv2.typing.MatLike") -> float:
    """Give the standard deviation of one channel."""
    return float(cv2.meanStdDev(values)[1][0, 0])


def judged(face: Measures) -> Quality:
    """Judge a face by its measures: the score is a product of how far each is from its limit.

    Several small flaws together are as bad as a large one: below a floor of the score the
    measure that is worst is named, although it is within its limit.
    """
    parts = {
        Flaw.TOO_SMALL: face.width / 100,
        Flaw.DARK: face.light / 100,
        Flaw.BLURRED: face.sharpness / 0.05,
        Flaw.TURNED_AWAY: _clipped(1.2 - (face.yaw / 45) ** 2)
        * _clipped(1.2 - (face.pitch / 45) ** 2),
        Flaw.COVERED: 1.1 - max(face.upper, face.lower),
    }
    score = math.prod(_clipped(part) for part in parts.values())
    flaws = _flaws(face)
    if not flaws and score < _POOREST:
        flaws = [min(parts, key=parts.__getitem__)]
    return Quality(score, tuple(flaws))


def _clipped(part: float) -> float:
    return min(1.0, max(0.05, part))


def _flaws(face: Measures) -> list[Flaw]:
    """Name what makes a face unusable.

    Covered comes last and alone: what is dark, blurred or turned away often looks covered too,
    and the nearer cause is what a person can do something about.
    """
    turned = abs(face.yaw) > _TURNED or not _RAISED <= face.pitch <= _LOWERED
    named = {
        Flaw.TOO_SMALL: face.width < _NARROWEST,
        Flaw.DARK: face.light < _DIMMEST,
        Flaw.BLURRED: face.sharpness < _SOFTEST and face.light >= _DIMMEST,
        Flaw.TURNED_AWAY: turned,
    }
    flaws = [flaw for flaw, is_so in named.items() if is_so]
    covered = face.upper >= _UPPER_COVERED or face.lower >= _LOWER_COVERED
    hidden = covered or face.presence < _PRESENT
    return [Flaw.COVERED] if hidden and not flaws else flaws
