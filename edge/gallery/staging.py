"""Pages of a snapshot on their way: kept sealed for their final place, out of the engine's sight.

An entry's photo goes to its final row at once; its other rows wait in a table of their own until
the snapshot is adopted. A page that is fetched again replaces what was staged of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile

from sqlite_utils import Database

from edge.gallery.listfile import ListFile
from edge.gallery.progress import (
    PageSum,
    keep_state,
    kept_state,
    packed_staging,
    unpacked_staging,
)
from edge.gallery.records import decode, encode
from edge.gallery.rows import SealedEntry
from sync.liveset import Leaf
from sync.unit.shelf import HeldEntry, StagedPage, Staging


def staging(file: ListFile) -> Staging | None:
    """Give the snapshot that is being fetched, if there is one. Raises: GalleryError."""
    with file.moment():
        content = kept_state(file, "staging")
        newest = file.rows("SELECT number, sealed FROM staged_page ORDER BY number DESC LIMIT 1")
    if content is None:
        return None
    known = unpacked_staging(content)
    if not newest:
        return known
    return replace(known, staged=newest[0][0] + 1, chain=_page_sum(file, *newest[0]).chain)


def begin(file: ListFile, announced: Staging) -> None:
    """Start to fetch a snapshot; pages stay as far as their digests are the same."""
    known = staging(file) or Staging(b"", ())
    pairs = zip(known.digests, announced.digests, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    with file.change() as database:
        _unstage(database, same)
        keep_state(file, database, "staging", packed_staging(announced))
    file.forget_log()


def stage(
    file: ListFile,
    pages: Sequence[StagedPage],
    sealed_rows: Callable[[Sequence[HeldEntry]], Sequence[SealedEntry]],
) -> None:
    """Keep verified pages.

    Args:
        file: The gallery.
        pages: The next pages, in order.
        sealed_rows: Seals entries for their rows.

    Raises:
        GalleryError: The disk does not write.
    """
    with file.change() as database:
        for page in pages:
            content = encode(PageSum(page.chain, dict(page.leaves)))
            sealed = file.sealer.seal("staged_page", str(page.number), content)
            database.execute("INSERT INTO staged_page VALUES (?, ?)", (page.number, sealed))
            for row in sealed_rows(page.put):
                database.execute(
                    "INSERT INTO staged_entry VALUES (?, ?, ?, ?, ?)",
                    (row.entry_id, page.number, row.details, row.templates, row.photo_id),
                )
                database.execute("INSERT INTO photo VALUES (?, ?)", (row.photo_id, row.photo))


def staged_leaves(file: ListFile) -> dict[str, Leaf]:
    """Give the leaves of all staged pages, by entry id. Raises: GalleryError."""
    found: dict[str, Leaf] = {}
    for number, sealed in file.rows("SELECT number, sealed FROM staged_page ORDER BY number"):
        found |= _page_sum(file, number, sealed).leaves
    return found


def drop_superseded(database: Database) -> None:
    """Erase staged versions of entries that a later page has again, within a change."""
    older = database.execute(
        "SELECT photo_id FROM staged_entry AS one WHERE EXISTS (SELECT 1 FROM staged_entry "
        "AS later WHERE later.entry_id = one.entry_id AND later.page > one.page)"
    )
    _erase_staged(database, older.fetchall())


def unstage_all(database: Database) -> None:
    """Erase every staged page and forget the snapshot, within a change."""
    _unstage(database, 0)
    database.execute("DELETE FROM trusted WHERE name = 'staging'")


def _unstage(database: Database, first: int) -> None:
    """Erase the pages from number ``first`` on, with their entries and photos."""
    staged = database.execute("SELECT photo_id FROM staged_entry WHERE page >= ?", (first,))
    _erase_staged(database, staged.fetchall())
    database.execute("DELETE FROM staged_page WHERE number >= ?", (first,))


def _erase_staged(database: Database, photo_ids: Sequence[tuple[str]]) -> None:
    """Erase the staged entries with these photos; each has one of its own."""
    for table in ("photo", "staged_entry"):
        statement = f"DELETE FROM {table} WHERE photo_id = ?"  # noqa: S608 - a name of our own
        database.conn.executemany(statement, photo_ids)


def _page_sum(file: ListFile, number: int, sealed: bytes) -> PageSum:
    plain = file.sealer.unseal("staged_page", str(number), sealed)
    return decode(plain, PageSum, f"page {number} of a snapshot on its way")
