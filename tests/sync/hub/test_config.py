"""The hub's folder and its settings."""

import os
from pathlib import Path

import pytest

from sync.errors import HubError
from sync.hub.config import HubConfig, HubPlaces


def test_settings_are_read_back_as_they_were_written() -> None:
    config = HubConfig(name='The "Six"\n', host="hub.example", port=1, join_port=65535)
    assert HubConfig.parse(config.text(), Path("hub.toml")) == config


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "not valid TOML"),
        ("port = 8883", "name"),
        ("name = 'x'\nport = 0", "port"),
        ("name = 'x'\nprot = 1", "prot"),
    ],
)
def test_settings_that_are_wrong_are_refused_with_the_file_named(text: str, says: str) -> None:
    with pytest.raises(HubError, match=says) as refusal:
        HubConfig.parse(text, Path("hub.toml"))
    assert str(refusal.value).startswith("hub.toml")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("named", "environ", "found"),
    [
        (Path("/a"), {"DOORWATCH_HUB": "/b", "STATE_DIRECTORY": "/c"}, "/a"),
        (None, {"DOORWATCH_HUB": "/b", "STATE_DIRECTORY": "/c"}, "/b"),
        (None, {"STATE_DIRECTORY": "/c:/d"}, "/c"),
    ],
)
def test_the_folder_is_the_one_that_was_named_most_directly(
    named: Path | None, environ: dict[str, str], found: str
) -> None:
    assert HubPlaces.find(named, environ).folder == Path(found)


def test_without_a_word_the_folder_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert HubPlaces.find(None, {}).folder == Path("/var/lib/doorwatch-hub")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    at_home = HubPlaces.find(None, {"XDG_STATE_HOME": "/home/someone/state"})
    assert at_home.folder == Path("/home/someone/state/doorwatch-hub")


def test_a_folder_without_a_hub_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="doorwatch-hub init"):
        HubPlaces(tmp_path).load()
    with pytest.raises(HubError, match="doorwatch-hub init"):
        HubPlaces(tmp_path / "nowhere").load()


def test_somebody_elses_hub_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = HubPlaces(tmp_path)
    places.settings.write_text("name = 'x'")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(HubError, match=f"sudo -u '#{tmp_path.stat().st_uid}'"):
        places.load()


def test_the_folder_is_closed_to_others(tmp_path: Path) -> None:
    places = HubPlaces(tmp_path / "deep" / "hub")
    places.prepare()
    assert places.folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HubError, match="name another with --hub"):
        HubPlaces(tmp_path / "file" / "hub").prepare()


def test_the_key_may_lie_elsewhere(tmp_path: Path) -> None:
    places = HubPlaces(tmp_path)
    assert places.key_file(HubConfig(name="x")) == tmp_path / "hub.key"
    assert places.key_file(HubConfig(name="x", key_file="/mnt/k")) == Path("/mnt/k")
