"""The grace ends when it should, whatever a clock says."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import GalleryError
from edge.keys.file import KeyFile
from edge.keys.grace import HOUR_MS, LOOK_MS, Grace, GraceFile, remove_file, replace_file

NOW_MS = 1_800_000_000_000
moments = st.integers(0, 2 * NOW_MS)


@pytest.fixture
def device(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "device.key")
    made.provision()
    return made


@given(moments, moments, moments, st.floats(0, 744))
def test_a_clock_that_is_set_back_wins_nothing(
    heard: int, floor: int, wall: int, hours: float
) -> None:
    grace = Grace(b"", heard, floor)
    assert grace.left_ms(wall, hours) <= grace.left_ms(0, hours)
    assert grace.left_ms(0, hours) == heard + round(hours * HOUR_MS) - floor


@given(st.lists(st.tuples(moments, st.booleans()), max_size=8))
def test_neither_time_goes_back(told: list[tuple[int, bool]]) -> None:
    grace = Grace(b"", NOW_MS, NOW_MS)
    for now_ms, hub in told:
        after = grace.seen(now_ms, hub=hub)
        assert after.floor_ms >= max(grace.floor_ms, now_ms + LOOK_MS)
        assert after.heard_ms >= grace.heard_ms
        assert hub or after.heard_ms == grace.heard_ms
        grace = after


def test_it_comes_back_from_its_file_and_stands_there_sealed(
    tmp_path: Path, device: KeyFile
) -> None:
    file, grace = GraceFile(tmp_path / "gallery.grace", device), Grace(b"\x07" * 32, NOW_MS, NOW_MS)
    assert file.load() is None
    file.keep(grace)
    assert file.load() == grace
    content = (tmp_path / "gallery.grace").read_bytes()
    assert grace.share[:8] not in content
    assert stat.S_IMODE((tmp_path / "gallery.grace").stat().st_mode) == 0o600
    file.forget()
    assert file.load() is None


def test_what_another_device_sealed_or_somebody_changed_is_none(
    tmp_path: Path, device: KeyFile
) -> None:
    path, other = tmp_path / "gallery.grace", KeyFile(tmp_path / "other.key")
    other.provision()
    GraceFile(path, other).keep(Grace(bytes(32), NOW_MS, NOW_MS))
    assert GraceFile(path, device).load() is None
    path.write_bytes(b"")
    assert GraceFile(path, device).load() is None


def test_in_a_folder_that_a_group_shares_the_group_may_read_it(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    if not shared.stat().st_mode & stat.S_ISGID:
        pytest.skip("this file system keeps no setgid bit")
    before = os.umask(0o077)
    try:
        replace_file(shared / "file", b"content")
    finally:
        os.umask(before)
    assert stat.S_IMODE((shared / "file").stat().st_mode) == 0o660


def test_a_disk_that_does_not_write_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match=r"cannot write .*make room"):
        replace_file(tmp_path / "missing" / "file", b"content")
    with pytest.raises(GalleryError, match="cannot remove"):
        remove_file(tmp_path / "missing" / "file")
    (tmp_path / "folder").mkdir()
    with pytest.raises(GalleryError, match="cannot write"):
        replace_file(tmp_path / "folder", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_with_a_share_goes_what_a_power_cut_left_of_its_keeping(tmp_path: Path) -> None:
    file = GraceFile(tmp_path / "grace", KeyFile(tmp_path / "key"))
    (tmp_path / ".grace.00112233").touch()
    file.forget()
    assert list(tmp_path.iterdir()) == []
