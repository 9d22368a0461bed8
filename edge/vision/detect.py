"""Find faces: BlazeFace over regions of an image, decoded and merged.

The two networks and their anchors are those of MediaPipe's face detection: the full-range one
sees small faces in a large picture, the short-range one sees faces that fill it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.face import FloatArray, Image
from edge.vision.geometry import overlaps, shared

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
        shift = np.array([x, y], np.float32)
        boxes = self.boxes * np.float32(scale) + np.tile(shift, 2)
        return Detections(boxes, self.points * np.float32(scale) + shift, self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Finder:
    """One BlazeFace network with its anchors.

    Attributes:
        run: The network; takes pixels scaled to [-1, 1].
        side: Side of its square input in pixels.
        anchors: float32[A, 2], anchor centres in [0, 1].
        floor: Scores below this are not faces.
    """

    run: Run
    side: int
    anchors: FloatArray
    floor: float

    def find(self, rgb: Image, region: Region) -> Detections:
        """Find the faces in one region of an image; pixels of the image come out."""
        side = max(region[2] - region[0], region[3] - region[1])
        scale = side / self.side
        x = (region[0] + region[2] - side) // 2
        y = (region[1] + region[3] - side) // 2
        values, logits = self.run(_batch(rgb, region, (x, y), scale, self.side))
        found = merged(decoded(values[0], logits[0, :, 0], self.anchors, self.side, self.floor))
        return found.moved(scale, x, y)


def full_range(run: Run, floor: float = FLOOR) -> Finder:
    """Set up the full-range network: 192 pixels, one anchor in each of 48 by 48 cells."""
    return Finder(run, 192, _grid(48, 1), floor)


def short_range(run: Run, floor: float = FLOOR) -> Finder:
    """Set up the short-range network: 128 pixels, 2 anchors by 16 squared, 6 by 8 squared."""
    return Finder(run, 128, np.concatenate([_grid(16, 2), _grid(8, 6)]), floor)


def _grid(cells: int, anchors: int) -> FloatArray:
    """Give float32[cells * cells * anchors, 2] cell centres, row by row."""
    steps = (np.arange(cells, dtype=np.float32) + 0.5) / cells
    y, x = np.meshgrid(steps, steps, indexing="ij")
    return np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), anchors, axis=0)


def _batch(
    rgb: Image, region: Region, origin: tuple[int, int], scale: float, side: int
) -> FloatArray:
    """Fit a region into the middle of a black square: float32[1, side, side, 3] in [-1, 1].

    Args:
        rgb: The image.
        region: What to show of it.
        origin: Where in the image the square's left upper corner lies.
        scale: Pixels of the image per pixel of the square.
        side: Side of the square.
    """
    height, width = rgb.shape[:2]
    x0, y0 = max(region[0], 0), max(region[1], 0)
    part = rgb[y0 : min(region[3], height), x0 : min(region[2], width)]
    batch = np.full((1, side, side, 3), -1, np.float32)
    left, top = round((x0 - origin[0]) / scale), round((y0 - origin[1]) / scale)
    w = min(side - left, max(1, round(part.shape[1] / scale)))
    h = min(side - top, max(1, round(part.shape[0] / scale)))
    flags = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    resized = cv2.resize(part, (w, h), interpolation=flags)
    batch[0, top : top + h, left : left + w] = resized.astype(np.float32) / 127.5 - 1
    return batch


def decoded(
    values: FloatArray, logits: FloatArray, anchors: FloatArray, side: int, floor: float
) -> Detections:
    """Turn a network's raw output into faces in pixels of its input.

    Args:
        values: float32[A, 16]: centre, size and six points relative to the anchor, in pixels.
        logits: float32[A].
        anchors: float32[A, 2] in [0, 1].
        side: Side of the input in pixels.
        floor: Lowest score kept.

    Returns:
        Every anchor at or above ``floor``, best first.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits, -_LOGIT_LIMIT, _LOGIT_LIMIT)))
    kept = np.flatnonzero(scores >= floor)
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    centre = values[kept, :2] + anchors[kept] * side
    half = np.abs(values[kept, 2:4]) / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    points = values[kept, 4:].reshape(-1, 6, 2) + anchors[kept, None] * side
    return Detections(boxes, points, scores[kept].astype(np.float32))


def merged(found: Detections) -> Detections:
    """Melt detections of the same face into one, weighted by score.

    Two detections are one face where their boxes overlap, or where one lies inside the other
    (a region's rim may have cut it).
    """
    left = np.arange(len(found))
    boxes, points, scores = [], [], []
    while len(left):
        first = found.boxes[left[0]]
        rivals = found.boxes[left]
        same = overlaps(first, rivals) > _SAME_FACE
        nested = shared(first, rivals) > _NESTED_FACE
        same[0] = True
        group = left[same]
        weight = found.scores[group] / found.scores[group].sum()
        boxes.append(weight @ found.boxes[group])
        points.append(np.tensordot(weight, found.points[group], 1))
        scores.append(found.scores[group[0]])
        left = left[~(same | nested)]
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
