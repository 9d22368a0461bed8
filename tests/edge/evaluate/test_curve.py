"""The DET curve."""

import xml.etree.ElementTree as ET

import numpy as np

from edge.evaluate.curve import HEIGHT, WIDTH, Point, det, svg
from edge.evaluate.verification import all_pairs


def test_the_curve_trades_one_error_for_the_other() -> None:
    rng = np.random.default_rng(3)
    own = np.repeat(rng.normal(size=(80, 16)), 3, axis=0) + 0.7 * rng.normal(size=(240, 16))
    templates = (own / np.linalg.norm(own, axis=1, keepdims=True)).astype(np.float32)
    points = det(all_pairs(templates, np.arange(240) // 3))
    assert len(points) > 50
    thresholds, fmr, fnmr = (
        [getattr(point, name) for point in points] for name in ("threshold", "fmr", "fnmr")
    )
    assert thresholds == sorted(thresholds)
    assert fmr == sorted(fmr, reverse=True)
    assert fnmr == sorted(fnmr)
    assert fmr[0] == 1.0


def test_the_picture_is_whole_and_stays_inside_its_frame() -> None:
    points = (Point(0.1, 1.0, 0.0), Point(0.5, 1e-3, 0.02), Point(0.9, 1e-9, 1.0))
    # Our own drawing, not a stranger's file.
    picture = ET.fromstring(svg(points))  # noqa: S314
    line = next(part for part in picture if part.tag == "polyline")
    places = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert len(places) == 3
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert places[0][0] > places[1][0] > places[2][0]
    assert places[0][1] > places[1][1] > places[2][1]
