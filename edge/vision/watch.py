"""Where to look for faces, in one image and from frame to frame."""

from collections.abc import Iterator, Sequence
from itertools import chain, cycle, islice
from math import ceil
from typing import Protocol

import numpy as np

from edge.vision.detect import Region
from edge.vision.face import Face, Image

_OVERLAP = 0.2
_TILE = 400
_AROUND = 1.5
_RIM = 0.25


class Search(Protocol):
    """What ``Watch`` needs of an engine."""

    def faces_within(
        self, rgb: Image, *, near: Sequence[Region], far: Sequence[Region], embed: bool
    ) -> list[Face]:
        """Find the faces in some regions of an image."""


class Watch:
    """Finds faces in the frames of one stream.

    Each frame is searched as a whole for large faces, around the faces of the frame before, and
    for small faces in wide squares and small tiles, which take turns. While nobody is in view
    a square and a tile are searched in each frame, so that who is far away is found within as
    many frames as there are tiles; while faces take time of their own, one of the two.
    """

    def __init__(self, engine: Search) -> None:
        """Start with no faces known."""
        self._engine = engine
        self._shape: tuple[int, ...] = ()
        self._around: list[Region] = []

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        """Find the faces of the next frame.

        Args:
            rgb: uint8[H, W, 3].
            embed: Whether to make templates.

        Returns:
            The faces, largest first.

        Raises:
            TypeError: ``rgb`` is not an array of bytes.
            ValueError: Its shape is not that of an image.
        """
        checked(rgb)
        if rgb.shape != self._shape:
            self._shape, self._around = rgb.shape, []
            self._turns = _turns(rgb)
        near = [whole(rgb), *self._around]
        far = list(islice(self._turns, 1 if self._around else 2))
        faces = self._engine.faces_within(rgb, near=near, far=far, embed=embed)
        self._around = [around(face, rgb) for face in faces]
        return faces


def _turns(rgb: Image) -> Iterator[Region]:
    """Give the wide squares and the small tiles of an image in turn, without end."""
    return chain.from_iterable(zip(cycle(wide_squares(rgb)), cycle(tiles(rgb, _TILE)), strict=True))


def whole(rgb: Image) -> Region:
    """Give the whole image as a region."""
    return 0, 0, rgb.shape[1], rgb.shape[0]


def grown(rgb: Image) -> Region:
    """Give the whole image with a black rim: a face that fills a photo needs air around it."""
    height, width = rgb.shape[:2]
    rim = round(min(height, width) * _RIM)
    return -rim, -rim, width + rim, height + rim


def large_faces(rgb: Image) -> tuple[Region, ...]:
    """Give the regions of one image in which faces that fill it are looked for.

    The square around a picture half as long again as it is wide has the rim already.
    """
    shorter, longer = sorted(rgb.shape[:2])
    air = longer >= shorter * (1 + 2 * _RIM)
    return (whole(rgb),) if air else (whole(rgb), grown(rgb))


def wide_squares(rgb: Image) -> tuple[Region, ...]:
    """Cover an image with as few overlapping squares of its shorter side as will do."""
    return tiles(rgb, min(rgb.shape[:2]))


def tiles(rgb: Image, side: int) -> tuple[Region, ...]:
    """Cover an image with overlapping squares, or with itself where it is smaller."""
    height, width = rgb.shape[:2]
    return tuple(
        (x, y, min(x + side, width), min(y + side, height))
        for y in _starts(height, side)
        for x in _starts(width, side)
    )


def _starts(length: int, side: int) -> list[int]:
    """Give the evenly spread starts of windows that cover a length and overlap."""
    if length <= side * 1.1:
        return [max(0, (length - side) // 2)]
    count = 1 + ceil((length - side) / (side * (1 - _OVERLAP)))
    return [round(start) for start in np.linspace(0, length - side, count)]


def around(face: Face, rgb: Image) -> Region:
    """Give the region in which a face will be a frame later."""
    height, width = rgb.shape[:2]
    x, y = face.centre
    reach = max(face.width, face.box[3] - face.box[1]) * _AROUND
    x0, y0 = max(0, int(x - reach)), max(0, int(y - reach))
    return x0, y0, max(x0 + 1, min(width, int(x + reach))), max(y0 + 1, min(height, int(y + reach)))


def checked(rgb: Image) -> None:
    """Refuse what is not an image.

    Raises:
        TypeError: Not an array of bytes.
        ValueError: Not of shape [H, W, 3], or empty.
    """
    if not isinstance(rgb, np.ndarray) or rgb.dtype != np.uint8:
        kind = rgb.dtype if isinstance(rgb, np.ndarray) else type(rgb).__name__
        raise TypeError(f"an image must be a numpy array of uint8, not {kind}")
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ValueError(f"an image must have the shape [H, W, 3], not {list(rgb.shape)}")
