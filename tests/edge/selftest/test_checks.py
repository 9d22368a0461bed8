"""The self-test looks at everything, and a check that fails stops no other."""

from pathlib import Path

import pytest

from edge.cli.main import main
from edge.config import Config
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.selftest.checks import Finding, SelfTest


def findings(folder: Path, text: str = "") -> dict[str, Finding]:
    settings = Config.parse(f'[paths]\nstate = "{folder}"\n{text}', folder / "doorwatch.toml")
    found = SelfTest(settings, settings.places({})).findings()
    return {one.check: one for one in found if one.check != "networks"}


def test_a_fresh_machine_passes(tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert all(one.passed for one in found.values())
    assert found["list"].words == "none yet"


def test_the_list_is_opened_as_a_copy_and_left_as_it_is(tmp_path: Path) -> None:
    gallery = tmp_path / "gallery.db"
    Store.open(gallery, KeyFile(tmp_path / "gallery.key")).close()
    before = gallery.read_bytes()
    assert findings(tmp_path)["list"].words == "0 entries, change 0, opened as a copy"
    assert gallery.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"gallery.db", "gallery.key"}


def test_a_list_of_a_newer_version_fails_with_one_line(tmp_path: Path) -> None:
    gallery = tmp_path / "gallery.db"
    with Store.open(gallery, KeyFile(tmp_path / "gallery.key")) as store:
        store._file._db.execute("PRAGMA user_version=99")
    found = findings(tmp_path)
    assert not found["list"].passed
    assert "made by a newer Doorwatch" in found["list"].words
    assert found["pins"].passed


def test_a_list_without_its_key_fails(tmp_path: Path) -> None:
    Store.open(tmp_path / "gallery.db", KeyFile(tmp_path / "gallery.key")).close()
    (tmp_path / "gallery.key").unlink()
    assert not findings(tmp_path)["list"].passed


def test_pins_that_are_asked_for_and_not_there_fail(tmp_path: Path) -> None:
    if list(Path("/dev").glob("gpiochip*")):
        pytest.skip("this machine has pins")
    found = findings(tmp_path, '[indicator]\npins = "gpio"\n')
    assert not found["pins"].passed


def test_the_command_prints_what_holds_and_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SelfTest, "_networks", lambda _: "told apart")
    settings = tmp_path / "doorwatch.toml"
    settings.write_text(f'[paths]\nstate = "{tmp_path}"\n')
    assert main(["self-test", "--config", str(settings)]) == 0
    assert "holds" in capsys.readouterr().out
    settings.write_text(f'[paths]\nstate = "{tmp_path}"\n[camera]\nsource = "nonsense"\n')
    assert main(["self-test", "--json", "--config", str(settings)]) == 1
    assert '"check":"settings","passed":false' in capsys.readouterr().out
