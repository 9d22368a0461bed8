"""A unit that was never started joins by what lies on its card."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from machines import results
from machines.box import Box
from machines.installing import SETTINGS, found_hub, install, unit_settings, wait_until_screening

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

CARD = "/boot/firmware/doorwatch"


@pytest.fixture
def machine(new_hub: Box, bundle: Path) -> Box:
    """Give a unit beside a hub that has founded a consortium."""
    box = new_hub
    unit_settings(box)
    box.write("/etc/doorwatch/doorwatch.toml", "")
    box.write("/etc/hosts", "127.0.0.1 localhost\n")
    box.boot()
    install(box, bundle, "unit")
    found_hub(box, "Nine", "localhost")
    return box


def test_settings_and_invitation_on_the_card_make_a_member_that_screens(machine: Box) -> None:
    invited = json.loads(machine.said("doorwatch-hub unit invite Nine --json"))["invitation"]
    wanted = "/etc/systemd/system/multi-user.target.wants"
    machine.run(f"rm {wanted}/doorwatch-hub*")  # as where there is no network yet
    machine.write(f"{CARD}/invitation.txt", f"{invited}\r\n")
    machine.write(f"{CARD}/doorwatch.toml", SETTINGS)
    machine.cut()
    machine.boot()
    _until_told(machine, "not joined yet, trying on")
    assert machine.path(f"{CARD}/invitation.txt").exists()
    machine.run("systemctl start doorwatch-hub")
    began = time.monotonic()
    _until_told(machine, "This unit is")
    took_s = time.monotonic() - began
    assert {file.name for file in machine.path(CARD).iterdir()} == {"result.txt"}
    assert machine.path("/etc/doorwatch/doorwatch.toml").read_text() == SETTINGS
    wait_until_screening(machine, 120)
    assert _consortium(machine)["venue"] == "Nine"
    assert "could not be tried" not in machine.journal("doorwatch-firstboot")
    results.keep("box", "first-boot", joined_after_network_s=round(took_s, 1))

    machine.write(f"{CARD}/invitation.txt", f"{invited}\n")
    machine.run("systemctl start doorwatch-firstboot")
    _until_told(machine, "belongs to a consortium already")


def _consortium(box: Box, within_s: float = 60.0) -> dict[str, Any]:
    """Give what sync says of the consortium, once it answers: the engine may screen before that."""
    deadline = time.monotonic() + within_s
    while True:
        told = json.loads(box.said("doorwatch status --json"))["consortium"]
        if told is not None:
            return dict(told)
        assert time.monotonic() < deadline, box.journal("doorwatch-sync")
        time.sleep(0.5)


def _until_told(box: Box, words: str, within_s: float = 120.0) -> None:
    deadline = time.monotonic() + within_s
    result = box.path(f"{CARD}/result.txt")
    while not (result.exists() and words in result.read_text()):
        assert time.monotonic() < deadline, box.journal("doorwatch-firstboot")
        time.sleep(0.3)
