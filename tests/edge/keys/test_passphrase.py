"""A key that a passphrase closes."""

from pathlib import Path

import pytest

from edge.errors import KeyProviderError
from edge.keys.passphrase import PassphraseKey

PHRASE = "many words of the bench"


@pytest.fixture
def phrase(tmp_path: Path) -> Path:
    path = tmp_path / "phrase"
    path.write_text(PHRASE + "\r\nand a line that does not count\n")
    return path


def test_a_key_opens_by_its_passphrase_alone(tmp_path: Path, phrase: Path) -> None:
    path = tmp_path / "gallery.passphrase"
    key = PassphraseKey(path, phrase).provision()
    assert len(key) == 32
    assert PassphraseKey(path, phrase).kek() == key
    assert key not in path.read_bytes()
    phrase.write_text("many words of the desk\n")
    with pytest.raises(KeyProviderError, match="the passphrase does not open"):
        PassphraseKey(path, phrase).kek()


def test_it_is_asked_for_once_where_somebody_can_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or PHRASE)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    provider = PassphraseKey(tmp_path / "gallery.passphrase")
    assert provider.provision() == provider.kek() == provider.kek()
    assert len(asked) == 1


def test_where_nobody_can_be_asked_it_is_said_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(KeyProviderError, match=r"keys\.passphrase_file"):
        PassphraseKey(tmp_path / "gallery.passphrase").provision()


def test_a_file_with_the_passphrase_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "gallery.passphrase"
    with pytest.raises(KeyProviderError, match="cannot read the passphrase file"):
        PassphraseKey(path, tmp_path / "missing").provision()
    (tmp_path / "short").write_text("short\n")
    with pytest.raises(KeyProviderError, match="too short"):
        PassphraseKey(path, tmp_path / "short").provision()
    assert not path.exists()
