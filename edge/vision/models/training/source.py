"""The network that is learnt from, asked about each view and its mirror image."""

from collections.abc import Callable, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from edge.vision.face import FloatArray, Image
from edge.vision.models.training.views import View, mirror, rendered

MEAN, SCALE = 127.5, 128.0
"""Source and trained network take ``(pixel - MEAN) / SCALE``."""

Ask = Callable[[Image], FloatArray]
"""From a chip, uint8[112, 112, 3], to what the network answers: float32[D]."""


def opened(content: bytes) -> Ask:
    """Open a float network file."""
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]["index"]
    made = interpreter.get_output_details()[0]["index"]

    def ask(chip: Image) -> FloatArray:
        pixels = (chip[None].astype(np.float32) - np.float32(MEAN)) / np.float32(SCALE)
        interpreter.set_tensor(given, pixels)
        interpreter.invoke()
        return np.array(interpreter.get_tensor(made)[0], np.float32)

    return ask


def answers(
    ask: Ask, canvases: Image, views: Sequence[View], told: Callable[[], None]
) -> FloatArray:
    """Ask about views both ways, which says more of a face than one way does.

    Args:
        ask: The network.
        canvases: uint8[N, CANVAS, CANVAS, 3].
        views: Of these canvases.
        told: Called after each view.

    Returns:
        float32[len(views), D]: the mean of each view's template and its mirror image's, unit.
    """
    found = []
    for view in views:
        straight = ask(rendered(canvases, view))
        mirrored = ask(rendered(canvases, view, mirror()))
        found.append(unit(unit(straight) + unit(mirrored)))
        told()
    return np.stack(found)


def unit(templates: FloatArray) -> FloatArray:
    """Bring templates, float32[..., D], to unit length."""
    length = np.linalg.norm(templates, axis=-1, keepdims=True)
    return np.asarray(templates / np.maximum(length, 1e-12), np.float32)
