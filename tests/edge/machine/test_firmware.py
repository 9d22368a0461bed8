"""The firmware's word, bit by bit; on a machine without one nothing is made up."""

from pathlib import Path

import pytest

from edge.machine.firmware import Firmware, read_firmware


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    return tmp_path / "platform"


@pytest.fixture
def sensors(tmp_path: Path) -> Path:
    return tmp_path / "hwmon"


def say(devices: Path, word: str, soc: str = "soc/soc:firmware") -> None:
    folder = devices / soc
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "get_throttled").write_text(word)


def sense(sensors: Path, name: str, alarm: str) -> None:
    folder = sensors / "hwmon1"
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "in0_lcrit_alarm").write_text(f"{alarm}\n")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("0\n", (False, False, False, False)),
        ("0x0", (False, False, False, False)),
        ("1", (True, False, False, False)),
        ("50005\n", (True, True, True, True)),
        ("50000", (False, True, False, True)),
        ("2", (False, False, True, False)),
        ("8", (False, False, True, False)),
        ("80000", (False, False, False, True)),
    ],
)
def test_each_bit_says_one_thing(
    devices: Path, sensors: Path, word: str, expected: tuple[bool, ...]
) -> None:
    say(devices, word)
    assert read_firmware(devices, sensors) == Firmware(*expected)


def test_a_pi_5_tells_in_a_folder_of_another_name(devices: Path, sensors: Path) -> None:
    say(devices, "1", "soc@107c000000/soc@107c000000:firmware")
    assert read_firmware(devices, sensors).under_voltage


def test_another_machine_tells_nothing(devices: Path, sensors: Path) -> None:
    assert read_firmware(devices, sensors) == Firmware()


def test_what_cannot_be_read_says_nothing(devices: Path, sensors: Path) -> None:
    say(devices, "no number")
    assert read_firmware(devices, sensors) == Firmware()


@pytest.mark.parametrize(
    ("name", "alarm", "told"),
    [
        ("rpi_volt", "1", Firmware(under_voltage=True)),
        ("rpi_volt", "0", Firmware(under_voltage=False)),
        ("cpu_thermal", "1", Firmware()),
    ],
)
def test_the_supplys_own_sensor_does_for_a_kernel_without_the_file(
    devices: Path, sensors: Path, name: str, alarm: str, told: Firmware
) -> None:
    sense(sensors, name, alarm)
    assert read_firmware(devices, sensors) == told
