"""What every kind of camera gives: numbered frames, of which only the newest counts."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import structlog
from cv2.typing import MatLike

from edge.errors import SourceError
from edge.vision.face import Image

FIRST_PAUSE_S = 0.25
"""Seconds before a lost source is opened again; doubled each time in vain."""

LONGEST_PAUSE_S = 4.0
"""The most seconds between two attempts."""

_LOG = structlog.get_logger("capture")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Attributes:
        pixels: uint8[H, W, 3], RGB; nobody writes to it.
        taken_at: Seconds of the monotonic clock.
        number: Counts up; the index of the frame where the source is a clip.
    """

    pixels: Image
    taken_at: float
    number: int


def from_bgr(pixels: MatLike) -> Image:
    """Give OpenCV's picture (blue, green, red) as RGB, in the same memory."""
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, pixels).astype(np.uint8, copy=False)


class SourceEndedError(SourceError):
    """A clip or folder that does not loop has come to its end."""


class FrameSource(Protocol):
    """One camera, stream, clip or folder."""

    def read(self) -> Frame:
        """Wait for the next frame.

        Raises:
            SourceError: The source is lost.
            SourceEndedError: There are no more frames and there never will be.
        """
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


class Slot:
    """Room for one frame: a newer one replaces it, and the loss is counted."""

    def __init__(self) -> None:
        """Start empty."""
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        """Leave ``frame``, in place of one that nobody took."""
        with self._changed:
            self.dropped += self._frame is not None
            self._frame = frame
            self._changed.notify()

    def take(self, timeout_s: float) -> Frame | None:
        """Take the newest frame, or None if none came within ``timeout_s`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout_s)
            frame, self._frame = self._frame, None
            return frame


class Reader:
    """The thread that keeps a slot filled and opens a lost source again.

    Attributes:
        slot: Where the newest frame lies.
        trouble: Why there are no frames at the moment, one line, or None.
        losses: How often a source was lost that had given frames.
        tries: How often a source was opened or a frame came; stands still while a driver hangs.
        ended: Whether the source has come to its end for good.
    """

    def __init__(self, opening: Callable[[], FrameSource]) -> None:
        """Start reading.

        Frame numbers go on counting where the lost source stopped.

        Args:
            opening: Opens the source; called again, with growing pauses, after each loss.
        """
        self.slot = Slot()
        self.trouble: str | None = None
        self.losses = self.tries = 0
        self.ended = False
        self._opening = opening
        self._next = 0
        self._newest = float("-inf")
        self._closing, self._doubted = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def reopen(self) -> None:
        """Close the source and open it anew: what it gives is not to be believed."""
        self._doubted.set()

    def close(self) -> None:
        """Stop reading; waits a moment for the device to be let go."""
        self._closing.set()
        self._thread.join(timeout=3.0)

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._closing.is_set() and not self.ended:
            opened_at = time.monotonic()
            self.tries += 1
            try:
                self._read_until_lost()
            except SourceError as error:
                self._lose(error)
            except Exception as error:  # noqa: BLE001 - the thread boundary: without it no frames
                self._lose(SourceError(f"the camera's driver failed ({type(error).__name__})"))
            lasted = time.monotonic() - opened_at > LONGEST_PAUSE_S
            pause = FIRST_PAUSE_S if lasted else min(LONGEST_PAUSE_S, 2 * pause)
            if not self.ended:
                self._closing.wait(pause)

    def _read_until_lost(self) -> None:
        """Read as long as it goes. Raises: SourceError, or whatever a driver raises."""
        source, first = self._opening(), self._next
        self._doubted.clear()
        try:
            while not self._closing.is_set():
                self._pass_on(source.read(), first)
        except SourceEndedError as error:
            self.ended, self.trouble = True, str(error)
        except Exception:
            self.losses += self._next > first
            raise
        finally:
            source.close()

    def _pass_on(self, frame: Frame, first: int) -> None:
        """Leave a frame in the slot, if it is newer than the last; drivers repeat themselves.

        Raises:
            SourceError: It is no picture, or no longer believed.
        """
        self.tries += 1
        if self._doubted.is_set():
            raise SourceError("the camera gave one and the same picture and is opened again")
        if not _is_picture(frame.pixels):
            raise SourceError("the camera gives something else than pictures: is its cable loose?")
        taken_at = min(frame.taken_at, time.monotonic())
        if taken_at <= self._newest:
            return
        self._newest, self._next = taken_at, first + frame.number + 1
        self.slot.put(Frame(frame.pixels, taken_at, first + frame.number))
        self.trouble = None

    def _lose(self, error: SourceError) -> None:
        if self.trouble != str(error):
            _LOG.warning("no frames", code="no-frames", why=str(error))
        self.trouble = str(error)


def _is_picture(pixels: object) -> bool:
    """Tell whether what a driver gave is uint8[H, W, 3] with anything in it."""
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 3:
        return False
    return pixels.shape[2] == 3 and pixels.size > 0
