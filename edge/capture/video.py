"""A video file, played at its own pace."""

import time
from pathlib import Path

import cv2

from edge.capture.source import Frame, SourceEndedError, from_bgr
from edge.errors import SourceError

LONGEST_GAP_S = 1.0
"""Seconds that the time stamps of a damaged file may make the player wait for one frame."""


class VideoFile:
    """Frames of a clip when they are due by their time stamps; ``number`` is the index."""

    def __init__(self, path: Path, *, loop: bool = False) -> None:
        """Open the clip.

        Args:
            path: The file.
            loop: Whether to start again at the end; numbers then go on counting.

        Raises:
            SourceError: The file is missing or is no video.
        """
        self._path = path
        self._loop = loop
        self._next = 0
        self._due = time.monotonic()
        self._open()

    def read(self) -> Frame:
        """Wait until the next frame is due and give it. Raises: SourceError, SourceEndedError."""
        if not self._clip.grab():
            self._end_or_rewind()
        self._wait(self._clip.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        found, pixels = self._clip.retrieve()
        if not found:
            raise SourceError(f"{self._path}: frame {self._next} cannot be decoded")
        number, self._next = self._next, self._next + 1
        return Frame(pixels=from_bgr(pixels), taken_at=time.monotonic(), number=number)

    def close(self) -> None:
        """Close the file."""
        self._clip.release()

    def _open(self) -> None:
        if not self._path.is_file():
            raise SourceError(f"there is no video file {self._path}: check camera.source")
        self._clip = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        if not self._clip.isOpened():
            raise SourceError(f"{self._path} is not a video that can be played")
        self._stamp_s = 0.0
        fps = self._clip.get(cv2.CAP_PROP_FPS)
        self._usual_gap_s = 1 / fps if 0 < fps < 1000 else 1 / 30

    def _end_or_rewind(self) -> None:
        if self._next == 0:
            raise SourceError(f"{self._path} has no frame that can be decoded")
        if not self._loop:
            raise SourceEndedError(f"{self._path} has come to its end")
        self.close()
        self._open()
        if not self._clip.grab():
            raise SourceError(f"{self._path} cannot be played again")

    def _wait(self, stamp_s: float) -> None:
        gap = stamp_s - self._stamp_s
        self._stamp_s = stamp_s
        if not 0 < gap <= LONGEST_GAP_S:
            gap = self._usual_gap_s
        now = time.monotonic()
        self._due = max(self._due + gap, now - LONGEST_GAP_S)
        time.sleep(max(0.0, self._due - now))
