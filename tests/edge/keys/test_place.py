"""What is overwritten is the file of a key, never what a link in its place leads to."""

from pathlib import Path

import pytest

from edge.errors import KeyProviderError
from edge.keys.place import destroy, give_like, one_at_a_time, replace_for_good


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Give a link that a process of the unit laid where root looks for a key."""
    target = tmp_path / "of-root"
    target.write_text("precious")
    target.chmod(0o600)
    link = tmp_path / "gallery.key"
    link.symlink_to(target)
    return link


def test_a_link_in_the_place_of_a_key_is_not_followed_when_it_is_destroyed(planted: Path) -> None:
    with pytest.raises(KeyProviderError, match="remove it by hand"):
        destroy(planted)
    assert planted.resolve().read_text() == "precious"


def test_nor_when_another_key_takes_its_place(planted: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.write_text("key")
    with pytest.raises(KeyProviderError, match="cannot write"):
        replace_for_good(planted, fresh)
    assert planted.resolve().read_text() == "precious"


def test_nor_is_what_it_leads_to_given_away(planted: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch(0o666)
    with pytest.raises(OSError, match="symbolic links"):
        give_like(planted, other)
    assert planted.resolve().stat().st_mode & 0o777 == 0o600


def test_with_a_key_goes_what_a_power_cut_left_of_its_making(tmp_path: Path) -> None:
    key, draft, other = (tmp_path / name for name in ("a.key", ".a.key.0011", ".b.key.0011"))
    for file in (key, draft, other):
        file.write_text("ab" * 32)
    destroy(key)
    assert list(tmp_path.iterdir()) == [other]


def test_keys_are_changed_by_one_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    for _ in range(2):
        with (
            one_at_a_time(folder),
            pytest.raises(KeyProviderError, match="wait until"),
            one_at_a_time(folder),
        ):
            pass
    (tmp_path / "file").touch()
    with pytest.raises(KeyProviderError, match="cannot work in"), one_at_a_time(tmp_path / "file"):
        pass
