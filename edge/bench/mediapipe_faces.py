"""MediaPipe's own face detector: Google's code around the very network that the unit ships.

The wheel has had no networks in it since 1.0, so it is given the unit's full-range file, which
is a copy of one of Google's. It looks at the frame once, as a whole; the unit looks closer.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from edge.bench.clock import Clock
from edge.bench.peer import Peer, Screened, staged
from edge.vision.face import Image
from edge.vision.models.card import FOLDER, read_card, read_network

ABSENT = (
    "mediapipe's detector is not installed: pip install mediapipe, into an environment of its "
    "own, since it brings another OpenCV"
)
ROLE = "detect-full"


class MediapipeFaces:
    """A detector and nothing else.

    Attributes:
        name: What it is called in tables.
    """

    def __init__(self, mediapipe: Any) -> None:
        """Load the network.

        Args:
            mediapipe: The module.
        """
        self.name = f"mediapipe {mediapipe.__version__} detector"
        self._mediapipe = mediapipe
        card = read_card(ROLE)
        vision = mediapipe.tasks.vision
        base = mediapipe.tasks.BaseOptions(
            model_asset_buffer=read_network(FOLDER / card.file, card.sha256)
        )
        self._detector = vision.FaceDetector.create_from_options(
            vision.FaceDetectorOptions(base_options=base)
        )

    def screen(self, rgb: Image, clock: Clock) -> Screened:
        """Screen one frame."""
        start = clock()
        shown = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=rgb)
        faces = self._detector.detect(shown).detections
        return staged(("detect",), [start, clock()], len(faces))


def installed() -> Sequence[Peer] | str:
    """Load the detector, or say that it is not here."""
    try:
        mediapipe = import_module("mediapipe")
    except ImportError:
        return ABSENT
    try:
        return [MediapipeFaces(mediapipe)]
    except (RuntimeError, ValueError) as error:
        return f"mediapipe {mediapipe.__version__} does not take the unit's detector: {error}"
