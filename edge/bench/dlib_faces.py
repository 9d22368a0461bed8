"""face_recognition, the system that most people would take instead: dlib behind a thin layer.

The same three steps with dlib itself: the HOG detector, five landmarks, the ResNet encoder, and
the distance to every known face. Its networks come with ``face_recognition_models``.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from edge.bench.clock import Clock
from edge.bench.peer import Peer, Screened, staged
from edge.vision.face import Image

NAME = "face_recognition (dlib {version}{how})"
STAGES = ("detect", "landmarks", "embed", "match")
ABSENT = "face_recognition is not installed: pip install 'doorwatch[bench]'"

_LANDMARKS = "shape_predictor_5_face_landmarks.dat"
_ENCODER = "dlib_face_recognition_resnet_model_v1.dat"
_DIMENSION = 128


class FaceRecognition:
    """The pipeline of face_recognition 1.3.0.

    Attributes:
        name: What it is called in tables.
    """

    def __init__(self, dlib: Any, models: Path, upsampled: int, known: int) -> None:
        """Load its networks.

        Args:
            dlib: The module.
            models: Folder of the networks.
            upsampled: How often the detector doubles the frame; face_recognition's default is 1.
            known: Faces to compare with.
        """
        how = "" if upsampled else ", frame not doubled"
        self.name = NAME.format(version=dlib.__version__, how=how)
        self._detector = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(models / _LANDMARKS))
        self._encoder = dlib.face_recognition_model_v1(str(models / _ENCODER))
        self._upsampled = upsampled
        self._known = np.random.default_rng(1).normal(size=(known, _DIMENSION))

    def screen(self, rgb: Image, clock: Clock) -> Screened:
        """Screen one frame."""
        marks = [clock()]
        boxes = self._detector(rgb, self._upsampled)
        marks.append(clock())
        shapes = [self._landmarks(rgb, box) for box in boxes]
        marks.append(clock())
        probes = [np.array(self._encoder.compute_face_descriptor(rgb, one, 1)) for one in shapes]
        marks.append(clock())
        for probe in probes:
            np.linalg.norm(self._known - probe, axis=1).min()
        marks.append(clock())
        return staged(STAGES, marks, len(probes))


def installed(known: int) -> Sequence[Peer] | str:
    """Load it as it comes, and without doubling the frame, or say that it is not here."""
    try:
        dlib = import_module("dlib")
    except ImportError:
        return ABSENT
    spec = find_spec("face_recognition_models")
    if spec is None or spec.origin is None:
        return ABSENT
    models = Path(spec.origin).parent / "models"
    return [FaceRecognition(dlib, models, upsampled, known) for upsampled in (1, 0)]
