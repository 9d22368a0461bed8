"""Templates as they are stored: checked, quantised to int8, packed. Pure.

A stored template is one float32 scale and D int8 values; read back, it is renormalised.
"""

import struct

import numpy as np

from edge.errors import GalleryError
from edge.vision.face import FloatArray

SHORTEST, LONGEST = 16, 4096
"""Numbers in a template; a network outside of this is a mistake."""

MOST_TEMPLATES = 32
"""Templates of one entry."""

NORM_SLACK = 0.01
"""How far from 1 the length of a template may be."""

_SHAPE = struct.Struct(">HH")


def check_templates(templates: FloatArray, whose: str) -> None:
    """Refuse templates that would make a comparison mean nothing.

    A NaN compares false with every threshold, so it would be a silent "not on the list".

    Args:
        templates: float32[n, D].
        whose: Stands in the message.

    Raises:
        GalleryError: Wrong type, shape or length, not finite, or not of unit length.
    """
    if not isinstance(templates, np.ndarray) or templates.dtype != np.float32:
        raise _refused(whose, "are not float32")
    if templates.ndim != 2:
        raise _refused(whose, "are not rows")
    _check_shape(len(templates), templates.shape[1], whose)
    if not np.isfinite(templates).all():
        raise _refused(whose, "are not finite numbers")
    lengths = np.linalg.norm(templates.astype(np.float64), axis=1)
    if (abs(lengths - 1) > NORM_SLACK).any():
        raise _refused(whose, "are not of unit length")


def pack(templates: FloatArray) -> bytes:
    """Quantise checked templates (float32[n, D]) and make bytes of them."""
    peaks = np.abs(templates).max(axis=1, keepdims=True)
    scales = (peaks / 127).astype(">f4")
    values = np.rint(templates / scales).clip(-127, 127).astype(np.int8)
    return b"".join((_SHAPE.pack(*templates.shape), scales.tobytes(), values.tobytes()))


def unpack(packed: bytes, whose: str) -> FloatArray:
    """Read packed templates.

    Args:
        packed: What ``pack`` made.
        whose: Stands in the message.

    Returns:
        float32[n, D], rows of unit length.

    Raises:
        GalleryError: The bytes are not templates, or not fit to be compared.
    """
    if len(packed) < _SHAPE.size:
        raise _refused(whose, "are cut short")
    count, dimension = _SHAPE.unpack_from(packed)
    if len(packed) != _SHAPE.size + count * (4 + dimension):
        raise _refused(whose, "have the wrong length")
    _check_shape(count, dimension, whose)
    scales = np.frombuffer(packed, ">f4", count, _SHAPE.size).astype(np.float32)
    values = np.frombuffer(packed, np.int8, offset=_SHAPE.size + 4 * count)
    if not np.isfinite(scales).all():
        raise _refused(whose, "are not finite numbers")
    raw = values.reshape(count, dimension).astype(np.float32) * scales[:, None]
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    if not (abs(lengths - 1) < 2 * NORM_SLACK).all():
        raise _refused(whose, "are not of unit length")
    unit: FloatArray = raw / lengths
    return unit


def _check_shape(count: int, dimension: int, whose: str) -> None:
    if not 1 <= count <= MOST_TEMPLATES:
        raise _refused(whose, f"are not 1 to {MOST_TEMPLATES} rows")
    if not SHORTEST <= dimension <= LONGEST:
        raise _refused(whose, f"have {dimension} numbers, not {SHORTEST} to {LONGEST}")


def _refused(whose: str, why: str) -> GalleryError:
    return GalleryError(f"the templates of {whose} {why}: enrol again")
