import sys
import types
from typing import Any

import numpy as np
import pytest

from edge.capture.picamera import PiCamera
from edge.errors import SourceError


class Request:
    """What Picamera2 hands out: a buffer that must be given back."""

    def __init__(self, camera: "Camera") -> None:
        self._camera = camera
        camera.held += 1

    def make_array(self, name: str) -> Any:
        assert name == "main"
        return self._camera.buffer

    def get_metadata(self) -> dict[str, int]:
        return {}

    def release(self) -> None:
        self._camera.held -= 1

    def get_result(self, timeout: float) -> "Request":
        assert timeout > 0
        if self._camera.unplugged:
            raise TimeoutError
        return self


class Camera:
    """A stand-in for Picamera2 that counts the buffers that are out."""

    def __init__(self) -> None:
        self.buffer = np.zeros((4, 6, 3), np.uint8)
        self.held, self.unplugged, self.running = 0, False, False

    def create_video_configuration(self, **asked: Any) -> dict[str, Any]:
        return asked

    def configure(self, asked: dict[str, Any]) -> None:
        assert asked["main"] == {"size": (6, 4), "format": "BGR888"}

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def close(self) -> None:
        pass

    def capture_request(self, *, wait: bool) -> Request:
        assert not wait
        return Request(self)


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Camera:
    one = Camera()
    vendor = types.SimpleNamespace(Picamera2=lambda: one)
    monkeypatch.setitem(sys.modules, "picamera2", vendor)
    return one


def test_a_frame_is_a_copy_and_its_buffer_is_given_back(camera: Camera) -> None:
    source = PiCamera(width=6, height=4, fps=30)
    frame = source.read()
    camera.buffer[:] = 255
    assert frame.pixels.max() == 0
    assert camera.held == 0
    assert source.read().number == 1
    source.close()
    assert not camera.running


def test_a_camera_that_stops_giving_frames_is_lost(camera: Camera) -> None:
    source = PiCamera(width=6, height=4, fps=30)
    camera.unplugged = True
    with pytest.raises(SourceError, match="check its cable"):
        source.read()
