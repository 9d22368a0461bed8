"""Which share of faces is found: in photographs as they are, and pasted small into a frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.evaluate.acquire import Advance, each, subject
from edge.evaluate.photographs import EvaluationError
from edge.intervals import Rate, exact
from edge.photo import read_photo
from edge.vision import Engine
from edge.vision.face import Face, Image

FRAME = (1280, 720)
WIDTHS_PX = (48, 64, 96, 128)
_GROUND_BLUR = 25.0
_RIM = 0.08
_NEAR = 0.35


@dataclass(frozen=True, slots=True)
class Pasted:
    """How many faces were found in one frame of 1280 by 720.

    Attributes:
        width: Width of the faces in pixels.
        found: Those with a face of about that width at their place.
    """

    width: int
    found: Rate


@dataclass(frozen=True, slots=True)
class _Paste:
    """One photograph to be pasted at each width."""

    photo: Path
    ground: Path
    seed: int


def pasted(
    paths: Sequence[Path],
    count: int,
    seed: int,
    engines: Sequence[Engine],
    advance: Advance = lambda: None,
) -> tuple[Pasted, ...]:
    """Paste people into a blurred ground, each at every width, and look for them in one frame.

    The width of a face is that of its box in the photograph itself; those without a box there
    are left out.

    Args:
        paths: Photographs to choose from.
        count: How many to paste.
        seed: Chooses them, their grounds and their places.
        engines: One for each thread.
        advance: Told after each photograph.

    Raises:
        EvaluationError: No face was found in any of the photographs themselves.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(paths))[:count]
    grounds = rng.integers(0, len(paths), len(chosen))
    pastes = [
        _Paste(paths[photo], paths[ground], seed + number)
        for number, (photo, ground) in enumerate(zip(chosen, grounds, strict=True))
    ]
    rows = [row for row in each(pastes, engines, _found, advance) if row is not None]
    if not rows:
        raise EvaluationError("no face in any of the photographs, so none can be pasted")
    hits = np.array(rows).sum(axis=0)
    return tuple(
        Pasted(width, exact(int(hit), len(rows)))
        for width, hit in zip(WIDTHS_PX, hits, strict=True)
    )


def _found(engine: Engine, paste: _Paste) -> tuple[bool, ...] | None:
    """Look for one person at every width; None where the photograph itself shows no face."""
    photo = read_photo(paste.photo)
    face = subject(engine.faces(photo, embed=False), photo.shape[1], photo.shape[0])
    if face is None:
        return None
    rng = np.random.default_rng(paste.seed)
    ground = blurred_ground(read_photo(paste.ground))
    found = []
    for width in WIDTHS_PX:
        frame, scale = ground.copy(), width / face.width
        left, top = pasted_into(frame, photo, scale, rng)
        place = (left + face.centre[0] * scale, top + face.centre[1] * scale)
        found.append(any(_is_it(one, place, width) for one in engine.faces(frame, embed=False)))
    return tuple(found)


def _is_it(face: Face, place: tuple[float, float], width: int) -> bool:
    """Tell whether a face that was found is the one that was pasted."""
    apart = float(np.hypot(face.centre[0] - place[0], face.centre[1] - place[1]))
    return apart < _NEAR * width and width / 2 < face.width < width * 2


def blurred_ground(photo: Image) -> Image:
    """Make a frame out of a photograph that is so blurred that it shows nobody."""
    small = cv2.resize(photo, (FRAME[0] // 4, FRAME[1] // 4), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), _GROUND_BLUR)
    return np.asarray(cv2.resize(soft, FRAME, interpolation=cv2.INTER_LINEAR), np.uint8)


def pasted_into(
    frame: Image, photo: Image, scale: float, rng: np.random.Generator
) -> tuple[int, int]:
    """Paste a scaled photograph into a frame, its rim fading into the ground.

    Args:
        frame: uint8[H, W, 3], changed in place.
        photo: uint8[h, w, 3]; what would reach past the frame is cut off.
        scale: Size in the frame over size of the photograph.
        rng: Chooses the place.

    Returns:
        Left and top of the photograph in the frame, in pixels.
    """
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    pixels = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=flags)
    height, width = pixels.shape[:2]
    spare_x, spare_y = frame.shape[1] - width, frame.shape[0] - height
    left, top = spare_x // 2, spare_y // 2
    if min(spare_x, spare_y) > 0:
        left, top = int(rng.integers(0, spare_x)), int(rng.integers(0, spare_y))
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(frame.shape[1], left + width), min(frame.shape[0], top + height)
    share = _fading(height, width)[y0 - top : y1 - top, x0 - left : x1 - left]
    part = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
    frame[y0:y1, x0:x1] = (share * part + (1 - share) * frame[y0:y1, x0:x1]).astype(np.uint8)
    return left, top


def _fading(height: int, width: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """Give float32[height, width, 1]: 1 inside, falling to 0 at the rim."""
    y = np.minimum(np.arange(height), np.arange(height)[::-1]) / max(1.0, _RIM * height)
    x = np.minimum(np.arange(width), np.arange(width)[::-1]) / max(1.0, _RIM * width)
    share = np.minimum(1, y)[:, None] * np.minimum(1, x)[None]
    return share[..., None].astype(np.float32)
