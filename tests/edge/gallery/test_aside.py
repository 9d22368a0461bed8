"""What a newer version wrote before it went back keeps nobody whom the list has forgotten."""

import os
import time
from pathlib import Path

import pytest

from edge.gallery.aside import KEPT_S, aside_of
from edge.gallery.database import DatabaseFile
from edge.gallery.layout import GALLERY
from edge.gallery.listfile import ListFile
from edge.gallery.rotation import rotate
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a list, with what a newer version of Doorwatch left beside it."""
    path = tmp_path / "gallery.db"
    DatabaseFile(path, GALLERY).close()
    aside_of(path).write_bytes(b"somebody" * 10_000)
    return path


def change(file: DatabaseFile) -> None:
    with file.change() as database:
        database.execute("PRAGMA user_version")


def test_an_erasure_overwrites_and_removes_it(path: Path) -> None:
    file, beside = DatabaseFile(path, GALLERY), aside_of(path)
    change(file)
    assert beside.exists()
    kept = path.with_name("same-bytes")
    kept.hardlink_to(beside)
    assert file.forget_log()
    file.close()
    assert not beside.exists()
    assert set(kept.read_bytes()) == {0}


def test_an_erasure_removes_it_also_after_the_clock_was_put_back(path: Path) -> None:
    file, beside = DatabaseFile(path, GALLERY), aside_of(path)
    now = time.time()
    os.utime(beside, (now, now + 3600))
    change(file)
    assert beside.exists()
    assert file.forget_log()
    file.close()
    assert not beside.exists()


def test_what_sqlite_left_beside_it_goes_along(path: Path) -> None:
    log = path.with_name(f"{aside_of(path).name}-wal")
    log.write_bytes(b"somebody")
    file = DatabaseFile(path, GALLERY)
    assert file.forget_log()
    file.close()
    assert [one.name for one in path.parent.iterdir()] == ["gallery.db"]


def test_a_week_is_the_longest_that_it_stays(path: Path) -> None:
    file, beside = DatabaseFile(path, GALLERY), aside_of(path)
    now = time.time()
    os.utime(beside, (now, now - KEPT_S + 3600))
    change(file)
    assert beside.exists()
    os.utime(beside, (now, now - KEPT_S - 1))
    change(file)
    assert not beside.exists()
    file.close()


def test_a_new_data_key_leaves_nothing_that_the_old_one_opens(tmp_path: Path) -> None:
    provider = KeyFile(tmp_path / "gallery.key")
    file = ListFile(tmp_path / "gallery.db", provider, 1_800_000_000.0, 0.0)
    aside_of(file.path).write_bytes(b"under the old key")
    GalleryShelf(file)
    assert aside_of(file.path).exists(), "an open list is no erasure"
    rotate(file, [provider.kek()])
    file.close()
    assert not aside_of(tmp_path / "gallery.db").exists()


def test_one_that_cannot_be_removed_is_no_erasure_yet(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = DatabaseFile(path, GALLERY)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _refused)
        assert not file.forget_log()
        change(file)
    assert file.forget_log()
    file.close()


def test_a_link_in_its_place_leads_nowhere(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"of somebody else")
    aside_of(path).unlink()
    aside_of(path).symlink_to(other)
    file = DatabaseFile(path, GALLERY)
    assert file.forget_log()
    file.close()
    assert not aside_of(path).is_symlink()
    assert other.read_bytes() == b"of somebody else"


def test_the_switch_and_the_list_speak_of_the_same_file() -> None:
    switch = Path(__file__).parents[3] / "deploy" / "switch" / "databases.py"
    assert '"{database.name}.newer"' in switch.read_text(encoding="utf-8")
    assert aside_of(Path("/x/gallery.db")) == Path("/x/gallery.db.newer")


def _refused(*_: object, **__: object) -> None:
    raise PermissionError
