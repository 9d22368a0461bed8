"""The images of a folder, shown at a steady pace: a door made of files."""

import time
from pathlib import Path

import cv2
import numpy as np
import structlog

from edge.capture.source import Frame, SourceEndedError, from_bgr
from edge.errors import SourceError
from edge.vision.face import Image

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})
"""Names that are taken for images."""

_LOG = structlog.get_logger("capture")


class ImageFolder:
    """Frames from files, in the order of their names; what is no image is passed over."""

    def __init__(self, path: Path, *, fps: float = 5.0, loop: bool = False) -> None:
        """List the folder.

        Args:
            path: The folder.
            fps: Images a second.
            loop: Whether to start again at the end; numbers then go on counting.

        Raises:
            SourceError: There is no such folder, or no image in it.
        """
        if not path.is_dir():
            raise SourceError(f"there is no folder {path}: check camera.source")
        self._files = sorted(f for f in path.iterdir() if f.suffix.lower() in SUFFIXES)
        if not self._files:
            raise SourceError(f"the folder {path} holds no image")
        self._path, self._gap_s, self._loop = path, 1 / fps, loop
        self._next, self._shown, self._due = 0, 0, 0.0

    def read(self) -> Frame:
        """Wait until the next image is due and give it. Raises: SourceError, SourceEndedError."""
        while True:
            pixels = self._decode(self._choose())
            if pixels is not None:
                break
        now = time.monotonic()
        self._due = max(self._due + self._gap_s, now)
        time.sleep(self._due - now)
        number, self._shown = self._shown, self._shown + 1
        return Frame(pixels=pixels, taken_at=time.monotonic(), number=number)

    def close(self) -> None:
        """Nothing is held open."""

    def _choose(self) -> Path:
        lap, index = divmod(self._next, len(self._files))
        if lap and not self._shown:
            raise SourceError(f"no image in {self._path} can be decoded")
        if lap and not self._loop:
            raise SourceEndedError(f"the folder {self._path} has come to its end")
        self._next += 1
        return self._files[index]

    def _decode(self, file: Path) -> Image | None:
        try:
            pixels = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)
        except (OSError, cv2.error):
            pixels = None
        if pixels is None:
            _LOG.warning("a file is not an image, passed over", code="not-an-image")
            return None
        return from_bgr(pixels)
