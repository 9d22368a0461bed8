"""The unit's key on the command line."""

import json
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.config import Config
from edge.gallery.rotation import begin
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from edge.syncing.moving import opened_gallery
from simulator.shelf_samples import entry_id, putting, trusted

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a unit with a list."""
    config = tmp_path / "doorwatch.toml"
    phrase = tmp_path / "phrase"
    phrase.write_text("a phrase of the bench\n")
    config.write_text(
        f'[paths]\nstate = "{tmp_path}/state"\n[keys]\npassphrase_file = "{phrase}"\n'
    )
    monkeypatch.setenv("DOORWATCH_CONFIG", str(config))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return tmp_path / "state"


def listed(state: Path) -> None:
    with GalleryShelf.open(state / "gallery.db", KeyFile(state / "gallery.key")) as shelf:
        shelf.join(trusted())
        shelf.commit(putting(shelf.trusted(), range(4)))


def told(capsys: Capsys, *words: str) -> str:
    assert main(["key", *words]) == 0
    return capsys.readouterr().out


def test_it_is_shown_where_the_key_lies_and_what_that_protects(state: Path, capsys: Capsys) -> None:
    assert "there is no list yet" in told(capsys, "show")
    listed(state)
    said = told(capsys, "show")
    assert "gallery.key" in said
    assert "nothing, if it is stolen with the list" in said
    seen = json.loads(told(capsys, "show", "--json"))
    assert (seen["way"], seen["opens"], seen["rotating"], seen["also"]) == ("file", True, False, [])


def test_a_key_that_opens_nothing_is_shown_as_such(state: Path, capsys: Capsys) -> None:
    listed(state)
    (state / "gallery.key").write_text("00" * 32)
    said = told(capsys, "show")
    assert "no: the key does not open this gallery" in said


def test_the_key_moves_behind_a_passphrase(state: Path, capsys: Capsys) -> None:
    listed(state)
    said = told(capsys, "move", "--to", "passphrase")
    assert f"lies in {state}/gallery.passphrase" in said
    assert f"The one in {state}/gallery.key was destroyed" in said
    assert not (state / "gallery.key").exists()
    assert "passphrase" in told(capsys, "show")
    assert main(["list"]) == 0


def test_a_move_against_the_configuration_is_refused(state: Path, capsys: Capsys) -> None:
    listed(state)
    config = state.parent / "doorwatch.toml"
    config.write_text(config.read_text() + 'provider = "file"\n')
    assert main(["key", "move", "--to", "passphrase"]) == 2
    assert "make it 'auto' first" in capsys.readouterr().err
    assert (state / "gallery.key").exists()


def test_a_new_data_key_is_made_and_one_that_was_begun_is_shown_and_ended(
    state: Path, capsys: Capsys
) -> None:
    assert main(["key", "rotate"]) == 1
    assert "there is no gallery" in capsys.readouterr().err
    listed(state)
    provider = KeyFile(state / "gallery.key")
    with opened_gallery(Config.load().places(), provider) as file:
        begin(file, [provider.kek()])
    assert "run doorwatch key rotate to end it" in told(capsys, "show")
    assert "17 records were sealed again" in told(capsys, "rotate")
    assert "being replaced" not in told(capsys, "show")
    with GalleryShelf.open(state / "gallery.db", provider) as shelf:
        assert set(shelf.held()) == {entry_id(n) for n in range(4)}


def test_records_that_do_not_open_are_told(state: Path, capsys: Capsys) -> None:
    listed(state)
    provider = KeyFile(state / "gallery.key")
    with opened_gallery(Config.load().places(), provider) as file, file.change() as database:
        database.execute("UPDATE leaf SET sealed = zeroblob(284)")
    assert "4 records do not open" in told(capsys, "rotate")
