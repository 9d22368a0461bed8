"""The frames that are timed: one portrait in a wide, plain frame, somewhere else each time."""

import cv2
import numpy as np

from edge.vision import Engine
from edge.vision.face import Face, Image

SIZE = (1280, 720)
FACE_PX = 160
COUNT = 8

_GROUND_BLUR = 20.0


def frames(photo: Image, engine: Engine) -> list[Image]:
    """Put the one face of a portrait into frames of 1280 by 720, 160 pixels wide.

    Only the head and a face's width around it are shown: badges and buttons further down pass
    for faces with some detectors, which would then be timed on two.

    Args:
        photo: uint8[H, W, 3] with one face.
        engine: Finds it.

    Returns:
        uint8[720, 1280, 3] each; none where the portrait does not show exactly one face, or it
        is not found in every frame.
    """
    found = engine.faces(photo, embed=False)
    if len(found) != 1:
        return []
    head = _head(photo, found[0])
    scale = FACE_PX / found[0].width
    portrait = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    made = [_frame(np.asarray(portrait, np.uint8), number / (COUNT - 1)) for number in range(COUNT)]
    return made if all(len(engine.faces(frame, embed=False)) == 1 for frame in made) else []


def _head(photo: Image, face: Face) -> Image:
    """Cut out a face and its width on each side, as far as the photo goes."""
    x0, y0, x1, y1 = face.box
    rows = slice(max(0, round(y0 - face.width)), round(y1 + face.width))
    return photo[rows, max(0, round(x0 - face.width)) : round(x1 + face.width)]


def _frame(portrait: Image, share: float) -> Image:
    """Put a portrait on its own blurred colours, ``share`` of the way from left to right."""
    width, height = SIZE
    small = cv2.resize(portrait, (width // 8, height // 8), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), _GROUND_BLUR)
    frame = np.asarray(cv2.resize(soft, SIZE, interpolation=cv2.INTER_LINEAR), np.uint8)
    high, wide = (
        min(side, most) for side, most in zip(portrait.shape, (height, width), strict=False)
    )
    left, top = round((width - wide) * share), (height - high) // 2
    frame[top : top + high, left : left + wide] = portrait[:high, :wide]
    return frame
