"""A posed photograph, made into frames of somebody walking up to a door at night.

All randomness comes from the generator that is passed in: the same seed, the same frames.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.face import Image

_SIDE_PX = (150.0, 300.0)
_GROUND = 1.3
_TILT_DEG = 7.0
_LEAN = 0.05
_SHIFT = 0.04
_LIGHT = (0.3, 1.0)
_GAMMA = (0.9, 1.6)
_NOISE = (2.0, 9.0)
_SMEAR_PX = 5
_SOFT = (0.0, 1.1)
_JPEG = (45, 90)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What stays the same while one person walks up.

    Attributes:
        light: Share of the light that is left.
        gamma: Above 1: shadows swallow more.
        noise: Standard deviation of the sensor's noise, in grey levels.
        far: Longer side of the photograph in the first frame, in pixels.
        near: The same in the last frame.
    """

    light: float
    gamma: float
    noise: float
    far: float
    near: float


def conditions(rng: np.random.Generator) -> Conditions:
    """Draw the conditions of one encounter."""
    far, near = sorted(rng.uniform(*_SIDE_PX, size=2))
    return Conditions(
        light=float(rng.uniform(*_LIGHT)),
        gamma=float(rng.uniform(*_GAMMA)),
        noise=float(rng.uniform(*_NOISE)),
        far=float(far),
        near=float(near),
    )


def walk_up(photo: Image, frames: int, rng: np.random.Generator) -> list[Image]:
    """Make the frames of one encounter, each larger than the one before.

    Every frame is moved, tilted, leant, dimmed, smeared or softened, made noisy and
    recompressed, each time anew.

    Args:
        photo: uint8[H, W, 3], the person in the middle.
        frames: How many, at least 1.
        rng: Where chance comes from.
    """
    setting = conditions(rng)
    sides = np.linspace(setting.far, setting.near, frames)
    return [_frame(photo, setting, float(side), rng) for side in sides]


def _frame(photo: Image, setting: Conditions, side: float, rng: np.random.Generator) -> Image:
    """Make one frame."""
    seen = _blurred(_placed(photo, side, rng), rng)
    tones = 255 * setting.light * np.linspace(0, 1, 256, dtype=np.float32) ** setting.gamma
    grain = rng.standard_normal(seen.shape, np.float32)
    noisy = tones[seen] + np.float32(setting.noise) * grain
    quality = int(rng.integers(*_JPEG, endpoint=True))
    return _recompressed(np.clip(noisy, 0, 255).astype(np.uint8), quality)


def _placed(photo: Image, side: float, rng: np.random.Generator) -> Image:
    """Put the photograph into the middle of a frame, tilted and a little out of square."""
    height, width = photo.shape[:2]
    scale = side / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        photo = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
        (height, width), scale = photo.shape[:2], 1.0
    extent = round(side * _GROUND)
    angle = float(rng.uniform(-_TILT_DEG, _TILT_DEG))
    warp = np.eye(3)
    warp[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    shift = rng.uniform(-_SHIFT, _SHIFT, 2) * side
    warp[0, 2] += (extent - width) / 2 + shift[0]
    warp[1, 2] += (extent - height) / 2 + shift[1]
    warp[2, :2] = rng.uniform(-_LEAN, _LEAN, 2) / extent
    placed = cv2.warpPerspective(
        photo, warp, (extent, extent), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(placed, np.uint8)


def _blurred(frame: Image, rng: np.random.Generator) -> Image:
    """Smear a frame along the way of the walk, or soften it."""
    length = int(rng.integers(1, _SMEAR_PX, endpoint=True))
    kernel = np.zeros((length, length), np.float32)
    if rng.random() < 0.5:
        kernel[length // 2] = 1 / length
    else:
        kernel[:, length // 2] = 1 / length
    smeared = cv2.filter2D(frame, -1, kernel)
    sigma = float(rng.uniform(*_SOFT))
    soft = cv2.GaussianBlur(smeared, (0, 0), sigma) if sigma > 0.3 else smeared
    return np.asarray(soft, np.uint8)


def _recompressed(frame: Image, quality: int) -> Image:
    """Send a frame through a camera's JPEG."""
    _, packed = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    unpacked = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(np.asarray(unpacked, np.uint8)[..., ::-1])
