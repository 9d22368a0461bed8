"""The key file."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge.errors import KeyProviderError
from edge.keys.file import KeyFile


def test_a_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "gallery.key"
    before = os.umask(0)
    try:
        key = KeyFile(path).provision()
    finally:
        os.umask(before)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert KeyFile(path).kek() == KeyFile(path).provision() == key
    assert [file.name for file in path.parent.iterdir()] == ["gallery.key"]


def test_two_keys_differ(tmp_path: Path) -> None:
    assert KeyFile(tmp_path / "a").provision() != KeyFile(tmp_path / "b").provision()


def test_whoever_makes_the_key_at_the_same_time_gets_the_same(tmp_path: Path) -> None:
    path = tmp_path / "gallery.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: KeyFile(path).provision(), range(32)))
    assert len(keys) == 1


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_key_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "gallery.key"
    KeyFile(path).provision()
    path.chmod(mode)
    with pytest.raises(KeyProviderError, match="run chmod 600"):
        KeyFile(path).kek()


@pytest.mark.parametrize("content", [b"", b"\0" * 32, b"ab" * 31, b"ab" * 33, b"xy" * 32, b"\xff"])
def test_a_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gallery.key"
    path.write_bytes(content)
    path.chmod(0o600)
    for ask in (KeyFile(path).kek, KeyFile(path).provision):
        with pytest.raises(KeyProviderError, match="does not hold a key"):
            ask()
    assert path.read_bytes() == content


def test_a_missing_key_is_not_made_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "gallery.key"
    with pytest.raises(KeyProviderError, match="is missing"):
        KeyFile(path).kek()
    assert not path.exists()


def test_a_key_that_cannot_be_read_or_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyProviderError, match="cannot read the key file"):
        KeyFile(tmp_path / "file" / "gallery.key").kek()
    with pytest.raises(KeyProviderError, match="cannot make the key file"):
        KeyFile(tmp_path / "file" / "gallery.key").provision()
