"""What a door does to a face: dim, coloured, blurred, small, noisy, compressed, partly covered.

Only the network that is trained sees it; what it should answer comes from the clean view.
"""

from collections.abc import Callable

import cv2
import numpy as np

from edge.vision.face import FloatArray, Image

Change = Callable[[FloatArray, np.random.Generator], FloatArray]
"""From float32[H, W, 3] in 0..255 to the same."""


def dim(shot: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Change exposure and contrast, rather darker than brighter, and light one side more."""
    height, width = shot.shape[:2]
    gain, gamma = np.exp(rng.normal(-0.35, 0.4)), np.exp(rng.normal(0, 0.25))
    bright = 255 * (shot / 255) ** gamma * gain
    slope, angle = rng.normal(0, 0.25), rng.uniform(0, np.pi)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    side = 1 + slope * (np.cos(angle) * x + np.sin(angle) * y)
    return np.asarray(bright * side[..., None], np.float32)


def tint(shot: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Colour the light as lamps and signs do, or take the colour away as infrared does."""
    if rng.random() < 0.25:
        return np.repeat(shot.mean(axis=2, keepdims=True), 3, axis=2)
    return np.asarray(shot * np.exp(rng.normal(0, 0.15, 3)), np.float32)


def blur(shot: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Focus badly, or move during the exposure."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(shot, (0, 0), float(rng.uniform(0.5, 2.0))), np.float32)
    length, angle = int(rng.integers(3, 9)), rng.uniform(0, np.pi)
    track = np.zeros((9, 9), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = (tuple(np.round(4 + sign * reach).astype(int).tolist()) for sign in (-1, 1))
    cv2.line(track, start, end, 1.0)
    return np.asarray(cv2.filter2D(shot, -1, track / track.sum()), np.float32)


def shrink(shot: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Stand further away: fewer pixels, enlarged again."""
    height, width = shot.shape[:2]
    share = float(rng.uniform(0.3, 0.8))
    size = (max(2, round(width * share)), max(2, round(height * share)))
    small = cv2.resize(shot, size, interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def grain(shot: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Add a sensor's noise: some everywhere, more where there is more light, coarse or fine."""
    height, width = shot.shape[:2]
    fine = rng.random() < 0.6
    rows, columns = (height, width) if fine else (height // 2, width // 2)
    noise = rng.standard_normal((rows, columns, 3), np.float32)
    if not fine:
        noise = np.asarray(cv2.resize(noise, (width, height)), np.float32)
    base, shot_noise = rng.uniform(1, 10), rng.uniform(0, 0.8)
    return np.asarray(shot + noise * (base + shot_noise * np.sqrt(np.maximum(shot, 0))), np.float32)


def cover(shot: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Hide a small part: hair, a finger, a reflection; nothing that hides half of the face."""
    height, width = shot.shape[:2]
    centre = (rng.uniform(0, 1, 2) * (width, height)).round().astype(int)
    axes = (rng.uniform(0.06, 0.22, 2) * width).round().astype(int)
    mask = np.zeros((height, width), np.float32)
    turn = float(rng.uniform(0, 180))
    cv2.ellipse(mask, centre.tolist(), axes.tolist(), turn, 0, 360, 1.0, -1)
    share = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.5, 2)))[..., None]
    return np.asarray(shot * (1 - share) + rng.uniform(0, 255, 3) * share, np.float32)


def compress(shot: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Pass through JPEG, as a camera's stream does."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))]
    encoded = cv2.imencode(".jpg", _bytes(shot), quality)[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.float32)


IN_ORDER: tuple[tuple[Change, float], ...] = (
    (cover, 0.15),
    (dim, 0.5),
    (tint, 0.3),
    (blur, 0.25),
    (shrink, 0.3),
    (grain, 0.35),
    (compress, 0.35),
)
"""Each change and how often it happens, in the order in which light meets them."""


def worsened(chip: Image, rng: np.random.Generator, untouched: float = 0.25) -> Image:
    """Show an aligned face as a door's camera might.

    Args:
        chip: uint8[H, W, 3].
        rng: Source of chance.
        untouched: How often nothing happens at all.

    Returns:
        uint8[H, W, 3]; what lay outside of the picture, black, stays so, because the unit
        blackens it after everything else.
    """
    if rng.random() < untouched:
        return chip
    shot = chip.astype(np.float32)
    for change, often in IN_ORDER:
        if rng.random() < often:
            shot = np.clip(change(shot, rng), 0, 255).astype(np.float32)
    inside = chip.any(axis=2, keepdims=True)
    return np.asarray(np.where(inside, _bytes(shot), 0), np.uint8)


def _bytes(shot: FloatArray) -> Image:
    return np.asarray(np.clip(shot + 0.5, 0, 255), np.uint8)
