"""Judge whether a face is fit to be compared."""

from edge.vision.face import Flaw, FloatArray, Image, Quality

_NARROWEST = 40.0


def judged(chip: Image, landmarks: FloatArray, width: float) -> Quality:
    """Judge one face."""
    reasons = (Flaw.TOO_SMALL,) if width < _NARROWEST else ()
    return Quality(min(1.0, width / 100), reasons)
