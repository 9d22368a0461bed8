"""A folder that two users share gives what is made in it to both, and no other folder does."""

from pathlib import Path

import pytest

from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.sharing import file_mode


@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o600), (0o2770, 0o660)])
def test_a_file_follows_the_folder_that_it_is_made_in(
    tmp_path: Path, folder: int, file: int
) -> None:
    tmp_path.chmod(folder)
    assert file_mode(tmp_path) == file


def test_the_list_and_its_log_are_shared_and_the_key_is_not(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    with Store.open(shared / "gallery.db", KeyFile(shared / "gallery.key"), lease_days=7):
        modes = {one.name: one.stat().st_mode & 0o777 for one in shared.iterdir()}
    assert modes.pop("gallery.key") == 0o600
    assert set(modes) >= {"gallery.db", "gallery.db-wal"}
    assert set(modes.values()) == {0o660 & ~_umask()}


def _umask() -> int:
    """Read this process's own, as the kernel shows it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = [one for one in lines if one.startswith("Umask:")]
    return int(line.split()[1], 8)
