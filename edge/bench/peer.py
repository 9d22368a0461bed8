"""What another system must offer to be timed beside the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from edge.bench.clock import Clock
from edge.vision.face import Image


@dataclass(frozen=True, slots=True)
class Screened:
    """What a peer made of one frame.

    Attributes:
        seconds: What each stage took. Stages named like the unit's do the same: "detect" gives
            boxes of an image, "embed" the template of an aligned face; a peer with a "match" goes
            the whole way.
        faces: How many it found.
    """

    seconds: dict[str, float]
    faces: int


class Peer(Protocol):
    """Another system, its networks loaded.

    Attributes:
        name: What it is called in tables, with its version.
    """

    name: str

    def screen(self, rgb: Image, clock: Clock) -> Screened:
        """Screen one frame."""


def staged(stages: Sequence[str], marks: Sequence[float], faces: int) -> Screened:
    """Tell a peer's stages apart by the moments at which each began, and the last one ended."""
    seconds = (end - start for start, end in pairwise(marks))
    return Screened(dict(zip(stages, seconds, strict=True)), faces)
