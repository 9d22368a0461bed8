"""Untrusted photos: bytes or a file in, upright RGB pixels out, or one clear refusal.

Nothing is decoded before the header has said that the picture is small enough, and only the
formats that phones, cameras and office programs make are let near a decoder.
"""

import io
import warnings
from pathlib import Path

import numpy as np
import PIL.Image
from PIL.GifImagePlugin import GifImageFile
from PIL.Image import Transpose
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from edge.errors import PhotoError
from edge.vision.face import Image

_READERS = (JpegImageFile, PngImageFile, WebPImageFile, GifImageFile)

FORMATS = tuple(reader.format for reader in _READERS)
"""What is decoded; of an animation the first picture, of a file with several the main one."""

MOST_BYTES = 20 * 2**20
"""Largest file, 20 MiB."""

MOST_PIXELS = 40_000_000
"""Largest picture, 40 megapixels, of a kind that cameras make: those are unpacked in parts."""

MOST_UNPACKED = 16_000_000
"""Largest picture of any other kind: it is unpacked whole, several times over, and 1 kB of WebP may
state any size. The engine of a door has 1 GiB for everything."""

LONGEST_SIDE = 1920
"""Larger pictures are reduced to this many pixels on their longer side."""

_OF_CAMERAS = ("JPEG", "MPO", "HEIF")
_SPOKEN = {"WEBP": "WebP", "HEIF": "HEIC"}
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


def read_photo(source: bytes | Path, formats: tuple[str, ...] = FORMATS) -> Image:
    """Decode one photo, turned upright, on white where it is transparent.

    Args:
        source: The bytes of an image file, or its path.
        formats: What may be decoded, by Pillow's names.

    Returns:
        uint8[H, W, 3], red first, at most ``LONGEST_SIDE`` on a side.

    Raises:
        PhotoError: Not a photo, too large, damaged, or not readable.
    """
    if isinstance(source, bytes):
        return _decoded(source, "the photo", formats)
    return _decoded(photo_bytes(source), f"the photo {source.name!r}", formats)


def photo_bytes(path: Path) -> bytes:
    """Read a file that is regular and small enough; a device or pipe is never opened.

    Raises:
        PhotoError: It is neither, or cannot be read.
    """
    name = repr(str(path))
    try:
        if not path.is_file():
            raise PhotoError(f"there is no photo {name}: check the name")
        if path.stat().st_size > MOST_BYTES:
            raise _too_heavy(f"the photo {name}")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"cannot read the photo {name}: {reason}") from error


def _decoded(content: bytes, what: str, formats: tuple[str, ...]) -> Image:
    if not content:
        raise PhotoError(f"{what} is empty (0 bytes): send it again")
    if len(content) > MOST_BYTES:
        raise _too_heavy(what)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            # Damaged metadata that Pillow can live with is no reason to bother anybody.
            warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
            with PIL.Image.open(io.BytesIO(content), formats=formats) as photo:
                _refuse_large(photo, what)
                return _pixels(photo)
    except PhotoError:
        raise
    except PIL.UnidentifiedImageError as error:
        *others, last = (_SPOKEN.get(one, one) for one in formats)
        listed = f"{', '.join(others)} or {last}"
        raise PhotoError(f"{what} is not a {listed} picture") from error
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError) as error:
        raise _too_large(what) from error
    # Decoders of hostile bytes raise almost anything; this is the one place that meets them.
    except Exception as error:
        raise PhotoError(f"{what} is damaged or cut short: send it again") from error


def _refuse_large(photo: PIL.Image.Image, what: str) -> None:
    """Judge the size that the header states, before anything is decoded."""
    most = MOST_PIXELS if photo.format in _OF_CAMERAS else MOST_UNPACKED
    if photo.width * photo.height > most:
        raise _too_large(what, most, f" ({photo.width} by {photo.height} pixels)")


def _too_large(what: str, most: int = MOST_PIXELS, size: str = "") -> PhotoError:
    limit = most // 1_000_000
    return PhotoError(f"{what} is too large{size}: at most {limit} megapixels, make it smaller")


def _too_heavy(what: str) -> PhotoError:
    limit = MOST_BYTES // 2**20
    return PhotoError(f"{what} is a file of more than {limit} MiB: make it smaller")


def _pixels(photo: PIL.Image.Image) -> Image:
    """Decode, flatten to RGB, reduce and turn upright."""
    photo.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # lets a JPEG decode small, at once
    photo.load()
    turn = _UPRIGHT.get(_orientation(photo))
    flat = _flat(photo)
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    upright = flat if turn is None else flat.transpose(turn)
    return np.array(upright, dtype=np.uint8)


def _orientation(photo: PIL.Image.Image) -> int:
    """Read the EXIF orientation; metadata that cannot be read turns nothing."""
    try:
        value = photo.getexif().get(_ORIENTATION_TAG, 1)
    # As above: EXIF is a format of its own, and as hostile.
    except Exception:  # noqa: BLE001
        return 1
    return value if isinstance(value, int) else 1


def _flat(photo: PIL.Image.Image) -> PIL.Image.Image:
    """Turn any mode into RGB: deep greys are scaled, transparency is laid on white."""
    if photo.mode.startswith("I"):
        grey = np.asarray(photo).astype(np.int64) >> 8
        return PIL.Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")
    if not photo.has_transparency_data:
        return photo.convert("RGB")
    layer = photo if photo.mode == "RGBA" else photo.convert("RGBA")
    layer.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)  # before it is there thrice
    white = PIL.Image.new("RGBA", layer.size, "white")
    return PIL.Image.alpha_composite(white, layer).convert("RGB")
