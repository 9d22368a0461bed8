"""An emulated Raspberry Pi 3B with Debian's kernel, systemd, and the unit's own services.

Its GPIO chip is real to the kernel, to lgpio and to gpiozero. What the pins do is read outside,
from the registers of the chip, so that nothing inside has to be believed.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from edge.config import Indicator
from machines.debian_arm64 import CHECKOUT, in_memory, root, wheels
from machines.guest import QEMU, Guest, archive, write

TOOLS = {**QEMU, "fdtput": "device-tree-compiler"}
BOARD = "bcm2837-rpi-3-b.dtb"
REVISION = "0xa02082"
"""A Pi 3B: the real one's firmware writes it into the device tree, QEMU does not."""

CLOCK = 0x3F003004
"""The chip's own counter of microseconds."""

GPIO = 0x3F200000
LEVELS = 13
"""Its register with the levels of pins 0 to 31; the first ones hold what each pin is for."""
OUTPUT = 0b001

_HEAVY = ("cv2", "opencv*", "ai_edge_litert*", "numkong*", "pip*", "PIL", "pillow*", "hypothesis*")
_HEAVY += ("numpy*", "cryptography*", "setuptools*", "_pytest", "pi_heif*", "tzdata*")
_MASKED = ("getty.target", "timers.target", "systemd-udev-trigger.service")

_COMMAND = """\
#!/bin/sh
export PYTHONPATH=/opt/doorwatch/current/lib
exec /usr/bin/python3 -c 'import sys; from edge.cli.main import main; sys.exit(main())' "$@"
"""

_GPIO_RULE = """\
SUBSYSTEM=="gpio", GROUP="gpio", MODE="0660"
"""
"""This and its group are as on Raspberry Pi OS."""

_STAND_IN = """\
[Service]
ExecStart=
ExecStart=/usr/bin/python3 /opt/engine.py
Environment=PYTHONPATH=/opt/doorwatch/current/lib
"""
"""Everything else of the engine's service is as installed."""

_SHELL = """\
[Unit]
DefaultDependencies=no
After=basic.target
[Service]
ExecStartPre=udevadm trigger --settle --subsystem-match=gpio --action=add
ExecStart=/usr/bin/python3 /opt/guest_shell.py /dev/ttyAMA0
"""


@dataclass(frozen=True, slots=True)
class Lamps:
    """What the lamps get: True only where a pin is an output that is high.

    A pin that is an input is held low by the pull-down of hardware.md.
    """

    green: bool
    amber: bool
    red: bool
    buzzer: bool


def seconds(pi: Guest) -> float:
    """Read the Pi's clock from outside: its time goes by as it computes, however slowly that is."""
    return pi.words_at(CLOCK, 1)[0] / 1e6


def lamps(pi: Guest) -> Lamps:
    """Read the pins from outside the machine."""
    wiring, registers = Indicator(), pi.words_at(GPIO, LEVELS + 1)
    pins = (wiring.green, wiring.amber, wiring.red, wiring.buzzer)
    return Lamps(*(_is_high_output(registers, pin) for pin in pins))


def _is_high_output(registers: list[int], pin: int) -> bool:
    function = registers[pin // 10] >> (3 * (pin % 10)) & 0b111
    return function == OUTPUT and bool(registers[LEVELS] >> pin & 1)


def emulated_pi(folder: Path) -> Guest:
    """Switch an emulated Pi on, with the unit installed and nothing of it running yet.

    Args:
        folder: Where to put what it boots; a short path.
    """
    system = folder / "system"
    _unit(system)
    archive(system, folder / "unit.cpio")
    with (folder / "memory.cpio").open("wb") as whole:
        for part in (in_memory(), folder / "unit.cpio"):
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
    command = ["qemu-system-aarch64", "-machine", "raspi3b", "-dtb", str(_board(folder))]
    command += ["-kernel", str(root() / "boot/vmlinuz"), "-initrd", str(folder / "memory.cpio")]
    # Half a thousand million instructions a second, as a Pi has, by a clock that waits for them.
    command += ["-accel", "tcg,thread=single", "-icount", "shift=1"]
    words = "console=ttyAMA0 loglevel=3 rootfstype=ramfs rdinit=/lib/systemd/systemd"
    return Guest([*command, "-append", f"{words} systemd.show_status=0"], folder)


def _unit(system: Path) -> None:
    """Lay out what install.sh would: the unit under /opt/doorwatch, services, users, folders."""
    here, current = Path(__file__).parent, system / "opt/doorwatch/current"
    heavy = shutil.ignore_patterns(*_HEAVY, "*.tflite", "*.npz")
    shutil.copytree(wheels(), current / "lib", ignore=heavy)
    for package in ("edge", "sync"):
        shutil.copytree(CHECKOUT / package, current / "lib" / package, ignore=heavy)
    write(current / "bin/doorwatch", _COMMAND, mode=0o755)
    services = system / "etc/systemd/system"
    shutil.copytree(CHECKOUT / "systemd", services)
    for kind in ("sysusers", "tmpfiles"):
        write(system / f"usr/lib/{kind}.d/doorwatch.conf", _deployed(f"{kind}.conf"))
    write(system / "etc/udev/rules.d/60-gpio.rules", _GPIO_RULE)
    write(system / "etc/group", (root() / "etc/group").read_text("utf-8") + "gpio:x:997:\n")
    for name in _MASKED:
        (services / name).symlink_to("/dev/null")
    write(system / "opt/guest_shell.py", (here / "guest_shell.py").read_text("utf-8"))
    write(system / "opt/engine.py", (here / "engine_in_pi.py").read_text("utf-8"))
    write(services / "doorwatch-engine.service.d/stand-in.conf", _STAND_IN)
    write(services / "guest-shell.service", _SHELL)
    (services / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
    wanted = services / "multi-user.target.wants"
    wanted.mkdir()
    (wanted / "guest-shell.service").symlink_to("/etc/systemd/system/guest-shell.service")


def _deployed(name: str) -> str:
    return (CHECKOUT / "deploy" / name).read_text(encoding="utf-8")


def _board(folder: Path) -> Path:
    """Give the device tree as the firmware would pass it on."""
    board = folder / "board.dtb"
    (found,) = root().glob(f"usr/lib/linux-image-*/broadcom/{BOARD}")
    shutil.copyfile(found, board)
    subprocess.run(
        ["fdtput", "-p", "-t", "x", board, "/system", "linux,revision", REVISION], check=True
    )
    subprocess.run(["fdtput", "-r", board, "/soc/serial@7e201000/bluetooth"], check=True)
    return board
