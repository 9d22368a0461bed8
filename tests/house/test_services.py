"""The services of systemd: how much of the machine each of them can reach."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
MOST = {"engine": 1.0, "lamp": 1.0, "page": 1.4, "sync": 1.3, "hub": 1.3, "hub-web": 1.3}
"""Exposure by ``systemd-analyze security``; its own time service has 2.3, mosquitto's 9.6."""


def test_every_service_has_its_bound() -> None:
    assert {f"doorwatch-{name}.service" for name in MOST} == {p.name for p in SYSTEMD.iterdir()}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="apt-get install systemd")
@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_a_service_reaches_little_of_the_machine(name: str, most: float) -> None:
    service = SYSTEMD / f"doorwatch-{name}.service"
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(service)],
        capture_output=True,
        text=True,
        check=True,
    )
    (exposure,) = re.findall(r"Overall exposure level .*: ([\d.]+)", done.stdout)
    assert float(exposure) <= most


def test_the_sync_process_sees_no_camera_and_no_pins() -> None:
    lines = (SYSTEMD / "doorwatch-sync.service").read_text().splitlines()
    assert {"PrivateDevices=yes", "DevicePolicy=closed"} <= set(lines)
    assert not [line for line in lines if line.startswith(("DeviceAllow", "Supplementary"))]
