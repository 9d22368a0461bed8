"""What a unit keeps to tell its hub: reports, entries made here, and records it may have lost."""

from collections.abc import Sequence

from sqlite_utils import Database

from edge.gallery.listfile import ListFile
from sync.unit.shelf import KEPT_RECORDS, KeptRecord


def unheard(file: ListFile) -> list[tuple[int, bytes]]:
    """Give the kept reports, (number, wire bytes), oldest first. Raises: GalleryError."""
    rows = file.rows("SELECT number, sealed FROM report ORDER BY number")
    return [(number, file.sealer.unseal("report", str(number), one)) for number, one in rows]


def keep_reports(file: ListFile, database: Database, reports: Sequence[tuple[int, bytes]]) -> None:
    """Keep reports until they are heard, within a change."""
    for number, wire in reports:
        sealed = file.sealer.seal("report", str(number), wire)
        database.execute("INSERT OR REPLACE INTO report VALUES (?, ?)", (number, sealed))


def heard(file: ListFile, counter: int) -> None:
    """Forget the report with this number. Raises: GalleryError."""
    with file.change() as database:
        database.execute("DELETE FROM report WHERE number = ?", (counter,))


def submissions(file: ListFile) -> list[tuple[str, bytes]]:
    """Give what the hub has not taken yet, (entry id, wire bytes). Raises: GalleryError."""
    rows = file.rows("SELECT entry_id, sealed FROM submission ORDER BY rowid")
    return [(name, file.sealer.unseal("submission", name, sealed)) for name, sealed in rows]


def keep_submission(file: ListFile, database: Database, entry_id: str, wire: bytes) -> None:
    """Keep an entry made here until the hub has taken it, within a change."""
    sealed = file.sealer.seal("submission", entry_id, wire)
    database.execute("INSERT INTO submission VALUES (?, ?)", (entry_id, sealed))


def taken(database: Database, entry_ids: Sequence[str]) -> None:
    """Forget submissions, within a change."""
    for entry_id in entry_ids:
        database.execute("DELETE FROM submission WHERE entry_id = ?", (entry_id,))


def records(file: ListFile, from_seq: int) -> list[KeptRecord]:
    """Give the kept records from that number on, in order. Raises: GalleryError."""
    rows = file.rows(
        "SELECT seq, entry_id, wire, content FROM record WHERE seq >= ? ORDER BY seq", (from_seq,)
    )
    unseal = file.sealer.unseal
    return [
        KeptRecord(
            seq,
            entry_id,
            unseal("record.wire", str(seq), wire),
            None if content is None else unseal("record.content", str(seq), content),
        )
        for seq, entry_id, wire, content in rows
    ]


def keep_records(file: ListFile, database: Database, kept: Sequence[KeptRecord]) -> None:
    """Keep records for a hub that was restored from an older backup, within a change."""
    seal = file.sealer.seal
    for one in kept:
        wire = seal("record.wire", str(one.seq), one.wire)
        content = None if one.content is None else seal("record.content", str(one.seq), one.content)
        database.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)",
            (one.seq, one.entry_id, wire, content),
        )
    database.execute(
        "DELETE FROM record WHERE seq <= (SELECT max(seq) FROM record) - ?", (KEPT_RECORDS,)
    )
