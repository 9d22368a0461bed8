"""An installed unit in its real sandboxes tells how it is, and keeps an opened box in mind."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from machines.box import Box
from machines.installing import SETTINGS, wait_until_screening

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

ASK = (
    "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/metrics').read().decode())"
)
MORE = "tamper = 26\n[page]\nmetrics = true\n"
"""A switch on a pin in memory, which nothing holds low: the box reads as open."""


def state(box: Box) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(box.said(["doorwatch", "status", "--json"]))["state"]
    return found


def soon(
    box: Box, holds: Callable[[dict[str, Any]], bool], within_s: float = 30.0
) -> dict[str, Any]:
    until = time.monotonic() + within_s
    while True:
        done = box.run(["doorwatch", "status", "--json"], check=False)
        if done.returncode == 0 and holds(found := json.loads(done.stdout)["state"]):
            return found
        assert time.monotonic() < until, done.stdout + done.stderr
        time.sleep(0.5)


def test_a_unit_tells_how_its_machine_is_from_inside_its_sandbox(installed: Box) -> None:
    installed.write("/etc/doorwatch/doorwatch.toml", SETTINGS + "[page]\nmetrics = true\n")
    installed.boot()
    wait_until_screening(installed)
    machine = soon(installed, lambda found: found["machine"]["clock"] != "")["machine"]
    assert machine["free_bytes"] > 0
    assert machine["read_only"] is False
    assert machine["accelerator"] == "cpu"
    assert machine["opened_at"] is None
    figures = installed.said(["python3", "-c", ASK])
    assert "doorwatch_screening 1.0" in figures
    assert 'doorwatch_fault{fault="opened"} 0.0' in figures
    assert "doorwatch_free_bytes" in figures


def test_an_opened_box_stays_a_fault_over_a_power_cut_until_it_is_closed(installed: Box) -> None:
    installed.write("/etc/doorwatch/doorwatch.toml", SETTINGS + MORE)
    installed.boot()
    opened = soon(installed, lambda found: found["machine"]["opened_at"] is not None)
    assert any("box was opened" in sentence for sentence in opened["faults"])
    assert installed.run("test -e /var/lib/doorwatch/box-opened", check=False).returncode == 0
    installed.run("printf 271828 | doorwatch set-pin --manager")
    refused = installed.run("printf 271828 | doorwatch box-closed", check=False)
    assert "the box is open: close it" in refused.stderr

    installed.cut()
    installed.write("/etc/doorwatch/doorwatch.toml", SETTINGS)  # as if the switch were closed
    installed.boot()
    kept = soon(installed, lambda found: found["machine"]["opened_at"] is not None)
    assert kept["machine"]["opened_at"] == pytest.approx(opened["machine"]["opened_at"], abs=2)

    installed.run("printf 271828 | doorwatch box-closed")
    soon(installed, lambda found: not any("box" in sentence for sentence in found["faults"]))
