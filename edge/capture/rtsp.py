"""A network camera, over RTSP."""

import time

import cv2

from edge.capture.source import Frame, from_bgr
from edge.errors import SourceError

OPEN_TIMEOUT_MS = 4000
"""Milliseconds a camera may take to answer."""

READ_TIMEOUT_MS = 2000
"""Milliseconds between two frames after which the stream counts as lost."""


class RtspCamera:
    """Frames of a network stream, through OpenCV's FFmpeg."""

    def __init__(self, address: str) -> None:
        """Connect.

        Args:
            address: ``rtsp://…``, with user and password where the camera asks for them.

        Raises:
            SourceError: The camera does not answer.
        """
        self._name, self._number = _without_secrets(address), 0
        timeouts = [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS),
        ]
        self._stream = cv2.VideoCapture(address, cv2.CAP_FFMPEG, timeouts)
        if not self._stream.isOpened():
            raise SourceError(
                f"the network camera {self._name} does not answer: check its address, user and "
                "password in camera.source"
            )

    def read(self) -> Frame:
        """Wait for the next frame. Raises: SourceError."""
        found, pixels = self._stream.read()
        if not found:
            raise SourceError(f"the network camera {self._name} stopped sending")
        number, self._number = self._number, self._number + 1
        return Frame(pixels=from_bgr(pixels), taken_at=time.monotonic(), number=number)

    def close(self) -> None:
        """Hang up."""
        self._stream.release()


def _without_secrets(address: str) -> str:
    """Give the host of an address, without user and password."""
    return address.partition("://")[2].partition("/")[0].rpartition("@")[2]
