"""Opens everything that is sealed in a gallery, and names what does not open."""

from edge.errors import GalleryError, GalleryLockedError
from edge.gallery.listfile import ListFile

SealedColumn = tuple[str, str, str, str]
"""Table, column of the row's id, sealed column, and what it is sealed as."""

SEALED: tuple[SealedColumn, ...] = (
    ("entry", "entry_id", "details", "entry.details"),
    ("entry", "entry_id", "templates", "entry.templates"),
    ("photo", "photo_id", "sealed", "photo"),
    ("trusted", "name", "sealed", "trusted"),
    ("leaf", "entry_id", "sealed", "leaf"),
    ("staged_page", "number", "sealed", "staged_page"),
    ("staged_entry", "entry_id", "details", "entry.details"),
    ("staged_entry", "entry_id", "templates", "entry.templates"),
    ("submission", "entry_id", "sealed", "submission"),
    ("report", "number", "sealed", "report"),
    ("record", "seq", "wire", "record.wire"),
    ("record", "seq", "content", "record.content"),
)
"""What is sealed in a gallery, beside the list's own row."""


def damaged_rows(file: ListFile) -> list[tuple[str, str]]:
    """Give (what it is sealed as, row) of everything that does not open.

    Raises:
        GalleryError: The file cannot be read at all.
    """
    return [*_damaged_list(file), *(one for place in SEALED for one in _damaged(file, *place))]


def _damaged_list(file: ListFile) -> list[tuple[str, str]]:
    found = []
    for name, read in (("list.head", file.head), ("list.floor", file.floor)):
        try:
            read()
        except GalleryLockedError:
            raise
        except GalleryError:
            found.append((name, "list"))
    return found


def _damaged(
    file: ListFile, table: str, row_id: str, column: str, purpose: str
) -> list[tuple[str, str]]:
    statement = f"SELECT {row_id}, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - names of our own
    found = []
    for row, sealed in file.rows(statement):
        try:
            file.sealer.unseal(purpose, str(row), sealed)
        except GalleryError:
            found.append((purpose, str(row)))
    return found
