"""Key files of people: closed by their passphrase, and each trouble told in one line."""

from pathlib import Path

import pytest

from sync import seal
from sync.errors import KeyFileError
from sync.keyfile import make_key_file, open_key_file, public_key_of

PASSPHRASE = "correct horse ünïcode"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, seal.SigningKey]:
    path = tmp_path_factory.mktemp("keys") / "sub" / "venue.key"
    return path, make_key_file(path, PASSPHRASE)


def test_a_key_comes_back_with_its_passphrase(made: tuple[Path, seal.SigningKey]) -> None:
    path, key = made
    opened = open_key_file(path, PASSPHRASE)
    assert opened.public == key.public == public_key_of(path)
    assert seal.verify(key.public, b"put", opened.sign(b"put"))


def test_a_wrong_passphrase_is_one_clear_line(made: tuple[Path, seal.SigningKey]) -> None:
    path, _ = made
    for wrong in ("", PASSPHRASE + " ", PASSPHRASE.upper()):
        with pytest.raises(KeyFileError, match="passphrase does not open") as problem:
            open_key_file(path, wrong)
        assert "\n" not in str(problem.value)


def test_nobody_else_can_read_it_and_the_secret_is_not_in_it(
    made: tuple[Path, seal.SigningKey],
) -> None:
    path, key = made
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.seed not in path.read_bytes()
    assert key.seed.hex().encode() not in path.read_bytes()


def test_a_key_is_never_overwritten(made: tuple[Path, seal.SigningKey]) -> None:
    path, key = made
    with pytest.raises(KeyFileError, match="never overwritten"):
        make_key_file(path, PASSPHRASE)
    assert public_key_of(path) == key.public


def test_a_short_passphrase_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="too short"):
        make_key_file(tmp_path / "key", "short")
    assert not (tmp_path / "key").exists()


def test_a_file_that_is_open_to_others_is_refused(
    made: tuple[Path, seal.SigningKey], tmp_path: Path
) -> None:
    copy = tmp_path / "key"
    copy.write_bytes(made[0].read_bytes())
    copy.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        open_key_file(copy, PASSPHRASE)


def test_a_missing_file_and_an_unwritable_place_are_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="no key file"):
        public_key_of(tmp_path / "none")
    with pytest.raises(KeyFileError, match="cannot read"):
        public_key_of(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="cannot write"):
        make_key_file(tmp_path / "file" / "key", PASSPHRASE)


def test_a_file_with_any_byte_changed_gives_no_key(
    made: tuple[Path, seal.SigningKey], tmp_path: Path
) -> None:
    content = made[0].read_bytes()
    place = tmp_path / "key"
    place.touch(0o600)
    refused = 0
    for at in range(0, len(content), 11):  # each try costs a stretching of the passphrase
        changed = bytearray(content)
        changed[at] ^= 1
        place.write_bytes(bytes(changed))
        with pytest.raises(KeyFileError):
            open_key_file(place, PASSPHRASE)
        refused += 1
    assert refused > 15


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"doorwatch key 1\n\n\n", b"x" * 5000])
def test_another_file_is_no_key_file(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "key"
    place.touch(0o600)
    place.write_bytes(content)
    with pytest.raises(KeyFileError, match="is no key file"):
        public_key_of(place)
