"""Passphrases from files, from the environment, from the keyboard."""

import getpass
import io
from pathlib import Path

import pytest

from edge.errors import NotConfirmedError
from sync.errors import HubError, KeyFileError
from sync.hub.cli.asking import Passphrases, confirm


class Terminal(io.StringIO):
    """A person at the keyboard who answers as told."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"passphrase {name}\nsecond line\n")
    return [tmp_path / "one", tmp_path / "two"]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.delenv("DOORWATCH_PASSPHRASE_FILE", raising=False)


def test_one_file_serves_for_all_keys(files: list[Path]) -> None:
    phrases = Passphrases(files[:1])
    assert [phrases.known(f"key {n}") for n in range(4)] == ["passphrase one"] * 4
    assert phrases.fresh("another") == "passphrase one"


def test_several_files_serve_in_the_order_of_the_keys(files: list[Path]) -> None:
    phrases = Passphrases(files)
    assert (phrases.fresh("a"), phrases.known("b")) == ("passphrase one", "passphrase two")
    with pytest.raises(HubError, match="no --passphrase-file left for c"):
        phrases.known("c")


def test_the_environment_may_name_them(files: list[Path]) -> None:
    named = {"DOORWATCH_PASSPHRASE_FILE": f"{files[1]}:{files[0]}"}
    assert Passphrases(None, named).known("a") == "passphrase two"
    assert Passphrases(files[:1], named).known("a") == "passphrase one"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot read"), (b"", "is empty"), (b"\nx", "is empty"), (b"\xff\xfe", "not UTF-8")],
)
def test_a_file_that_is_no_good_is_one_line(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "phrase"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KeyFileError, match=says):
        Passphrases([path]).known("a")


def test_with_nobody_there_the_option_is_named() -> None:
    with pytest.raises(HubError, match="--passphrase-file FILE or DOORWATCH_PASSPHRASE_FILE"):
        Passphrases(None).known("the key")


def test_a_new_passphrase_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["right horse", "right horse", "right horse", "wrong horse", "known"])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda _: next(typed))
    phrases = Passphrases(None)
    assert phrases.fresh("a") == "right horse"
    with pytest.raises(HubError, match="not the same"):
        phrases.fresh("b")
    assert phrases.known("c") == "known"


def test_nobody_says_yes_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm("Sure?", yes=True)
    with pytest.raises(NotConfirmedError, match="--yes"):
        confirm("Sure?", yes=False)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    confirm("Sure?", yes=False)
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    with pytest.raises(NotConfirmedError):
        confirm("Sure?", yes=False)
