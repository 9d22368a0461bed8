"""Whoever takes the card, and not the key, finds nothing of anybody, and can change nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.errors import GalleryError
from edge.gallery.inspection import SEALED
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.gallery.template import unpack
from edge.keys.file import KeyFile
from simulator.shelf_samples import NOW_MS, entry, entry_id, grown, leaf, lifting, putting, trusted
from sync.clock import Reading
from sync.statement.policy import DAY_MS
from sync.unit.shelf import HeldEntry, KeptRecord, StagedPage, Staging, Step

KNOWN = 1_000
"""People whose templates, photos, names and reasons the thief knows, and looks for."""

FLIPPED = 50
"""Rows of which every single bit is flipped."""

READING = Reading(NOW_MS, 5_000, "boot", synchronised=True)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[GalleryShelf]:
    provider = KeyFile(tmp_path / "key" / "gallery.key")
    with GalleryShelf.open(tmp_path / "card" / "gallery.db", provider, read=lambda: READING) as one:
        one.join(trusted())
        yield one


def named(number: int) -> HeldEntry:
    """An entry whose evidence names somebody."""
    made = entry(number, days=3 if number % 3 == 0 else 30)
    who = f"Person Number {number:05d}, seen by the barman"
    return replace(made, proposal=replace(made.proposal, evidence=who))


def everywhere(shelf: GalleryShelf) -> None:
    """Put the same people into every table there is: listed, submitted, kept, staged."""
    people = [named(number) for number in range(KNOWN)]
    for first in range(0, KNOWN, 200):
        part = people[first : first + 200]
        leaves = {one.proposal.entry_id: leaf(first + n) for n, one in enumerate(part)}
        believed = grown(shelf.trusted(), leaves)
        kept = tuple(
            KeptRecord(first + n, one.proposal.entry_id, b"wire", one.proposal.encode())
            for n, one in enumerate(part)
        )
        shelf.commit(Step(believed, leaves, tuple(part), records=kept))
    for number in range(KNOWN, KNOWN + 20):
        one = replace(named(number), record_hash=b"", provisional=True)
        shelf.add_locally(one, one.proposal.encode())
    again = tuple(replace(one, record_hash=bytes(32)) for one in people[:50])
    shelf.begin(Staging(b"manifest", (bytes(32),)))
    shelf.stage([StagedPage(0, b"", {}, again)])


def needles() -> list[bytes]:
    """What the thief knows of each: template as stored and as compared, photo, name, incident."""
    found = [b"spiking", b"banned", b"consortium", b"2026-11-20", b"The Blue Note", b"model-a"]
    for number in range(KNOWN):
        content = named(number).proposal
        compared = unpack(content.templates, "")
        found += [content.templates[-14:], compared.tobytes()[:16], content.photo[5:29]]
        found.append(f"Person Number {number:05d}".encode())
    return found


def hits(folder: Path, wanted: Sequence[bytes]) -> list[bytes]:
    """What of it can be read in the files: database, log, index of the log, free pages."""
    raw = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
    there = beginnings(raw, {needle[:8] for needle in wanted})
    return [needle for needle in wanted if needle[:8] in there and needle in raw]


def beginnings(raw: bytes, wanted: set[bytes]) -> set[bytes]:
    """Which of these (8 bytes, or shorter) stand anywhere in what was read."""
    found = {one for one in wanted if len(one) < 8 and one in raw}
    sought = np.array([int.from_bytes(one, "little") for one in wanted if len(one) == 8], np.uint64)
    for offset in range(8):
        words = np.frombuffer(raw, "<u8", (len(raw) - offset) // 8, offset)
        met = words[np.isin(words, sought)]
        found |= {int(word).to_bytes(8, "little") for word in np.unique(met)}
    return found


def sealed_now(shelf: GalleryShelf) -> list[bytes]:
    """Some bytes out of every sealed row that is about a person."""
    found = []
    for table, row_id, column, _ in SEALED:
        if table not in {"trusted", "leaf", "report"} and column != "wire":
            statement = f"SELECT {row_id}, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - our own
            found += [bytes(sealed[40:64]) for _, sealed in shelf._file.rows(statement)]
    return found


def backup(folder: Path, into: Path) -> None:
    """Copy the database as SQLite does it."""
    into.mkdir()
    source, target = sqlite3.connect(folder / "gallery.db"), sqlite3.connect(into / "gallery.db")
    source.backup(target)
    source.close()
    target.close()


@pytest.mark.slow
def test_of_a_thousand_known_people_nothing_is_found_while_listed_and_no_byte_once_erased(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    card, wanted = tmp_path / "card", needles()
    everywhere(shelf)
    assert hits(card, wanted) == []
    sealed = sealed_now(shelf)
    assert len(sealed) > 3.5 * KNOWN
    assert len(hits(card, sealed[::37])) == len(sealed[::37])
    with Store.open(
        card / "gallery.db", KeyFile(tmp_path / "key" / "gallery.key"), read=lambda: READING
    ) as engine:
        engine.erase_over(NOW_MS / 1000 + 4 * 86_400)
    for first in range(0, KNOWN + 20, 170):
        shelf.commit(lifting(shelf.trusted(), range(first, min(first + 170, KNOWN + 20))))
    shelf.adopt(Step(grown(shelf.trusted(), {}), erase=tuple(entry_id(n) for n in range(50))))
    assert shelf.held() == {}
    assert shelf._file.rows("SELECT count(*) FROM photo") == [(0,)]
    backup(card, tmp_path / "backup")
    for folder in (card, tmp_path / "backup"):
        assert hits(folder, wanted) == []
        assert hits(folder, sealed) == []


@pytest.mark.slow
def test_every_flipped_bit_in_fifty_rows_of_each_kind_is_noticed(shelf: GalleryShelf) -> None:
    shelf.commit(putting(shelf.trusted(), range(FLIPPED)))
    unseal, flips = shelf._file.sealer.unseal, 0
    for table, row_id, column, purpose in SEALED[:5]:
        statement = f"SELECT {row_id}, {column} FROM {table} LIMIT {FLIPPED}"  # noqa: S608 - our own
        for row, sealed in shelf._file.rows(statement):
            changed = bytearray(sealed)
            for bit in range(8 * len(changed)):
                changed[bit >> 3] ^= 1 << (bit & 7)
                try:
                    unseal(purpose, row, bytes(changed))
                    pytest.fail(f"bit {bit} of a row of {purpose}")
                except GalleryError:
                    flips += 1
                changed[bit >> 3] ^= 1 << (bit & 7)
    print(f"{flips} flips, each noticed")
    assert flips > 3 * FLIPPED * 8 * 284


def test_a_flip_in_the_file_is_named_by_table_and_row(shelf: GalleryShelf) -> None:
    everywhere_once = entry(1)
    shelf.commit(putting(shelf.trusted(), [1]))
    shelf.add_locally(replace(entry(2), record_hash=b"", provisional=True), b"wire")
    known = grown(shelf.trusted(), {})
    record = KeptRecord(known.ledger.seq, "", b"wire", b"content")
    shelf.commit(Step(known, reports=((1, b"report"),), records=(record,)))
    shelf.begin(Staging(b"manifest", (bytes(32),)))
    shelf.stage([StagedPage(0, b"", {}, (everywhere_once,))])
    assert shelf.damaged() == []
    chance = np.random.default_rng(7)
    for table, row_id, column, purpose in SEALED:
        row, sealed = shelf._file.rows(f"SELECT {row_id}, {column} FROM {table}")[0]  # noqa: S608 - our own
        bad = bytearray(sealed)
        bad[int(chance.integers(len(bad)))] ^= 1 << int(chance.integers(8))
        update = f"UPDATE {table} SET {column} = ? WHERE {row_id} = ?"  # noqa: S608 - our own
        for blob, found in ((bytes(bad), [(purpose, str(row))]), (sealed, [])):
            with shelf._file.change() as database:
                database.execute(update, (blob, row))
            assert shelf.damaged() == found


def test_rows_moved_between_entries_tables_or_lists_do_not_open(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), [1, 2]))
    rows = shelf._file.rows("SELECT entry_id, details, templates FROM entry")
    (one, details, templates), (other, _, _) = rows
    unseal = shelf._file.sealer.unseal
    other_list = GalleryShelf.open(tmp_path / "b.db", KeyFile(tmp_path / "key" / "gallery.key"))
    moves = [
        (unseal, "entry.details", other, details),
        (unseal, "entry.templates", one, details),
        (unseal, "leaf", one, details),
        (other_list._file.sealer.unseal, "entry.templates", one, templates),
    ]
    for opening, purpose, row, blob in moves:
        with pytest.raises(GalleryError, match="does not open"):
            opening(purpose, row, blob)
    other_list.close()


def test_lengths_of_rows_tell_nobody_from_another(shelf: GalleryShelf) -> None:
    people = [named(1), named(2), named(3)]
    longer = replace(people[0].proposal, evidence="", valid_until_ms=NOW_MS + DAY_MS)
    people[0] = replace(people[0], proposal=longer, contested=True)
    shelf.commit(Step(grown(shelf.trusted(), {}), put=tuple(people)))
    sizes = shelf._file.rows("SELECT DISTINCT length(details), length(templates) FROM entry")
    assert len(sizes) == 1
