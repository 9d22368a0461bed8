"""What the examining process tells of a photo, and how both ends put it into bytes."""

from typing import IO

import msgspec
import numpy as np

from edge.enrolment import Portrait
from edge.vision.face import Flaw, FloatArray, Quality

LARGEST_FRAME = 24 * 2**20
"""Bytes of a question or an answer; a photo has at most 20 MiB."""

_LENGTH = 4


class FoundFace(msgspec.Struct, frozen=True):
    """One face of a photo.

    Attributes:
        box: x0, y0, x1, y1 in pixels of the preview, within its edges.
        quality: Fitness to be compared, in [0, 1].
        flaws: What makes the face unusable; empty for a usable one.
        background: Whether it is much smaller than the largest face.
        template: float32[D], unit length, as bytes; empty where none could be made.
        photo_jpeg: The face and its surroundings, as an entry carries them.
    """

    box: tuple[float, float, float, float]
    quality: float
    flaws: tuple[Flaw, ...]
    background: bool
    template: bytes
    photo_jpeg: bytes

    @property
    def usable(self) -> bool:
        """Whether a comparison of this face means anything."""
        return bool(self.template) and not self.flaws

    def portrait(self) -> Portrait:
        """Give what enrolment makes a reference of."""
        template: FloatArray = np.frombuffer(self.template, np.float32)
        return Portrait(template, Quality(self.quality, self.flaws), self.photo_jpeg)


class Examined(msgspec.Struct, frozen=True, tag="examined"):
    """One photo.

    Attributes:
        width: Of the preview, in pixels.
        height: Of the preview, in pixels.
        preview: The whole photo, upright and small, as JPEG without metadata.
        model_id: What made the templates.
        faces: Largest first; of a crowd only the largest.
    """

    width: int
    height: int
    preview: bytes
    model_id: str
    faces: tuple[FoundFace, ...]


class Unreadable(msgspec.Struct, frozen=True, tag="unreadable"):
    """A photo that was refused, or an examiner that cannot begin.

    Attributes:
        words: Why, one line.
    """

    words: str


Answer = Examined | Unreadable

_ANSWERS = msgspec.msgpack.Decoder(Answer)


def write_frame(pipe: IO[bytes], content: bytes) -> None:
    """Write bytes with their length before them."""
    pipe.write(len(content).to_bytes(_LENGTH, "big"))
    pipe.write(content)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes:
    """Read what ``write_frame`` wrote.

    Raises:
        EOFError: The other end is gone.
        ValueError: It says more than ``LARGEST_FRAME``.
    """
    size = int.from_bytes(_exactly(pipe, _LENGTH), "big")
    if size > LARGEST_FRAME:
        raise ValueError(f"a frame of {size} bytes")
    return _exactly(pipe, size)


def encoded(answer: Answer) -> bytes:
    """Give an answer as bytes."""
    return msgspec.msgpack.encode(answer)


def decoded(frame: bytes) -> Answer:
    """Read an answer.

    Raises:
        ValueError: It is none.
    """
    answer: Answer = _ANSWERS.decode(frame)
    return answer


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content
