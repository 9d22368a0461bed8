"""What a Raspberry Pi's firmware says of its supply and of its own slowing down.

Source: the bits of ``vcgencmd get_throttled`` in the Raspberry Pi documentation. Its kernel gives
the same word in a file that needs no device and no right; a kernel without that file may still
have the sensor ``rpi_volt``, which knows of the supply alone.
"""

from dataclasses import dataclass
from pathlib import Path

DEVICES = Path("/sys/devices/platform")
"""Where the firmware's word lies, below a folder named after the processor."""

SENSORS = Path("/sys/class/hwmon")
"""Where Linux lists its sensors."""

_UNDER_VOLTAGE = 1 << 0
_SLOWED = 1 << 1 | 1 << 2 | 1 << 3  # frequency capped, throttled, soft temperature limit
_BEFORE = 16  # the same bits again, this far up: whether it happened since the machine started


@dataclass(frozen=True, slots=True)
class Firmware:
    """Supply and speed; None is what this machine does not tell.

    Attributes:
        under_voltage: The supply is too weak now.
        under_voltage_before: It was, since the machine was switched on.
        throttled: The processor is slowed down now.
        throttled_before: It was, since then.
    """

    under_voltage: bool | None = None
    under_voltage_before: bool | None = None
    throttled: bool | None = None
    throttled_before: bool | None = None


def read_firmware(devices: Path = DEVICES, sensors: Path = SENSORS) -> Firmware:
    """Read what the firmware says; nothing on any other machine."""
    for file in devices.glob("soc*/*firmware*/get_throttled"):
        try:
            return _decoded(int(file.read_text("ascii"), 16))
        except (OSError, ValueError):
            continue
    return Firmware(under_voltage=_alarm(sensors))


def _decoded(word: int) -> Firmware:
    before = word >> _BEFORE
    return Firmware(
        under_voltage=bool(word & _UNDER_VOLTAGE),
        under_voltage_before=bool(before & _UNDER_VOLTAGE),
        throttled=bool(word & _SLOWED),
        throttled_before=bool(before & _SLOWED),
    )


def _alarm(sensors: Path) -> bool | None:
    """Ask the sensor of the supply alone."""
    for folder in sensors.glob("hwmon*"):
        try:
            if (folder / "name").read_text("ascii").strip() == "rpi_volt":
                return (folder / "in0_lcrit_alarm").read_text("ascii").strip() == "1"
        except (OSError, ValueError):
            continue
    return None
