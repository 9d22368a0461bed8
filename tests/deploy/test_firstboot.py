"""What somebody laid on the card is used once, destroyed, and answered in words."""

import errno
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.indicator.keeper import Message, Try
from sync.invitation import Invitation

FIRSTBOOT = Path(__file__).parents[2] / "deploy" / "firstboot"
INVITATION = Invitation(b"u" * 8, "hub.test", 8883, b"a" * 32, b"r" * 32, b"s" * 16, 10).text()


@pytest.fixture(scope="module")
def card() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FIRSTBOOT))
        yield importlib.import_module("card")
        sys.modules.pop("card")


def loaded(card: ModuleType) -> ModuleType:
    """Load the program itself, once what it imports can be found."""
    assert card
    spec = importlib.util.spec_from_file_location("firstboot_main", FIRSTBOOT / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    return main


class Unit:
    """A system's folders, a card, and commands that do as they are told."""

    def __init__(self, folder: Path) -> None:
        self.root, self.card, self.commands = folder / "root", folder / "card", folder / "bin"
        for made in (self.card, self.commands, self.root / "opt/doorwatch/current/bin"):
            made.mkdir(parents=True)
        python = self.root / "opt/doorwatch/current/bin/python"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        for name in ("systemctl", "nmcli", "systemd-run", "doorwatch"):
            self.let(name, "exit 0")

    def let(self, command: str, script: str) -> None:
        file = self.commands / command
        file.write_text(f'#!/bin/sh\necho "$@" >>{self.root}/{command}.log\n{script}\n')
        file.chmod(0o755)

    def lay(self, name: str, text: str) -> None:
        (self.card / name).write_text(text)

    def starts(self) -> str:
        """Boot for the first time; gives what the card says afterwards."""
        around = {
            "PATH": f"{self.commands}:/usr/bin:/bin",
            "DOORWATCH_CARD": str(self.card),
            "DOORWATCH_ROOT": str(self.root),
        }
        subprocess.run([sys.executable, "-I", FIRSTBOOT], env=around, check=False, timeout=20)
        return (self.card / "result.txt").read_text().partition("UTC: ")[2].strip()

    def left(self) -> set[str]:
        return {file.name for file in self.card.iterdir()} - {"result.txt"}

    def ran(self, command: str) -> str:
        log = self.root / f"{command}.log"
        return log.read_text() if log.exists() else ""


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path)


def test_an_invitation_is_used_and_destroyed(unit: Unit) -> None:
    unit.lay("invitation.txt", f"{INVITATION[:60]}\r\n{INVITATION[60:]}\r\n")
    unit.let("doorwatch", "cat >$0.given; echo \"This unit is 'Front'\"; echo more")
    assert unit.starts() == "This unit is 'Front'"
    assert unit.left() == set()
    assert (unit.commands / "doorwatch.given").read_text() == f"{INVITATION}\n"
    assert unit.ran("doorwatch") == "join - --yes\n"


def test_an_invitation_that_the_hub_refuses_is_destroyed_and_the_reason_told(unit: Unit) -> None:
    unit.lay("invitation.txt", INVITATION)
    unit.let("doorwatch", "echo 'doorwatch: invitation: it was used already.' >&2; exit 1")
    assert unit.starts() == "it was used already. Ask for a new invitation"
    assert unit.left() == set()


def test_a_unit_that_has_joined_takes_no_invitation_from_a_card(unit: Unit) -> None:
    identity = unit.root / "var/lib/doorwatch/unit/identity"
    identity.parent.mkdir(parents=True)
    identity.touch()
    unit.lay("invitation.txt", INVITATION)
    assert "belongs to a consortium already" in unit.starts()
    assert (unit.left(), unit.ran("doorwatch")) == (set(), "")


def test_settings_are_used_only_if_the_software_takes_them(unit: Unit) -> None:
    unit.lay("doorwatch.toml", "[camera]\nfsp = 20\n")
    assert unit.starts() == (
        "doorwatch.toml is not used: unknown key camera.fsp: did you mean fps?"
    )
    assert not (unit.root / "etc/doorwatch/doorwatch.toml").exists()
    unit.lay("doorwatch.toml", "[camera]\nfps = 20\n")
    assert unit.starts() == "the settings are in force"
    assert (unit.root / "etc/doorwatch/doorwatch.toml").read_text() == "[camera]\nfps = 20\n"
    assert "restart --no-block doorwatch-lamp.service" in unit.ran("systemctl")


