"""The Raspberry Pi's camera module, through Picamera2."""

import importlib
import time
from typing import Any

from edge.capture.source import Frame
from edge.errors import SourceError

PATIENCE_S = 2.0
"""Seconds the camera may take for one frame before it counts as lost."""


class PiCamera:
    """Frames of the camera module; its buffers are given back before a frame leaves here."""

    def __init__(self, *, width: int, height: int, fps: float) -> None:
        """Open and start the camera.

        Args:
            width: Pixels.
            height: Pixels.
            fps: Frames a second.

        Raises:
            SourceError: Picamera2 is not installed, or there is no camera.
        """
        try:
            vendor = importlib.import_module("picamera2")
        except ImportError as error:
            raise SourceError(
                "picamera2 is not installed: pip install doorwatch[pi], or set camera.source"
            ) from error
        try:
            self._camera: Any = vendor.Picamera2()
            self._camera.configure(
                self._camera.create_video_configuration(
                    # libcamera names the bytes backwards: its BGR888 is red, green, blue here
                    main={"size": (width, height), "format": "BGR888"},
                    controls={"FrameRate": fps},
                    buffer_count=4,
                    queue=False,
                )
            )
            self._camera.start()
        except (RuntimeError, IndexError, OSError) as error:
            raise SourceError(f"the camera module cannot be started: {error}") from error
        self._number = 0

    def read(self) -> Frame:
        """Wait for the next frame. Raises: SourceError."""
        try:
            request = self._camera.capture_request(wait=False).get_result(timeout=PATIENCE_S)
        except (TimeoutError, RuntimeError) as error:
            raise SourceError("the camera module gives no more frames: check its cable") from error
        try:
            pixels = request.make_array("main").copy()
            taken_at = _monotonic(request.get_metadata().get("SensorTimestamp"))
        finally:
            request.release()
        number, self._number = self._number, self._number + 1
        return Frame(pixels=pixels, taken_at=taken_at, number=number)

    def close(self) -> None:
        """Stop and let the camera go."""
        self._camera.stop()
        self._camera.close()


def _monotonic(since_boot_ns: int | None) -> float:
    """Turn the sensor's time stamp (nanoseconds since boot) into the monotonic clock's."""
    now = time.monotonic()
    if since_boot_ns is None:
        return now
    age_s = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - since_boot_ns) / 1e9
    return now - max(0.0, age_s)
