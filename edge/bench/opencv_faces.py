"""OpenCV's own faces: YuNet finds them, SFace makes templates; the user brings both files.

They are ``face_detection_yunet_*.onnx`` and ``face_recognition_sface_*.onnx`` of OpenCV's model
zoo, which no package index carries.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from edge.bench.child import BenchError
from edge.bench.clock import Clock
from edge.bench.frames import SIZE
from edge.bench.peer import Peer, Screened, staged
from edge.vision.face import FloatArray, Image

ABSENT = "OpenCV's YuNet and SFace: give their files of OpenCV's model zoo, --yunet and --sface"
STAGES = ("detect", "align", "embed", "match")

_DIMENSION = 128


class OpenCvFaces:
    """YuNet, and SFace where there is one.

    Attributes:
        name: What it is called in tables.
    """

    def __init__(self, yunet: str, sface: str, known: int) -> None:
        """Load the networks.

        Args:
            yunet: File of the detector.
            sface: File of the embedder, "" without.
            known: Faces to compare with.

        Raises:
            BenchError: OpenCV cannot use a file.
        """
        self.name = f"OpenCV {cv2.__version__} YuNet" + (" and SFace" if sface else "")
        try:
            self._detector = cv2.FaceDetectorYN.create(yunet, "", SIZE)
            self._embedder = cv2.FaceRecognizerSF.create(sface, "") if sface else None
        except cv2.error as error:
            raise BenchError(f"OpenCV cannot use --yunet or --sface: {error.err}") from error
        rows = np.random.default_rng(1).normal(size=(known, _DIMENSION))
        self._known = rows.astype(np.float32)

    def screen(self, rgb: Image, clock: Clock) -> Screened:
        """Screen one frame."""
        # Its cameras give blue first: turning the colours round is no part of its work.
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        marks = [clock()]
        faces = self._found(bgr)
        marks.append(clock())
        if self._embedder is None:
            return staged(STAGES[:1], marks, len(faces))
        chips = [self._embedder.alignCrop(bgr, face) for face in faces]
        marks.append(clock())
        probes = [self._embedder.feature(chip).reshape(-1) for chip in chips]
        marks.append(clock())
        for probe in probes:
            (self._known @ (probe / np.linalg.norm(probe))).max()
        marks.append(clock())
        return staged(STAGES, marks, len(faces))

    def _found(self, bgr: cv2.typing.MatLike) -> FloatArray:
        """Find faces: float32[N, 15], box, five points, score."""
        _, faces = self._detector.detect(bgr)
        # It answers None, not an empty array, where there is no face.
        return np.empty((0, 15), np.float32) if faces is None else np.asarray(faces, np.float32)


def given(known: int, yunet: str, sface: str) -> Sequence[Peer] | str:
    """Load what the user gave, or say what to give.

    Raises:
        BenchError: OpenCV cannot use a file.
    """
    return [OpenCvFaces(yunet, sface, known)] if yunet else ABSENT
