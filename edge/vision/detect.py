"""Find faces: BlazeFace over regions of an image, decoded and merged.

The two networks and their anchors are those of MediaPipe's face detection: the full-range one
sees small faces in a large picture, the short-range one sees faces that fill it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.vision.face import FloatArray
from edge.vision.geometry import overlaps
from edge.vision.pyramid import Pyramid

Run = Callable[[FloatArray], tuple[FloatArray, ...]]
"""A network: float32[1, H, W, 3] in, its output tensors out."""

Region = tuple[int, int, int, int]
"""x0, y0, x1, y1 in whole pixels; what reaches past the image is black."""

FLOOR = 0.4
"""Lowest score of a face."""
_LOGIT_LIMIT = 80.0
_SAME_FACE = 0.3
_NESTED_FACE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces as a detector reports them, best first.

    Attributes:
        boxes: float32[N, 4], x0, y0, x1, y1.
        points: float32[N, 6, 2]: the eye on the image's left, the other eye, nose tip,
            mouth centre, the ear on the image's left, the other ear.
        scores: float32[N] in [0, 1].
    """

    boxes: FloatArray
    points: FloatArray
    scores: FloatArray

    def __len__(self) -> int:
        """Give the number of faces."""
        return len(self.scores)

    def moved(self, scale: float, x: float, y: float) -> "Detections":
        """Give the same faces scaled, then shifted."""
        if not len(self):
            return self
        shift = np.array([x, y], np.float32)
        boxes = self.boxes * np.float32(scale) + np.tile(shift, 2)
        return Detections(boxes, self.points * np.float32(scale) + shift, self.scores)


_NOTHING = Detections(
    np.zeros((0, 4), np.float32), np.zeros((0, 6, 2), np.float32), np.zeros(0, np.float32)
)


@dataclass(frozen=True, slots=True, eq=False)
class Finder:
    """One BlazeFace network with its anchors.

    Attributes:
        run: The network; takes pixels scaled to [-1, 1].
        width: Width of its input in pixels.
        height: Height of its input in pixels.
        anchors: float32[A, 2], anchor centres in pixels of the input.
        floor: Scores below this are not faces.
    """

    run: Run
    width: int
    height: int
    anchors: FloatArray
    floor: float

    def find(self, picture: Pyramid, region: Region) -> Detections:
        """Find the faces in one region of an image; pixels of the image come out."""
        x0, y0, x1, y1 = region
        scale = max((x1 - x0) / self.width, (y1 - y0) / self.height)
        x, y = (x0 + x1 - scale * self.width) / 2, (y0 + y1 - scale * self.height) / 2
        cut = picture.window(x, y, scale, (self.width, self.height))
        batch = np.multiply(cut[None], np.float32(1 / 127.5), dtype=np.float32)
        batch -= 1
        values, logits = self.run(batch)
        found = merged(decoded(values[0], logits[0, :, 0], self.anchors, self.floor))
        return found.moved(scale, x, y)


def full_range(run: Run, floor: float = FLOOR) -> Finder:
    """Set up the full-range network: 192 pixels, one anchor in each of 48 by 48 cells."""
    return Finder(run, 192, 192, _grid(48, 48, 4, 1), floor)


def short_range(run: Run, height: int = 128, floor: float = FLOOR) -> Finder:
    """Set up the short-range network: 128 pixels, 2 anchors by 16 squared, 6 by 8 squared.

    Args:
        run: The network.
        height: Rows of its input, a multiple of 16; the network knows no size of its own.
        floor: Lowest score of a face.
    """
    fine, coarse = _grid(16, height // 8, 8, 2), _grid(8, height // 16, 16, 6)
    return Finder(run, 128, height, np.concatenate([fine, coarse]), floor)


def _grid(columns: int, rows: int, step: int, anchors: int) -> FloatArray:
    """Give float32[columns * rows * anchors, 2], cell centres in pixels, row by row."""
    x, y = ((np.arange(cells, dtype=np.float32) + 0.5) * step for cells in (columns, rows))
    centres = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    return np.repeat(centres, anchors, axis=0)


def decoded(
    values: FloatArray, logits: FloatArray, anchors: FloatArray, floor: float
) -> Detections:
    """Turn a network's raw output into faces in pixels of its input.

    Args:
        values: float32[A, 16]: centre, size and six points relative to the anchor, in pixels.
        logits: float32[A].
        anchors: float32[A, 2], pixels.
        floor: Lowest score kept.

    Returns:
        Every anchor at or above ``floor``, best first.
    """
    kept = np.flatnonzero(logits >= math.log(floor / (1 - floor)))
    if not len(kept):
        return _NOTHING
    kept = kept[np.argsort(-logits[kept], kind="stable")]
    scores = 1 / (1 + np.exp(-np.minimum(logits[kept], _LOGIT_LIMIT)))
    pairs = values[kept].reshape(-1, 8, 2)
    half = np.abs(pairs[:, 1]) / 2
    pairs += anchors[kept, None]
    centre = pairs[:, 0]
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    return Detections(boxes, pairs[:, 2:], scores.astype(np.float32))


def merged(found: Detections) -> Detections:
    """Melt detections of the same face into one, weighted by score.

    Two detections are one face where their boxes overlap, or where one lies inside the other
    (a region's rim may have cut it).
    """
    if len(found) < 2:
        return found
    left = np.arange(len(found))
    boxes, points, scores = [], [], []
    while len(left):
        first = found.boxes[left[0]]
        over_union, over_smaller = overlaps(first, found.boxes[left])
        same = over_union > _SAME_FACE
        same[0] = True
        group = left[same]
        weight = found.scores[group] / found.scores[group].sum()
        boxes.append(weight @ found.boxes[group])
        points.append(np.tensordot(weight, found.points[group], 1))
        scores.append(found.scores[group[0]])
        left = left[~(same | (over_smaller > _NESTED_FACE))]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(points, np.float32).reshape(-1, 6, 2),
        np.array(scores, np.float32),
    )


def together(parts: Sequence[Detections]) -> Detections:
    """Put the faces of several regions of one image together, each face once."""
    scores = np.concatenate([part.scores for part in parts])
    order = np.argsort(-scores, kind="stable")
    boxes = np.concatenate([part.boxes for part in parts])[order]
    points = np.concatenate([part.points for part in parts])[order]
    return merged(Detections(boxes, points, scores[order]))
