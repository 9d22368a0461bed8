"""Whether the camera still sees the door. Pure: pixels and times in, kinds of blindness out.

The thresholds were set on the evaluation clips (indoors, back light, people close up), also
darkened to a tenth, against still, black and covered versions of them.
"""

import zlib
from dataclasses import dataclass
from enum import Enum, auto

import cv2
import numpy as np

from edge.capture.flicker import Flicker
from edge.vision.face import Image

NO_PICTURE_AFTER_S = 1.0
"""Seconds without a new frame."""

FROZEN_AFTER_S = 0.9
"""Seconds of one and the same picture. A live sensor's noise never repeats, but in white."""

BLACK_AFTER_S = 0.8
"""Seconds of darkness; longer than the dark half of a stroboscope."""

COVERED_AFTER_S = 1.3
"""Seconds of a picture without edges."""

BLACK_BELOW = 16.0
"""Luma, 0 to 255, that the brightest fiftieth of a black picture stays under."""

WHITE_ABOVE = 254.0
"""Luma from which a picture without any edge is white: flashes in step with the shutter, until
the camera has closed it. What stays white is covered."""

EDGE_STEP = 4.0
"""Difference in luma across two cells of the reduced picture that counts as an edge."""

COVERED_BELOW = 0.004
"""Part of the reduced picture on edges, under which the lens is covered."""

REDUCED = (160, 90)
"""Cells, across and down, of the reduced picture; averaging takes the sensor's noise away."""

_STRIDE = 4


class Blindness(Enum):
    """In which way a camera is blind; the names are those of the door's faults."""

    NO_PICTURE = auto()
    FROZEN = auto()
    BLACK = auto()
    COVERED = auto()
    FLICKERING = auto()


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame says about the camera.

    Attributes:
        fingerprint: Equal for identical pictures.
        bright: Luma of the 98th percentile, 0 to 255.
        edges: Part of the picture on edges, in [0, 1].
    """

    fingerprint: int
    bright: float
    edges: float


def look(pixels: Image) -> Sight:
    """Reduce a frame (uint8[H, W, 3]) to what health needs; under a millisecond."""
    cells = cv2.resize(pixels, REDUCED, interpolation=cv2.INTER_AREA)
    luma = cv2.cvtColor(cells, cv2.COLOR_RGB2GRAY)
    across = cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=0.25)
    return Sight(
        fingerprint=zlib.crc32(pixels[::_STRIDE, ::_STRIDE].tobytes()),
        bright=float(np.percentile(luma, 98)),
        edges=float((cv2.magnitude(across, down) > EDGE_STEP).mean()),
    )


class Health:
    """Remembers since when each thing has been wrong."""

    def __init__(self, at: float) -> None:
        """Start at ``at`` (seconds, monotonic) with no frame seen."""
        self._seen: float | None = None
        self._started = at
        self._fingerprint = -1
        self._since: dict[Blindness, float] = {}
        self._flicker = Flicker()

    def see(self, sight: Sight, at: float) -> None:
        """Take in the sight of a frame taken at ``at``."""
        white = sight.bright >= WHITE_ABOVE and not sight.edges
        same = sight.fingerprint == self._fingerprint and not white
        black = sight.bright < BLACK_BELOW
        self._seen, self._fingerprint = at, sight.fingerprint
        self._mark(Blindness.FROZEN, holds=same, at=at)
        self._mark(Blindness.BLACK, holds=black, at=at)
        self._mark(Blindness.COVERED, holds=not black and sight.edges < COVERED_BELOW, at=at)
        self._flicker.see(lit=not black, at=at)

    def lose(self, at: float) -> None:
        """Take in that the camera itself went away at ``at``, be it back soon."""
        self._flicker.lost(at)

    def blind(self, now: float) -> frozenset[Blindness]:
        """Tell what is wrong at ``now``; without a picture nothing else can be said."""
        if self._seen is None or now - self._seen > NO_PICTURE_AFTER_S:
            return frozenset({Blindness.NO_PICTURE})
        lasting = {
            kind for kind, since in self._since.items() if self._seen - since >= _AFTER_S[kind]
        }
        return frozenset(lasting | ({Blindness.FLICKERING} if self._flicker.holds(now) else set()))

    def frozen_s(self) -> float:
        """Give for how many seconds the picture has stood still."""
        since = self._since.get(Blindness.FROZEN)
        return 0.0 if since is None or self._seen is None else self._seen - since

    def _mark(self, kind: Blindness, *, holds: bool, at: float) -> None:
        if holds:
            self._since.setdefault(kind, at)
        else:
            self._since.pop(kind, None)


_AFTER_S = {
    Blindness.FROZEN: FROZEN_AFTER_S,
    Blindness.BLACK: BLACK_AFTER_S,
    Blindness.COVERED: COVERED_AFTER_S,
}
