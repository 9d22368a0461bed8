"""The first start of a unit: settings, network and invitation from the card that it booted from.

Run as root by doorwatch-firstboot.service. In the folder ``doorwatch`` of the card's boot
partition, which any computer can write, there may lie invitation.txt, wifi.txt and doorwatch.toml.
Each is used once and destroyed; result.txt beside them says how it went, as lamps can't.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from card import Card, RefusalError, Wifi, read_card

CARD = Path(os.environ.get("DOORWATCH_CARD", "/boot/firmware/doorwatch"))
ROOT = Path(os.environ.get("DOORWATCH_ROOT", "/"))
"""Where the system's own files are; another folder in a test."""

SETTINGS = ROOT / "etc/doorwatch/doorwatch.toml"
CONNECTION = ROOT / "etc/NetworkManager/system-connections/doorwatch.nmconnection"
IDENTITY = ROOT / "var/lib/doorwatch/unit/identity"
PYTHON = ROOT / "opt/doorwatch/current/bin/python"
READ_ONLY = "/opt/doorwatch/current/share/doorwatch/read-only.sh"
LAMP = ROOT / "run/doorwatch/lamp/sock"

UNITS = tuple(f"doorwatch-{name}.service" for name in ("lamp", "engine", "page", "sync"))

OUTSIDE = ("systemd-run", "--quiet", "--wait", "--collect")
"""Before a command that has to run outside of this service's sandbox."""

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
"""Seconds between two attempts to join while there is no network."""

TRY_LAMPS = b"\x81\xa4type\xa3try"
"""What the lamp keeper takes for a pressed test button: every lamp once. MessagePack."""

_CHECK = """
import sys, pathlib, edge.config
edge.config.Config.load(pathlib.Path(sys.argv[1]))
"""


def main() -> int:
    """Do what the card says, and write how it went. Gives an exit status."""
    try:
        card = read_card(CARD)
        refuse_read_only(SETTINGS.parent, CARD)
        if card.settings is not None:
            use_settings(card.settings)
        if card.wifi is not None:
            use_wifi(card.wifi)
        if card.invitation is not None:
            join(card)
    except RefusalError as refusal:
        tell(str(refusal))
        return 1
    except OSError as error:
        tell(f"{error.filename or 'the card'}: {error.strerror}: check the card")
        return 1
    return 0


def refuse_read_only(*folders: Path) -> None:
    """See that what is used can be kept, and destroyed afterwards. Raises: RefusalError."""
    for folder in folders:
        if folder.exists() and not os.access(folder, os.W_OK):
            raise RefusalError(
                f"{folder} is read-only, so nothing on the card is used: sudo {READ_ONLY} write "
                "systemctl start --wait doorwatch-firstboot"
            )


def use_settings(text: str) -> None:
    """Put settings into force that the software in force takes. Raises: RefusalError."""
    draft = SETTINGS.with_name(".doorwatch.toml.new")
    SETTINGS.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o644)
    checked = run([str(PYTHON), "-I", "-c", _CHECK, str(draft)])
    if checked.returncode:
        draft.unlink()
        lines = checked.stderr.strip().splitlines() or ["Error: it cannot be read"]
        why = lines[-1].rpartition("Error: ")[2].replace(f"{draft}: ", "")
        raise RefusalError(f"doorwatch.toml is not used: {why}")
    draft.replace(SETTINGS)
    destroy(CARD / "doorwatch.toml")
    run(["systemctl", "restart", "--no-block", *UNITS])
    tell("the settings are in force")


def use_wifi(wifi: Wifi) -> None:
    """Give the network to NetworkManager, which keeps it. Raises: RefusalError."""
    if not CONNECTION.parent.is_dir():
        raise RefusalError("wifi.txt is not used, there is no NetworkManager: use Raspberry Pi OS")
    # The radio is blocked until a country is set; that takes more than this service may.
    run([*OUTSIDE, "raspi-config", "nonint", "do_wifi_country", wifi.country])
    descriptor = os.open(CONNECTION, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(connection_of(wifi))
    run(["nmcli", "connection", "reload"])
    run(["nmcli", "connection", "up", "doorwatch"])
    destroy(CARD / "wifi.txt")
    tell("the wireless network is set")


def connection_of(wifi: Wifi) -> str:
    """Write a network as NetworkManager's own file; the name as bytes, so that any name fits."""
    ssid = "".join(f"{byte};" for byte in wifi.name.encode())
    password = wifi.password.replace("\\", "\\\\")
    secured = f"[wifi-security]\nkey-mgmt=wpa-psk\npsk={password}\n\n" if password else ""
    return (
        f"[connection]\nid=doorwatch\nuuid={uuid4()}\ntype=wifi\n\n[wifi]\nmode=infrastructure\n"
        f"ssid={ssid}\n\n{secured}[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n"
    )


def join(card: Card) -> None:
    """Join the consortium; tries until there is a network. Raises: RefusalError."""
    file = CARD / "invitation.txt"
    if IDENTITY.exists():
        destroy(file)
        raise RefusalError("this unit belongs to a consortium already: the invitation was not used")
    for pause_s in pauses():
        done = run(["doorwatch", "join", "-", "--yes"], given=f"{card.invitation}\n")
        if done.returncode == 0:
            break
        why = refusal_in(done.stderr)
        if why.startswith("invitation:"):
            destroy(file)
            raise RefusalError(f"{why.removeprefix('invitation: ')} Ask for a new invitation")
        tell(f"not joined yet, trying on: {why}")
        time.sleep(pause_s)
    destroy(file)
    tell(done.stdout.strip().splitlines()[0])
    show_lamps()


def refusal_in(said: str) -> str:
    """Find the one line of a refusal in what a command said on standard error."""
    lines = [line for line in said.splitlines() if line.strip()]
    ours = [line for line in lines if line.startswith("doorwatch: ")]
    return (ours or lines or ["the command gave no reason"])[-1].removeprefix("doorwatch: ")


def pauses() -> Iterator[float]:
    """Give the seconds between attempts, ever longer."""
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s
        pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)


def destroy(file: Path) -> None:
    """Write over a file and remove it; what was in it works once only, but need not lie about.

    What was made of it is on the disk first: a power cut leaves the one or the other.
    """
    os.sync()
    with file.open("r+b") as content:
        content.write(b"\0" * file.stat().st_size)
        content.flush()
        os.fsync(content.fileno())
    file.unlink()


def tell(words: str) -> None:
    """Write a line to result.txt, for whoever puts the card into a computer, and to the log."""
    sys.stderr.write(f"{words}\n")
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    with contextlib.suppress(OSError):  # a card that cannot be written: the log says it
        (CARD / "result.txt").write_text(f"{moment} UTC: {words}\r\n", encoding="utf-8")
    os.sync()


def show_lamps() -> None:
    """Light every lamp once: it has joined."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as lamp:
        lamp.settimeout(1.0)
        try:
            lamp.sendto(TRY_LAMPS, str(LAMP))
        except OSError as error:
            sys.stderr.write(f"the lamps could not be tried: {error.strerror}\n")


def run(command: list[str], given: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a command; one that is not there fails like one that says no."""
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True, input=given)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


if __name__ == "__main__":
    sys.exit(main())
