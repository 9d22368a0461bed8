"""How the machine is, said to somebody who is tired: short, and nothing that is not known."""

from typing import Any

import pytest

from edge.cli.machine import machine_rows
from edge.machine.view import MachineView

UNPROVEN = "nothing has confirmed it since the unit was switched on"
TWO_DAYS_S = 2 * 86_400.0


def said(**about: Any) -> dict[str, str]:
    return dict(machine_rows(MachineView(**about)))


def test_a_machine_that_tells_nothing_has_no_rows() -> None:
    assert machine_rows(MachineView()) == []


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"temperature": 61.4}, "61 °C"),
        ({"temperature": 76.0, "rate_limit": 10.0}, "76 °C; screens at most 10 frames a second"),
    ],
)
def test_warmth_is_said_with_what_follows_from_it(about: dict[str, Any], words: str) -> None:
    assert said(**about) == {"temperature": words}


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"under_voltage": False}, "supply good"),
        (
            {"under_voltage": False, "under_voltage_before": True},
            "supply good now, too weak before, since the start",
        ),
        (
            {"under_voltage": True, "throttled": True},
            "supply TOO WEAK NOW; processor SLOWED DOWN NOW",
        ),
    ],
)
def test_power_is_said_as_it_is_and_as_it_was(about: dict[str, Any], words: str) -> None:
    assert said(**about) == {"power": words}


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"free_bytes": 12_340_000_000, "read_only": False}, "12.3 GB free"),
        ({"free_bytes": 5, "read_only": True}, "READ ONLY"),
        (
            {"free_bytes": 10**9, "wear": 30, "written_bytes": 2 * 10**8, "up_s": TWO_DAYS_S},
            "1.0 GB free, 30 % of the card's life used, 0.2 GB written in 2 days",
        ),
    ],
)
def test_the_disk_is_said_with_its_wear(about: dict[str, Any], words: str) -> None:
    assert said(**about) == {"disk": words}


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"clock": "hub", "clock_off_s": 0.2}, "as the hub told since the unit was switched on"),
        (
            {"clock": "network", "clock_off_s": 7200.0},
            "kept by the network; the machine's own is 2 hours ahead",
        ),
        (
            {"clock": "unproven", "clock_off_s": -300.0},
            f"{UNPROVEN}; the machine's own is 5 minutes behind",
        ),
    ],
)
def test_the_clock_is_said_with_what_it_is_worth(about: dict[str, Any], words: str) -> None:
    assert said(**about) == {"clock": words}


def test_the_networks_are_said_with_what_runs_them() -> None:
    told = said(accelerator="edgetpu", runtime="tflite_runtime")
    assert told == {"networks": "on the Edge TPU, by tflite_runtime"}
