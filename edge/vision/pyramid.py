"""A picture at half, a quarter, an eighth of its size: what every network's input is cut from.

Shrinking by a factor that is no power of two without aliasing looks at every pixel and is slow;
halving is fast, and what is left to shrink after that is less than another half, which bilinear
sampling does well enough. The sizes are shared by all regions and networks.
"""

import cv2
import numpy as np

from edge.vision.face import FloatArray, Image

_SMALLEST = 4
"""Sides shorter than this are not halved."""


class Pyramid:
    """A picture and its halves, each made when it is first needed.

    Attributes:
        rgb: uint8[H, W, 3], the picture itself.
    """

    def __init__(self, rgb: Image) -> None:
        """Start with the picture alone."""
        self.rgb = rgb
        self._levels = [rgb]

    def cut(self, matrix: FloatArray, size: int) -> Image:
        """Sample a turned square out of the picture without aliasing.

        What lies outside the picture repeats the nearest edge pixel, so that a face at the rim
        gets no artificial black bar.

        Args:
            matrix: float32[2, 3], a similarity from pixels of the picture to pixels of the
                cut-out; whole numbers are the centres of pixels.
            size: Side of the cut-out in pixels.

        Returns:
            uint8[size, size, 3].
        """
        step = 1 / max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-6)
        level, factor = self._level(step)
        shrunk = matrix * np.float32(factor)
        # The centre of a shrunk pixel is the middle of those it stands for.
        shrunk[:, 2] = matrix[:, 2] + matrix[:, :2].sum(axis=1) * np.float32((factor - 1) / 2)
        return _sampled(level, shrunk, (size, size), cv2.BORDER_REPLICATE)

    def window(self, left: float, top: float, step: float, size: tuple[int, int]) -> Image:
        """Sample an upright rectangle out of the picture without aliasing.

        What lies outside the picture is black.

        Args:
            left: Where its left edge lies in the picture, in pixels from the picture's own.
            top: The same for its upper edge.
            step: Pixels of the picture per pixel of the cut-out.
            size: Width and height of the cut-out in pixels.

        Returns:
            uint8[height, width, 3].
        """
        level, factor = self._level(step)
        step, x, y = step / factor, left / factor, top / factor
        x1, y1 = x + size[0] * step, y + size[1] * step
        height, width = level.shape[:2]
        inside = min(x, y) >= 0 and x1 <= width and y1 <= height
        if inside and all(side.is_integer() for side in (x, y, x1, y1)):
            # Resizing whole pixels takes half the time.
            part = level[int(y) : int(y1), int(x) : int(x1)]
            return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        shrink = 1 / step
        # Edges are half a pixel before the centres that a transform speaks of.
        shift_x, shift_y = (0.5 - x) * shrink - 0.5, (0.5 - y) * shrink - 0.5
        matrix = np.array([[shrink, 0, shift_x], [0, shrink, shift_y]], np.float32)
        return _sampled(level, matrix, size, cv2.BORDER_CONSTANT)

    def _level(self, step: float) -> tuple[Image, float]:
        """Give the smallest size that is still sampled below its own, and how far it is shrunk.

        Args:
            step: Pixels of the picture per pixel wanted.
        """
        wanted = int(np.log2(max(step, 1.0)))
        while len(self._levels) <= wanted:
            height, width = (side // 2 for side in self._levels[-1].shape[:2])
            if min(height, width) < _SMALLEST:
                break
            even = self._levels[-1][: height * 2, : width * 2]
            half = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(half, np.uint8))
        level = min(wanted, len(self._levels) - 1)
        return self._levels[level], float(1 << level)


def _sampled(level: Image, matrix: FloatArray, size: tuple[int, int], border: int) -> Image:
    """Sample one size of the picture bilinearly."""
    cut = cv2.warpAffine(level, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(cut, np.uint8)
