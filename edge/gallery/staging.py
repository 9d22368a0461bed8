"""Pages of a snapshot on their way: kept sealed for their final place, out of the engine's sight.

An entry's photo goes to its final row at once; its other rows wait in a table of their own until
the snapshot is adopted. A page that is fetched again replaces what was staged of it.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlite_utils import Database

from edge.gallery.listfile import ListFile
from edge.gallery.progress import (
    keep_state,
    kept_state,
    packed_leaves,
    packed_staging,
    unpacked_leaves,
    unpacked_staging,
)
from edge.gallery.rows import SealedEntry
from sync.liveset import Leaf
from sync.unit.shelf import StagedPage, Staging


def staging(file: ListFile) -> Staging | None:
    """Give the snapshot that is being fetched, if there is one. Raises: GalleryError."""
    with file.moment():
        content = kept_state(file, "staging")
        numbers = file.rows("SELECT number FROM staged_page")
    if content is None:
        return None
    return unpacked_staging(content, frozenset(number for (number,) in numbers))


def begin(file: ListFile, announced: Staging) -> None:
    """Start to fetch a snapshot; pages of the same number and digest stay staged."""
    known = staging(file) or Staging(b"", ())
    old, new = known.digests, announced.digests
    other = [n for n in known.pages if old[n : n + 1] != new[n : n + 1]]
    with file.change() as database:
        unstage(database, other)
        keep_state(file, database, "staging", packed_staging(announced))
    file.forget_log()


def stage(file: ListFile, pages: Sequence[tuple[StagedPage, Sequence[SealedEntry]]]) -> None:
    """Keep verified pages, each with its sealed entries."""
    with file.change() as database:
        unstage(database, [page.number for page, _ in pages])
        for page, rows in pages:
            _keep_leaves(file, database, page.number, page.leaves)
            for row in rows:
                _keep_entry(database, page.number, row)


def staged_leaves(file: ListFile) -> dict[str, Leaf]:
    """Give the leaves of all staged pages, by entry id. Raises: GalleryError."""
    found: dict[str, Leaf] = {}
    for number, sealed in file.rows("SELECT number, leaves FROM staged_page"):
        found |= unpacked_leaves(file.sealer.unseal("staged_page", str(number), sealed))
    return found


def unstage(database: Database, pages: Collection[int]) -> None:
    """Erase staged pages and their photos, within a change."""
    for number in pages:
        database.execute(
            "DELETE FROM photo WHERE photo_id IN "
            "(SELECT photo_id FROM staged_entry WHERE page = ?)",
            (number,),
        )
        database.execute("DELETE FROM staged_entry WHERE page = ?", (number,))
        database.execute("DELETE FROM staged_page WHERE number = ?", (number,))


def unstage_all(database: Database) -> None:
    """Erase every staged page and forget the snapshot, within a change."""
    numbers = database.execute("SELECT number FROM staged_page").fetchall()
    unstage(database, [number for (number,) in numbers])
    database.execute("DELETE FROM trusted WHERE name = 'staging'")


def _keep_leaves(
    file: ListFile, database: Database, number: int, leaves: Mapping[str, Leaf]
) -> None:
    sealed = file.sealer.seal("staged_page", str(number), packed_leaves(leaves))
    database.execute("INSERT INTO staged_page VALUES (?, ?)", (number, sealed))


def _keep_entry(database: Database, number: int, row: SealedEntry) -> None:
    # One entry on two pages would be the hub's mistake: the later page stands.
    database.execute(
        "DELETE FROM photo WHERE photo_id = (SELECT photo_id FROM staged_entry WHERE entry_id = ?)",
        (row.entry_id,),
    )
    database.execute(
        "INSERT OR REPLACE INTO staged_entry VALUES (?, ?, ?, ?, ?)",
        (row.entry_id, row.details, row.templates, row.photo_id, number),
    )
    database.execute("INSERT INTO photo VALUES (?, ?)", (row.photo_id, row.photo))
