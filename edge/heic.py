"""Photos as phones keep them, HEIC included: read where a damaged one can do no harm.

The decoder of HEIC is large, and some damaged files end the process that reads them. So it runs in
a process of its own: this module as a program, for commands; ``sync.hub.examining`` for the hub's
pages. The engine of a door never loads it. A command that was lent the administrator's rights
decodes nothing by itself, whatever the format.
"""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pi_heif
import PIL.Image
from pi_heif import HeifImageFile

from edge.errors import PhotoError
from edge.photo import FORMATS, photo_bytes, read_photo
from edge.process import give_up_rights, has_lent_rights, keep_memory_private
from edge.vision.face import Image

# One thread, as all decoders here; what rides along in a phone's file is never opened.
pi_heif.register_heif_opener(
    decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
)

PHONE_FORMATS = (*FORMATS, HeifImageFile.format)
"""What is decoded here; HEIF is the standard's name of HEIC."""

PATIENCE_S = 20.0
"""Seconds for one photo."""

MOST_MEMORY = 768 * 2**20
"""Bytes that a photo may take: 40 megapixels, and once more on the way."""

_REFUSED = 3


def read_phone_photo(path: Path) -> Image:
    """Decode one photo as ``edge.photo.read_photo`` does, in a process of its own where it must.

    Args:
        path: An image file.

    Raises:
        PhotoError: Not a photo, too large, damaged, or not readable.
    """
    content = photo_bytes(path)
    if content[4:8] != b"ftyp" and not has_lent_rights():
        return read_photo(path)
    return _read_apart(content, path)


def _read_apart(content: bytes, path: Path) -> Image:
    named = f"the photo {path.name!r}"
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "edge.heic"],  # -P: not that of the folder of the photos
            input=content,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PhotoError(f"{named} takes too long to read: send a screenshot of it") from error
    if ended.returncode == _REFUSED:
        raise PhotoError(ended.stdout.decode().replace("the photo", named, 1))
    if ended.returncode:
        raise PhotoError(f"{named} is damaged or cut short: send it again")
    pixels: Image = np.load(io.BytesIO(ended.stdout), allow_pickle=False)
    return pixels


def read_here(content: bytes) -> Image:
    """Decode one photo in this process, which may not survive it.

    The decoder refuses by itself a picture that unpacks to far more than its header states.

    Args:
        content: The bytes of an image file.

    Raises:
        PhotoError: Not a photo, too large, or damaged.
    """
    return read_photo(content, PHONE_FORMATS)


def main() -> int:
    """Read a photo from the standard input, write its pixels to the standard output."""
    keep_memory_private()
    content = sys.stdin.buffer.read()
    _load_all()
    give_up_rights(MOST_MEMORY)
    try:
        pixels = read_here(content)
    except PhotoError as refusal:
        sys.stdout.write(str(refusal))
        return _REFUSED
    packed = io.BytesIO()
    np.save(packed, pixels)  # into the output itself it would open that once more
    sys.stdout.buffer.write(packed.getbuffer())
    return 0


def _load_all() -> None:
    """Load what decoding loads when it is first needed: later no file opens."""
    PIL.Image.init()
    turned, drawn = PIL.Image.Exif(), io.BytesIO()
    turned[0x0112] = 6
    PIL.Image.new("RGB", (8, 8)).save(drawn, "JPEG", exif=turned)
    read_here(drawn.getvalue())


if __name__ == "__main__":
    sys.exit(main())
