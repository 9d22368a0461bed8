"""The process that examines photos: it decodes what strangers send, and can do nothing else.

It gets a photo on its standard input and answers on its standard output. Once the networks are
loaded it can open no file and no connection, write no file, and take only so much memory.
"""

import io
import os
import sys
from typing import BinaryIO

import PIL.Image

from edge.enrolment import persons, reference_photo
from edge.errors import DoorwatchError
from edge.heic import PHONE_FORMATS, read_here
from edge.process import end_with_parent, give_up_rights, keep_memory_private
from edge.vision import Engine, Face, load_engine
from edge.vision.face import Image
from sync.hub.examining.findings import (
    Answer,
    Examined,
    FoundFace,
    Unreadable,
    encoded,
    read_frame,
    write_frame,
)
from sync.hub.reference import light_photo

PREVIEW_SIDE = 1024
"""Pixels of the longer side of the preview."""

MOST_FACES = 12
"""Faces of one photo that are told of."""

MOST_MEMORY = 768 * 2**20
"""Bytes that a photo may take beyond what the networks hold."""

_PREVIEW_QUALITY = 80


def main() -> None:
    """Examine photos until the parent is gone; its process id is the one argument."""
    keep_memory_private()
    end_with_parent(int(sys.argv[1]))
    asked, answers = sys.stdin.buffer, _answers()
    read_frame(asked)
    try:
        engine = load_engine("cpu", 1)
        _warm_up(engine)
    except DoorwatchError as error:
        write_frame(answers, encoded(Unreadable(str(error))))
        return
    give_up_rights(MOST_MEMORY)
    write_frame(answers, encoded(Unreadable("")))
    while True:
        try:
            content = read_frame(asked)
        except EOFError:
            return
        write_frame(answers, encoded(examined(content, engine)))


def examined(content: bytes, engine: Engine) -> Answer:
    """Tell what a photo shows."""
    try:
        photo = read_here(content)
    except DoorwatchError as refusal:
        return Unreadable(str(refusal))
    faces = engine.faces(photo)
    near = len(persons(faces))
    preview, scale = _preview(photo)
    height, width = photo.shape[:2]
    return Examined(
        width=round(width * scale),
        height=round(height * scale),
        preview=preview,
        model_id=engine.model_id,
        faces=tuple(
            _told(photo, face, scale, background=number >= near)
            for number, face in enumerate(faces[:MOST_FACES])
        ),
    )


def _told(photo: Image, face: Face, scale: float, *, background: bool) -> FoundFace:
    height, width = photo.shape[:2]
    x0, y0, x1, y1 = face.box
    within = (max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1))
    left, top, right, bottom = (edge * scale for edge in within)
    return FoundFace(
        box=(left, top, right, bottom),
        quality=float(face.quality),
        flaws=face.quality.reasons,
        background=background,
        template=b"" if face.template is None else face.template.astype("float32").tobytes(),
        photo_jpeg=light_photo(reference_photo(photo, face)),
    )


def _preview(photo: Image) -> tuple[bytes, float]:
    """Give a smaller copy, and how many of its pixels one of the photo's is."""
    height, width = photo.shape[:2]
    scale = min(1.0, PREVIEW_SIDE / max(height, width))
    picture = PIL.Image.fromarray(photo)
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_PREVIEW_QUALITY)
    return buffer.getvalue(), scale


def _answers() -> BinaryIO:
    """Keep the answers' pipe to ourselves: what libraries print must not get among them."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _warm_up(engine: Engine) -> None:
    """Have everything loaded that is loaded when it is first used; later no file opens."""
    PIL.Image.init()
    drawn = PIL.Image.new("RGB", (64, 64), "white")
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    for kind in PHONE_FORMATS:
        if kind in PIL.Image.SAVE and kind != "HEIF":
            buffer = io.BytesIO()
            drawn.save(buffer, kind, exif=exif)
            examined(buffer.getvalue(), engine)
    examined(b"nothing", engine)


if __name__ == "__main__":
    main()
