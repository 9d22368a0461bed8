"""Makes the reference of a new entry from photos, the way a unit does.

The networks run in the command that was given, and not in the running hub.
"""

from collections.abc import Sequence
from pathlib import Path

from edge.enrolment import Finding, Reference, enrol
from edge.heic import read_phone_photo


def reference_of(photos: Sequence[Path], engine: Finding) -> Reference:
    """Make a reference of photos of one person.

    Args:
        photos: Image files, each showing that person alone.
        engine: Finds and encodes the faces.

    Raises:
        PhotoError: A file is no photo.
        EnrolmentError: A photo is not fit; every one that is not is named with its reason.
    """
    pixels = [read_phone_photo(path) for path in photos]
    names = [repr(path.name) for path in photos]
    return enrol(pixels, engine, names)
