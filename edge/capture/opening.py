"""From the words of the configuration to an open camera."""

import importlib.util
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from edge.capture.folder import ImageFolder
from edge.capture.picamera import PiCamera
from edge.capture.rtsp import RtspCamera
from edge.capture.source import Frame, FrameSource
from edge.capture.v4l2 import V4l2Camera
from edge.capture.video import VideoFile
from edge.errors import ConfigError

Turn = Literal[0, 90, 180, 270]
"""Degrees, clockwise."""

_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


class Turned:
    """A source whose pictures are turned upright."""

    def __init__(self, source: FrameSource, turn: int) -> None:
        """Turn the frames of ``source`` by ``turn`` degrees, clockwise: 90, 180 or 270."""
        self._source = source
        self._turn = _TURNS[turn]

    def read(self) -> Frame:
        """Give the next frame, upright. Raises: SourceError, SourceEndedError."""
        frame = self._source.read()
        upright = cv2.rotate(frame.pixels, self._turn).astype(np.uint8, copy=False)
        return Frame(upright, frame.taken_at, frame.number)

    def close(self) -> None:
        """Close the source behind."""
        self._source.close()


def is_live(words: str) -> bool:
    """Tell whether ``camera.source`` names a camera, and not a file that may well stand still."""
    return words.partition(":")[0] not in ("video", "folder")


def open_source(
    words: str,
    *,
    size: tuple[int, int] = (1280, 720),
    fps: float = 30.0,
    loop: bool = False,
    rotate: Turn = 0,
) -> FrameSource:
    """Open what ``camera.source`` names.

    Args:
        words: See ``deploy/doorwatch.toml``.
        size: Width and height asked of a live camera, pixels.
        fps: Frames a second asked of a live camera or shown from a folder.
        loop: Whether a clip or folder starts again at its end.
        rotate: Degrees, clockwise, by which the picture is turned upright.

    Raises:
        SourceError: It cannot be opened.
        ConfigError: The words name no kind of source.
    """
    source = _open(words, size, fps, loop=loop)
    return Turned(source, rotate) if rotate else source


def check_source(words: str) -> None:
    """Refuse words that name no kind of source, before anything is started.

    Raises:
        ConfigError: They don't.
    """
    kind, _, rest = words.partition(":")
    if words not in {"auto", "picamera"} and not (
        kind in {"v4l2", "rtsp", "rtsps", "video", "folder"} and rest
    ):
        raise ConfigError(
            f"camera.source {words!r} is none of auto, picamera, v4l2:DEVICE, rtsp://…, "
            "video:PATH, folder:PATH"
        )


def _open(words: str, size: tuple[int, int], fps: float, *, loop: bool) -> FrameSource:
    check_source(words)
    width, height = size
    kind, _, rest = _settle(words).partition(":")
    match kind:
        case "picamera":
            return PiCamera(width=width, height=height, fps=fps)
        case "v4l2":
            return V4l2Camera(rest, width=width, height=height, fps=fps)
        case "video":
            return VideoFile(Path(rest).expanduser(), loop=loop)
        case "folder":
            return ImageFolder(Path(rest).expanduser(), fps=fps, loop=loop)
        case _:
            return RtspCamera(words)


def _settle(words: str) -> str:
    if words != "auto":
        return words
    return "picamera" if importlib.util.find_spec("picamera2") else "v4l2:/dev/video0"
