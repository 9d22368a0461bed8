"""The encrypted store: what comes back, what a thief sees, what is refused."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.errors import GalleryError, KeyProviderError
from edge.gallery.listtime import FLOOR_STEP_S
from edge.gallery.store import LARGEST_PHOTO, Store
from edge.keys.file import KeyFile
from edge.vision.face import FloatArray
from sync.clock import Reading
from sync.entries import DAY_S, Category, Entry, Reason

NOW = 1_800_000_000.0
MODEL = "net-1-abcdef"
PHOTO = b"\xff\xd8\xff\xe0 the face of somebody \xff\xd9"


def units(count: int, seed: int = 1) -> FloatArray:
    """Random directions, float32[count, 192]."""
    raw = np.random.default_rng(seed).normal(size=(count, 192))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)


def person(number: int, days: float = 30) -> Entry:
    """An entry, made a bit later for each number."""
    begins = NOW + number
    return Entry(f"{number:016x}", Category.BANNED, Reason.SPIKING, begins, begins + days * DAY_S)


def standing() -> Reading:
    """Read clocks that stand still."""
    return Reading(round(NOW * 1000), 0, "boot", synchronised=True)


def opened(folder: Path, **options: float) -> Store:
    """The gallery in a folder, at a time that stands still."""
    return Store.open(
        folder / "gallery.db", KeyFile(folder / "gallery.key"), read=standing, **options
    )


def changed(folder: Path, statement: str, *values: object) -> None:
    """Change the file behind the store's back."""
    with sqlite3.connect(folder / "gallery.db") as raw:
        raw.execute(statement, values)
    raw.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new gallery."""
    with opened(tmp_path) as fresh:
        yield fresh


def test_what_was_added_comes_back(tmp_path: Path, store: Store) -> None:
    store.add(person(1), PHOTO, units(3), MODEL)
    for gallery in (store, opened(tmp_path)):
        assert gallery.entries(NOW) == (person(1),)
        assert gallery.photo(person(1).entry_id) == PHOTO
        ((entry, templates, model_id, _),) = gallery.references()
        assert (entry, model_id) == (person(1), MODEL)
        assert (np.sum(templates * units(3), axis=1) > 0.999).all()
    gallery.close()


def test_a_gallery_and_its_key_are_closed_to_others(tmp_path: Path, store: Store) -> None:
    store.add(person(1), PHOTO, units(1), MODEL)
    files = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert set(files) == {"gallery.db", "gallery.db-wal", "gallery.db-shm", "gallery.key"}
    assert set(files.values()) == {0o600}


def test_nothing_of_a_person_can_be_read_in_the_files(tmp_path: Path, store: Store) -> None:
    store.add(person(1), PHOTO, units(2), MODEL)
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.suffix != ".key")
    canaries = [PHOTO[4:20], b"banned", b"spiking", MODEL.encode()]
    canaries += [units(2)[0, :8].tobytes(), np.float64(person(1).valid_until).tobytes()]
    canaries += [np.float64(person(1).valid_until).astype(">f8").tobytes()]
    assert not [canary for canary in canaries if canary in raw]


def test_sizes_tell_neither_category_nor_reason(tmp_path: Path, store: Store) -> None:
    end = NOW + DAY_S
    for number, reason in enumerate((Reason.THEFT, Reason.SEXUAL_HARASSMENT)):
        entry = Entry(f"{number:016x}", Category.BANNED, reason, NOW, end)
        store.add(entry, PHOTO, units(1 + number), MODEL)
    with sqlite3.connect(tmp_path / "gallery.db") as raw:
        sizes = raw.execute("SELECT length(details), length(templates) FROM entry").fetchall()
    raw.close()
    assert len({details for details, _ in sizes}) == 1


def test_synchronous_is_full_and_erased_pages_are_overwritten(store: Store) -> None:
    pragmas = ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
    assert [store._file.rows(f"PRAGMA {p}")[0][0] for p in pragmas] == ["wal", 2, 1, 5000]


def test_a_lifted_entry_leaves_no_byte(tmp_path: Path, store: Store) -> None:
    store.add(person(1), PHOTO, units(2), MODEL)
    store.add(person(2), PHOTO, units(2), MODEL)
    gone, kept = (
        store._file.rows(
            "SELECT details, templates, sealed FROM entry JOIN photo "
            "ON photo_id LIKE entry_id || '.%' WHERE entry_id = ?",
            (person(number).entry_id,),
        )[0]
        for number in (1, 2)
    )
    store.lift(person(1).entry_id)
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    pieces = [blob[at : at + 16] for blob in gone for at in range(0, len(blob) - 16, 16)]
    assert not [piece for piece in pieces if piece in raw]
    assert person(1).entry_id.encode() not in raw
    assert store.entries(NOW) == (person(2),)
    store.close()
    assert all(blob[:16] in (tmp_path / "gallery.db").read_bytes() for blob in kept)


def test_the_log_is_emptied_later_if_somebody_reads_while_an_entry_is_erased(
    tmp_path: Path, store: Store
) -> None:
    store.add(person(1), PHOTO, units(1), MODEL)
    reader = sqlite3.connect(tmp_path / "gallery.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM entry").fetchall()
    store._file.rows("PRAGMA busy_timeout=10")
    store.lift(person(1).entry_id)
    assert (tmp_path / "gallery.db-wal").stat().st_size > 0
    reader.execute("COMMIT")
    store.close()
    assert (tmp_path / "gallery.db-wal").stat().st_size == 0
    reader.close()


def test_an_entry_that_is_not_there_cannot_be_lifted_or_shown(store: Store) -> None:
    for ask in (store.lift, store.photo):
        with pytest.raises(GalleryError, match="there is no entry 'nobody'"):
            ask("nobody")


def test_an_entry_is_added_once(store: Store) -> None:
    store.add(person(1), PHOTO, units(1), MODEL)
    with pytest.raises(GalleryError, match="on the list already"):
        store.add(person(1), PHOTO, units(1), MODEL)
    assert store.entries(NOW) == (person(1),)
    assert store.head().sequence == 1


@pytest.mark.parametrize(
    ("entry", "photo", "says"),
    [
        (Entry("0" * 16, Category.WELFARE, Reason.THEFT, NOW, NOW + 1), PHOTO, "does not fit"),
        (Entry("0" * 16, Category.BANNED, Reason.THEFT, NOW, NOW), PHOTO, "end before"),
        (Entry("0" * 15, Category.BANNED, Reason.THEFT, NOW, NOW + 1), PHOTO, "16 hexadecimal"),
        (Entry("a|b" + "0" * 13, Category.BANNED, Reason.THEFT, NOW, NOW + 1), PHOTO, "16 hex"),
        (person(1), b"", "JPEG"),
        (person(1), PHOTO + bytes(LARGEST_PHOTO), "JPEG"),
    ],
)
def test_what_breaks_a_rule_is_refused_before_anything_is_written(
    store: Store, entry: Entry, photo: bytes, says: str
) -> None:
    with pytest.raises(GalleryError, match=says):
        store.add(entry, photo, units(1), MODEL)
    assert store.references() == []


def test_a_template_that_is_not_a_number_is_refused_at_writing(store: Store) -> None:
    spoilt = units(1)
    spoilt[0, 0] = np.nan
    with pytest.raises(GalleryError, match="not finite"):
        store.add(person(1), PHOTO, spoilt, MODEL)
    assert store.references() == []


def test_a_template_that_is_not_a_number_is_refused_at_reading(store: Store) -> None:
    store.add(person(1), PHOTO, units(1), MODEL)
    row = person(1).entry_id
    packed = store._file.sealer.unseal(
        "entry.templates", row, store._file.rows("SELECT templates FROM entry")[0][0]
    )
    spoilt = packed[:4] + b"\x7f\xc0\0\0" + packed[8:]
    with store._file.change() as database:
        sealed = store._file.sealer.seal("entry.templates", row, spoilt)
        database.execute("UPDATE entry SET templates = ?", (sealed,))
    with pytest.raises(GalleryError, match=f"entry {row} are not finite"):
        store.references()


def test_another_key_opens_nothing_and_changes_nothing(tmp_path: Path, store: Store) -> None:
    store.add(person(1), PHOTO, units(1), MODEL)
    key = (tmp_path / "gallery.key").read_bytes()
    (tmp_path / "gallery.key").write_bytes(b"00" * 32)
    with pytest.raises(KeyProviderError, match="does not open this gallery"):
        opened(tmp_path)
    (tmp_path / "gallery.key").write_bytes(key)
    with opened(tmp_path) as again:
        assert again.entries(NOW) == (person(1),)


def test_a_lost_key_is_said_and_no_other_is_made(tmp_path: Path, store: Store) -> None:
    (tmp_path / "gallery.key").unlink()
    with pytest.raises(KeyProviderError, match="is missing"):
        opened(tmp_path)
    assert not (tmp_path / "gallery.key").exists()


@pytest.mark.parametrize("column", ["details", "templates"])
def test_a_flipped_bit_is_said_with_the_entry_that_it_hit(
    tmp_path: Path, store: Store, column: str
) -> None:
    store.add(person(1), PHOTO, units(1), MODEL)
    blob = bytearray(store._file.rows(f"SELECT {column} FROM entry")[0][0])  # noqa: S608  a name above
    blob[40] ^= 1
    changed(tmp_path, f"UPDATE entry SET {column} = ?", bytes(blob))  # noqa: S608  a name above
    with pytest.raises(GalleryError, match=f"damaged: the record {person(1).entry_id}"):
        store.references()
    store.lift(person(1).entry_id)
    assert store.references() == []


def test_a_flipped_bit_in_a_photo_is_said(tmp_path: Path, store: Store) -> None:
    store.add(person(1), PHOTO, units(1), MODEL)
    changed(tmp_path, "UPDATE photo SET sealed = zeroblob(length(sealed))")
    with pytest.raises(GalleryError, match="damaged"):
        store.photo(person(1).entry_id)


@pytest.mark.parametrize("column", ["head", "floor"])
def test_a_flipped_bit_in_head_or_time_is_said(tmp_path: Path, store: Store, column: str) -> None:
    changed(tmp_path, f"UPDATE list SET {column} = zeroblob(length({column}))")  # noqa: S608  a name above
    with pytest.raises(GalleryError, match=f"the record list in list.{column}"):
        store._time.floor(NOW)


def test_swapped_rows_do_not_open(tmp_path: Path, store: Store) -> None:
    for number in (1, 2):
        store.add(person(number), PHOTO, units(1, number), MODEL)
    other = store._file.rows(
        "SELECT templates FROM entry WHERE entry_id = ?", (person(2).entry_id,)
    )[0][0]
    changed(
        tmp_path, "UPDATE entry SET templates = ? WHERE entry_id = ?", other, person(1).entry_id
    )
    with pytest.raises(GalleryError, match=person(1).entry_id):
        store.references()


def test_a_row_that_was_taken_out_is_missed(tmp_path: Path, store: Store) -> None:
    for number in (1, 2):
        store.add(person(number), PHOTO, units(1), MODEL)
    changed(tmp_path, "DELETE FROM entry WHERE entry_id = ?", person(1).entry_id)
    for ask in (store.references, lambda: store.entries(NOW)):
        with pytest.raises(GalleryError, match="some are gone"):
            ask()


@pytest.mark.parametrize("keep", [1, 100, 4096, 5000, 10_000])
def test_a_torn_file_is_said_and_left_as_it_is(tmp_path: Path, keep: int) -> None:
    with opened(tmp_path) as store:
        store.add(person(1), PHOTO, units(1), MODEL)
    path = tmp_path / "gallery.db"
    path.write_bytes(path.read_bytes()[:keep])
    before = path.read_bytes()
    with pytest.raises(GalleryError, match=r"damaged|no gallery|not a gallery"):
        opened(tmp_path)
    assert path.read_bytes() == before


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    path.write_bytes(b"dear diary, " * 100)
    with pytest.raises(GalleryError, match="no gallery"):
        opened(tmp_path)
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE diary (line TEXT)")
    other.close()
    with pytest.raises(GalleryError, match="is not a gallery"):
        opened(tmp_path)


def test_a_gallery_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    opened(tmp_path).close()
    changed(tmp_path, "PRAGMA user_version=3")
    with pytest.raises(GalleryError, match="newer Doorwatch"):
        opened(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GalleryError, match=r"Not a directory|File exists"):
        opened(tmp_path / "file")


def test_a_new_gallery_is_fresh_for_the_lease(tmp_path: Path) -> None:
    with opened(tmp_path, lease_days=3) as store:
        assert store.head().expires_at == NOW + 3 * DAY_S
        assert store.entries(NOW) == ()


def test_a_gallery_that_was_lost_is_not_fresh_until_somebody_affirms(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / "gallery.db").unlink()
    with opened(tmp_path) as store:
        assert store.head().expires_at <= NOW
        store.affirm(NOW)
        assert store.head().expires_at > NOW


def test_each_change_issues_a_head(store: Store) -> None:
    first = store.head()
    store.add(person(1), PHOTO, units(1), MODEL)
    added = store.head()
    store.lift(person(1).entry_id)
    lifted = store.head()
    assert [head.sequence for head in (first, added, lifted)] == [0, 1, 2]
    assert [head.entries for head in (first, added, lifted)] == [0, 1, 0]
    assert first.census == lifted.census != added.census


def test_affirming_sets_the_term_anew(store: Store) -> None:
    head = store.affirm(NOW + 100, days=2)
    assert head == store.head()
    assert (head.issued_at, head.expires_at) == (NOW + 100, NOW + 100 + 2 * DAY_S)
    assert head.sequence == 1


def test_a_change_by_another_process_is_noticed(tmp_path: Path, store: Store) -> None:
    before = store.revision()
    with opened(tmp_path) as other:
        other.add(person(1), PHOTO, units(1), MODEL)
    assert store.revision() != before
    assert store.entries(NOW) == (person(1),)


def test_a_gallery_that_is_taken_away_or_replaced_is_noticed(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "gallery.db"
    path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(GalleryError, match="removed or replaced"):
        store.revision()
    path.write_bytes(b"")
    with pytest.raises(GalleryError, match="removed or replaced"):
        store.affirm(NOW)


def test_time_never_goes_back(tmp_path: Path, store: Store) -> None:
    assert store._time.floor(NOW + 5000) == NOW + 5000
    assert store._time.floor(NOW) == NOW + 5000
    with opened(tmp_path) as again:
        assert again._time.floor(NOW - 10 * DAY_S) == NOW + 5000


def test_entries_end_on_time_with_a_clock_that_was_set_back(store: Store) -> None:
    store.add(person(1, days=1), PHOTO, units(1), MODEL)
    store._time.floor(NOW + 1.5 * DAY_S)
    assert store.entries(store._time.floor(NOW)) == ()


def test_the_ratchet_spares_the_card(store: Store) -> None:
    store._time.floor(NOW + FLOOR_STEP_S / 2)
    assert store._time.floor(NOW) == NOW


def test_a_clock_that_jumped_ahead_does_not_hold_the_time_past_the_head(store: Store) -> None:
    far = NOW + 70 * 365 * DAY_S
    assert store._time.floor(far) == far
    assert store._time.floor(NOW) == store.head().expires_at
    store.affirm(NOW + 1)
    assert store._time.floor(NOW + 2) == NOW + 2


def test_what_is_over_is_erased_and_the_rest_stays(store: Store) -> None:
    store.add(person(1, days=1), PHOTO, units(1), MODEL)
    store.add(person(2, days=3), PHOTO, units(1), MODEL)
    before = store.head()
    assert store.erase_over(NOW) == 0
    assert store.erase_over(NOW + 2 * DAY_S) == 1
    assert [reference.entry for reference in store.references()] == [person(2, days=3)]
    assert store.head().expires_at == before.expires_at


def test_a_clock_that_jumped_ahead_erases_nothing_past_the_head(store: Store) -> None:
    store.add(person(1, days=60), PHOTO, units(1), MODEL)
    assert store.erase_over(NOW + 1000 * DAY_S) == 0
