"""The detection error trade-off curve (ISO/IEC 19795-1), as points and as a picture. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from statistics import NormalDist

import numpy as np

from edge.evaluate.verification import BINS, Scores, rates

WIDTH, HEIGHT = 640, 420
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 16, 16, 48
_FMR = (1e-5, 1.0)
_FNMR = (0.0005, 0.6)
_FNMR_MARKS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4)
_POINTS = 160


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the curve.

    Attributes:
        threshold: Lowest score that counts as a match.
        fmr: False match rate.
        fnmr: False non-match rate.
    """

    threshold: float
    fmr: float
    fnmr: float


def det(scores: Scores) -> tuple[Point, ...]:
    """Give the curve's points, evenly spread over the logarithm of the false match rate."""
    fmr, fnmr = rates(scores)
    lowest = max(1 / max(1, scores.non_mated), _FMR[0])
    wanted = np.geomspace(1.0, lowest, _POINTS)
    cells = np.unique(np.searchsorted(-fmr, -wanted))
    return tuple(
        Point(float(cell) / BINS * 2 - 1, float(fmr[cell]), float(fnmr[cell]))
        for cell in cells
        if cell < BINS and fmr[cell] > 0
    )


def svg(points: Sequence[Point]) -> str:
    """Draw the curve: FMR on a logarithmic scale, FNMR on a normal-deviate one."""
    line = " ".join(f"{_x(point.fmr):.1f},{_y(point.fnmr):.1f}" for point in points)
    marks = [_upright(10.0**power) for power in range(-5, 1)] + [_level(at) for at in _FNMR_MARKS]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="DET curve">'
        f"{''.join(marks)}"
        f'<polyline points="{line}" class="curve"/>'
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" class="middle">false match rate</text>'
        f'<text x="14" y="{HEIGHT / 2}" class="middle" '
        f'transform="rotate(-90 14 {HEIGHT / 2})">false non-match rate</text></svg>'
    )


def _x(fmr: float) -> float:
    low, high = (log10(end) for end in _FMR)
    share = (log10(min(max(fmr, _FMR[0]), _FMR[1])) - low) / (high - low)
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(fnmr: float) -> float:
    deviate = NormalDist().inv_cdf
    low, high = (deviate(end) for end in _FNMR)
    share = (deviate(min(max(fnmr, _FNMR[0]), _FNMR[1])) - low) / (high - low)
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _upright(fmr: float) -> str:
    """Mark a false match rate."""
    x, foot = _x(fmr), HEIGHT - _BOTTOM
    label = f"{fmr:.0e}".replace("e-0", "e-").replace("1e+00", "1")
    return (
        f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{foot}"/>'
        f'<text x="{x:.1f}" y="{foot + 16}" class="middle">{label}</text>'
    )


def _level(fnmr: float) -> str:
    """Mark a false non-match rate."""
    y, end = _y(fnmr), WIDTH - _RIGHT
    return (
        f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{end}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" class="end">{fnmr * 100:g} %</text>'
    )
