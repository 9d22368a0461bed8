"""Only what is a file, and whose it should be, is read from a folder that others write as well."""

import os
from pathlib import Path

import pytest

from edge.plainfile import plain_content


def test_a_file_is_read_as_far_as_was_asked(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"what it holds")
    assert plain_content(tmp_path / "file", 4, os.geteuid()) == b"what"
    with pytest.raises(OSError, match="belongs to another user"):
        plain_content(tmp_path / "file", 4, os.geteuid() + 1)


def test_nothing_else_is_followed_waited_for_or_kept_open(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("link", "pipe", "folder", "none"):
        with pytest.raises(OSError):  # noqa: PT011 - each of them with words of its own
            plain_content(tmp_path / name, 4)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
