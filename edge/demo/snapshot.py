"""Takes a guest's picture for the list of the evening, while the unit lets go of the camera."""

import time
from pathlib import Path

import cv2

from edge.capture.opening import open_source
from edge.errors import DoorwatchError
from edge.vision import load_engine
from edge.vision.face import Face, Image

LOOKS_S = 4.0
"""Seconds in which the best picture is looked for."""


class NobodyError(DoorwatchError):
    """No picture of exactly one usable face was taken."""


def take_picture(source: str, path: Path) -> None:
    """Save the best picture of the one face before the camera.

    Args:
        source: The camera, in the words of the configuration.
        path: Where the picture goes, as JPEG; on the RAM disk.

    Raises:
        NobodyError: There was none, or more than one.
        SourceError: The camera cannot be opened.
    """
    engine = load_engine()
    camera = open_source(source)
    best: tuple[float, Image] | None = None
    try:
        until = time.monotonic() + LOOKS_S
        while time.monotonic() < until:
            pixels = camera.read().pixels
            quality = _quality(engine.faces(pixels, embed=False))
            if quality is not None and (best is None or quality > best[0]):
                best = quality, pixels.copy()
    finally:
        camera.close()
    if best is None:
        raise NobodyError("no picture of one face: stand alone before the camera, look into it")
    cv2.imwrite(str(path), cv2.cvtColor(best[1], cv2.COLOR_RGB2BGR))


def _quality(faces: list[Face]) -> float | None:
    usable = [face for face in faces if face.quality.usable]
    return float(usable[0].quality) if len(faces) == len(usable) == 1 else None
