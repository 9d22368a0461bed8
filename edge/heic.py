"""Photos as phones keep them, HEIC included: only for processes that may die of one.

The decoder of HEIC is large, and some damaged files end the process that reads them. A command may
end so, and the hub reads strangers' photos in a process of its own (``sync.hub.examining``); the
engine of a door never loads this.
"""

from pathlib import Path

import pi_heif
from pi_heif import HeifImageFile

from edge.photo import FORMATS, read_photo
from edge.vision.face import Image

# One thread, as all decoders here; what rides along in a phone's file is never opened.
pi_heif.register_heif_opener(
    decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
)

PHONE_FORMATS = (*FORMATS, HeifImageFile.format)
"""What is decoded here; HEIF is the standard's name of HEIC."""


def read_phone_photo(source: bytes | Path) -> Image:
    """Decode one photo as ``edge.photo.read_photo`` does, HEIC as well.

    The decoder refuses by itself a picture that unpacks to far more than its header states.

    Args:
        source: The bytes of an image file, or its path.

    Raises:
        PhotoError: Not a photo, too large, damaged, or not readable.
    """
    return read_photo(source, PHONE_FORMATS)
