from collections.abc import Callable

import cv2
import numpy as np
import pytest

from edge.capture.rtsp import RtspCamera
from edge.capture.source import FrameSource
from edge.capture.v4l2 import V4l2Camera
from edge.errors import SourceError


class Device:
    """What OpenCV gives for a camera that sends three blue frames and is then unplugged."""

    def __init__(self, *asked: object) -> None:
        self.left, self.released = 3, False
        self.asked: dict[int, float] = {}

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, key: int, value: float) -> None:
        self.asked[key] = value

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return (
            (True, np.full((4, 6, 3), (255, 0, 0), np.uint8)) if self.left >= 0 else (False, None)
        )

    def release(self) -> None:
        self.released = True


OPENING: list[Callable[[], FrameSource]] = [
    lambda: V4l2Camera("/dev/video0", width=1280, height=720, fps=30),
    lambda: RtspCamera("rtsp://door:secret@192.0.2.7/stream"),
]


@pytest.mark.parametrize("opening", OPENING)
def test_frames_come_as_red_green_blue_until_the_camera_is_unplugged(
    opening: Callable[[], FrameSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Device)
    camera = opening()
    frames = [camera.read() for _ in range(3)]
    assert [frame.number for frame in frames] == [0, 1, 2]
    assert frames[0].pixels[0, 0].tolist() == [0, 0, 255]
    with pytest.raises(SourceError) as refusal:
        camera.read()
    assert "secret" not in str(refusal.value)
    camera.close()


def test_a_usb_camera_is_asked_for_the_configured_size_and_the_newest_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = Device()
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: device)
    V4l2Camera("/dev/video0", width=1280, height=720, fps=30).close()
    assert device.asked[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert device.asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert device.released
