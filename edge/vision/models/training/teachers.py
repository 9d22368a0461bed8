"""The networks that are learnt from, each asked in its own way about the same views."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from edge.errors import ModelError
from edge.vision.align import REFERENCE
from edge.vision.face import FloatArray, Image
from edge.vision.geometry import similarity
from edge.vision.models.training.target import both_ways
from edge.vision.models.training.views import AS_CHIP, View, mirror, rendered, then

_BATCH = 16
_INTEL_SIDE = 128
_INTEL_POINTS: FloatArray = np.array(
    [[0.31556875, 0.46157410], [0.68262291, 0.46157410], [0.50026249, 0.64050538],
     [0.34947187, 0.82469195], [0.65343646, 0.82325089]], np.float32,
)  # fmt: skip
"""Where face-reidentification-retail-0095 wants eyes, nose tip and mouth corners, in parts of the
picture's side; from its documentation."""


class Teacher(Protocol):
    """A network that is learnt from.

    Attributes:
        frame: float32[2, 3], from the chip's frame to the network's.
        side: Side of the network's frame in pixels.
    """

    frame: FloatArray
    side: int

    def templates(self, pictures: Image) -> FloatArray:
        """Make templates, float32[N, D], of uint8[N, side, side, 3] RGB; N up to 16."""


class Source:
    """The float network that the trained one starts from."""

    frame = AS_CHIP
    side = 112

    def __init__(self, content: bytes, mean: float, scale: float) -> None:
        """Open a float network file that takes ``(pixel - mean) / scale``."""
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()
        self._given = self._interpreter.get_input_details()[0]["index"]
        self._made = self._interpreter.get_output_details()[0]["index"]
        self._mean, self._scale = np.float32(mean), np.float32(scale)

    def templates(self, pictures: Image) -> FloatArray:
        """Make templates of pictures, one after the other: the file takes a single one."""
        return np.concatenate([self._one(picture) for picture in pictures])

    def _one(self, picture: Image) -> FloatArray:
        given = (picture[None] - self._mean) / self._scale
        self._interpreter.set_tensor(self._given, given.astype(np.float32))
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._made), np.float32)


class Intel:
    """Open Model Zoo's face-reidentification-retail-0095 (Apache-2.0), as OpenVINO IR."""

    side = _INTEL_SIDE

    def __init__(self, folder: Path) -> None:
        """Open the network in ``folder``.

        Raises:
            ModelError: OpenVINO is not installed, or there is no such network.
        """
        try:
            import openvino  # noqa: PLC0415 (only who has this teacher needs it)
        except ImportError as error:
            raise ModelError("a teacher needs OpenVINO: pip install 'doorwatch[models]'") from error
        files = sorted(folder.glob("*.xml"))
        if len(files) != 1:
            raise ModelError(f"{folder} must hold one network as OpenVINO IR (.xml and .bin)")
        core = openvino.Core()
        model = core.read_model(files[0])
        model.reshape([_BATCH, 3, _INTEL_SIDE, _INTEL_SIDE])
        settings = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        self._run = core.compile_model(model, "CPU", settings)
        frame = similarity(REFERENCE, _INTEL_POINTS * _INTEL_SIDE)
        self.frame = AS_CHIP if frame is None else frame

    def templates(self, pictures: Image) -> FloatArray:
        """Make templates of pictures; it wants blue first, channel by channel."""
        given = np.zeros((_BATCH, 3, _INTEL_SIDE, _INTEL_SIDE), np.float32)
        given[: len(pictures)] = pictures[..., ::-1].transpose(0, 3, 1, 2)
        answer = np.asarray(self._run(given)[0], np.float32)
        return answer.reshape(_BATCH, -1)[: len(pictures)].copy()


def taught(
    teacher: Teacher,
    canvases: Image,
    views: Sequence[View],
    step: Callable[[int], None],
) -> FloatArray:
    """Make a teacher's templates of views, averaged over each view and its mirror image.

    Args:
        teacher: Whom to ask.
        canvases: uint8[N, CANVAS, CANVAS, 3].
        views: Of these canvases.
        step: Told how many views are done, each time.

    Returns:
        float32[len(views), D], unit.
    """
    return np.concatenate(list(_taught(teacher, canvases, views, step)))


def _taught(
    teacher: Teacher, canvases: Image, views: Sequence[View], step: Callable[[int], None]
) -> Iterator[FloatArray]:
    """Give the templates batch by batch."""
    for start in range(0, len(views), _BATCH):
        some = views[start : start + _BATCH]
        frames = (teacher.frame, then(mirror(), teacher.frame))
        straight, mirrored = (
            teacher.templates(
                np.stack([rendered(canvases, view, frame, teacher.side) for view in some])
            )
            for frame in frames
        )
        yield both_ways(straight, mirrored)
        step(len(some))
