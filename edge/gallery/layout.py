"""The tables of the gallery's file, version by version."""

from edge.errors import GalleryError
from edge.gallery.database import FileKind

_FIRST = (
    """
    CREATE TABLE list (
      list_id TEXT PRIMARY KEY, data_key BLOB NOT NULL, head BLOB NOT NULL, floor BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE entry (
      entry_id TEXT PRIMARY KEY, details BLOB NOT NULL, templates BLOB NOT NULL
    ) STRICT
    """,
    "CREATE TABLE photo (entry_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
)

GALLERY = FileKind(
    name="gallery",
    application_id=0x44574C31,  # "DWL1"
    version=1,
    tables=_FIRST,
    upgrades={},
    # Photos are most of the file and each is checked by its tag when it is read.
    checked=frozenset({"list", "entry"}),
    start_over="enrol again",
    twice="the entry is on the list already",
    error=GalleryError,
)
"""The unit's gallery."""
