"""The tables of the gallery's file, version by version.

Version 2 adds what a member of a consortium keeps: how far the ledger was followed, the leaves
of its live set, snapshot pages on their way, and what the hub has yet to hear. ``changed`` is
the number of the list's change that last touched a row, so that only those are read again.
"""

from edge.errors import GalleryError
from edge.gallery.database import FileKind

_LIST = """
CREATE TABLE list (
  list_id TEXT PRIMARY KEY, data_key BLOB NOT NULL, head BLOB NOT NULL, floor BLOB NOT NULL
) STRICT
"""
_ENTRY = """
CREATE TABLE entry (
  entry_id TEXT PRIMARY KEY, details BLOB NOT NULL, templates BLOB NOT NULL,
  changed INTEGER NOT NULL DEFAULT 0
) STRICT
"""
_PHOTO = "CREATE TABLE photo (photo_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT"
_CONSORTIUM = (
    "CREATE INDEX entry_by_change ON entry (changed, entry_id)",
    "CREATE TABLE trusted (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE leaf (entry_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE staged_page (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    """
    CREATE TABLE staged_entry (
      entry_id TEXT NOT NULL, page INTEGER NOT NULL, details BLOB NOT NULL,
      templates BLOB NOT NULL, photo_id TEXT NOT NULL, PRIMARY KEY (entry_id, page)
    ) STRICT
    """,
    "CREATE INDEX staged_by_photo ON staged_entry (photo_id)",
    """
    CREATE TABLE record (
      seq INTEGER PRIMARY KEY, entry_id TEXT NOT NULL, wire BLOB NOT NULL, content BLOB
    ) STRICT
    """,
    "CREATE INDEX record_by_entry ON record (entry_id)",
    "CREATE TABLE submission (entry_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE report (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
)
_SECOND = (
    "ALTER TABLE entry ADD COLUMN changed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE photo RENAME COLUMN entry_id TO photo_id",
    *_CONSORTIUM,
)

PEOPLE = ("entry", "photo", "staged_entry", "staged_page", "submission", "record")
"""Tables with something of people on the list in them."""

PROGRESS = ("trusted", "leaf", "report")
"""Tables with what was heard from the consortium, and what it has yet to hear."""

GALLERY = FileKind(
    name="gallery",
    application_id=0x44574C31,  # "DWL1"
    version=2,
    tables=(_LIST, _ENTRY, _PHOTO, *_CONSORTIUM),
    upgrades={2: _SECOND},
    # Photos are most of the file and each is checked by its tag when it is read.
    checked=frozenset({"list", "entry"}),
    start_over="enrol again",
    twice="the entry is on the list already",
    error=GalleryError,
)
"""The unit's gallery."""
