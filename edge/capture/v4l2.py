"""A USB camera, or anything else with a V4L2 device."""

import time

import cv2

from edge.capture.source import Frame, from_bgr
from edge.errors import SourceError


class V4l2Camera:
    """Frames of a V4L2 device, through OpenCV."""

    def __init__(self, device: str, *, width: int, height: int, fps: float) -> None:
        """Open the device and ask for a size and pace; it may give the nearest it has.

        Args:
            device: For example ``/dev/video0``.
            width: Pixels.
            height: Pixels.
            fps: Frames a second.

        Raises:
            SourceError: There is no such device, or it is in use.
        """
        self._device, self._number = device, 0
        self._camera = cv2.VideoCapture(device, cv2.CAP_V4L2)
        if not self._camera.isOpened():
            raise SourceError(
                f"the camera {device} cannot be opened: is it plugged in, in use by another "
                "program, and is this user in the group video?"
            )
        self._camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._camera.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._camera.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._camera.set(cv2.CAP_PROP_FPS, fps)
        self._camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> Frame:
        """Wait for the next frame. Raises: SourceError."""
        found, pixels = self._camera.read()
        if not found:
            raise SourceError(f"the camera {self._device} gives no more frames: is it plugged in?")
        number, self._number = self._number, self._number + 1
        return Frame(pixels=from_bgr(pixels), taken_at=time.monotonic(), number=number)

    def close(self) -> None:
        """Let the device go."""
        self._camera.release()