def test_a_network_goes_to_networkmanager_closed_to_everybody_else(unit: Unit) -> None:
    folder = unit.root / "etc/NetworkManager/system-connections"
    folder.mkdir(parents=True)
    unit.lay(
        "wifi.txt", "# of the club\nname = Club; Staff\npassword = eight\\eight\ncountry = gb\n"
    )
    assert unit.starts() == "the wireless network is set"
    written = folder / "doorwatch.nmconnection"
    assert written.stat().st_mode & 0o777 == 0o600
    assert "ssid=67;108;117;98;59;32;83;" in written.read_text()
    assert "psk=eight\\\\eight\n" in written.read_text()
    assert "raspi-config nonint do_wifi_country GB\n" in unit.ran("systemd-run")
    assert unit.left() == set()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("invitation.txt", "DW1-", "does not hold one invitation"),
        ("invitation.txt", "DW1" + "-ABCDEFGH" * 200, "longer than 1024 bytes"),
        ("wifi.txt", "name = x\npassword = short\ncountry = GB", "8 to 63 plain characters"),
        ("wifi.txt", "name = x\npassword = long enough\n", "two letters"),
        ("wifi.txt", "name = x\nname = y\n", "line 2"),
        ("wifi.txt", "ssid = x\n", "line 1"),
        ("wifi.txt", "password = long enough\ncountry = GB\n", "1 to 32 characters"),
        ("wifi.txt", "name = a\x07b\ncountry = GB\n", "1 to 32 characters"),
        ("doorwatch.toml", "\udcff", "no plain text"),
    ],
)
def test_what_is_wrong_on_the_card_is_one_line(
    card: ModuleType, tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text, errors="surrogateescape")
    with pytest.raises(card.RefusalError, match=told) as refusal:
        card.read_card(tmp_path)
    assert "\n" not in str(refusal.value)


def test_what_was_destroyed_while_the_power_went_is_no_mistake_of_anybody(
    card: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "wifi.txt").write_bytes(bytes(60))
    assert card.read_card(tmp_path) == card.Card(None, None, None)


def test_nothing_is_destroyed_before_what_was_made_of_it_is_on_the_disk(
    card: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = loaded(card)
    file, kept = tmp_path / "wifi.txt", list[str]()
    file.write_text("secret")
    monkeypatch.setattr(os, "sync", lambda: kept.append(file.read_text()))
    main.destroy(file)
    assert kept == ["secret"]
    assert not file.exists()


@pytest.mark.parametrize("read_only", ["card", "etc"])
def test_on_a_read_only_system_nothing_is_used_and_one_line_says_what_to_do(
    card: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    read_only: str,
) -> None:
    main = loaded(card)
    main.CARD, main.SETTINGS = tmp_path / "card", tmp_path / "etc" / "doorwatch.toml"
    for folder in (main.CARD, main.SETTINGS.parent):
        folder.mkdir()
    file = main.CARD / "doorwatch.toml"
    file.write_text("[camera]\nfps = 20\n")
    monkeypatch.setattr(main.os, "access", lambda path, _: Path(path).name != read_only)
    if read_only == "card":
        monkeypatch.setattr(Path, "write_text", _read_only)
    assert main.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "read-only.sh write systemctl start --wait doorwatch-firstboot" in line
    assert file.exists()
    assert not main.SETTINGS.exists()


def test_a_link_or_a_device_on_the_card_is_not_followed(card: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "invitation.txt").symlink_to("/etc/shadow")
    with pytest.raises(card.RefusalError, match="cannot be read"):
        card.read_card(tmp_path)
    (tmp_path / "invitation.txt").unlink()
    os.mkfifo(tmp_path / "invitation.txt")
    with pytest.raises(card.RefusalError, match="is no file"):
        card.read_card(tmp_path)


@given(text=st.text(max_size=200))
def test_no_network_breaks_out_of_its_file(card: ModuleType, text: str) -> None:
    try:
        wifi = card.wifi_of(text)
    except card.RefusalError:
        return
    assert not set("\r\n") & set(wifi.name + wifi.password)


def test_the_lamp_keeper_knows_the_word_that_the_card_sends() -> None:
    word = b"\x81\xa4type\xa3try"
    assert repr(word)[2:-1] in (FIRSTBOOT / "__main__.py").read_text()
    assert msgspec.msgpack.decode(word, type=Message) == Try()


def _read_only(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")
