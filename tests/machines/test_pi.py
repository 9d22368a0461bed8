"""The lamp on the real pins of an emulated Raspberry Pi, read from outside.

The unit's own services run under the real systemd of an emulated Pi 3B: killed, stopped, hung and
failing for good. Seconds are those of the Pi's own clock.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from machines import emulated_pi
from machines.debian_arm64 import cannot, cannot_make
from machines.emulated_pi import emulated_pi as switched_on
from machines.emulated_pi import seconds
from machines.guest import Guest, until
from machines.results import keep
from machines.scope import PATIENCE_S, Scope

pytestmark = [pytest.mark.pi, pytest.mark.timeout(7200)]

NOT_GREEN_S = 2.0


@pytest.fixture(scope="module")
def pi() -> Iterator[Guest]:
    """A Pi that is up, the unit installed, nothing of it running."""
    reason = cannot_make() or cannot(emulated_pi.TOOLS)
    if reason:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="pi-") as folder, switched_on(Path(folder)) as on:
        on.wait_for("@@ready", PATIENCE_S)
        yield on


@pytest.fixture
def green(pi: Guest) -> Iterator[Scope]:
    """A door that shows green, and a scope that watches it."""
    pi.shell("systemctl start doorwatch-lamp doorwatch-engine", PATIENCE_S)
    with Scope(pi) as scope:
        scope.green_comes()
        yield scope
    pi.shell("rm -f /opt/hangs; systemctl stop 'doorwatch-*'", PATIENCE_S)
    pi.shell("systemctl reset-failed")


def inject(pi: Guest, green: Scope, what: str, unit: str = "doorwatch-engine") -> float:
    """Do something to a service's main process under a green, and give the moment before."""
    process = pi.shell(f"systemctl show -P MainPID {unit}").strip()
    green.green_comes()
    moment = seconds(pi)
    pi.shell(what.format(process))
    return moment


def restarts(pi: Guest, unit: str) -> int:
    return int(pi.shell(f"systemctl show -P NRestarts {unit}"))


def test_the_chip_is_a_raspberry_pis_and_gpiozero_drives_it(pi: Guest) -> None:
    found = pi.shell("cat /sys/bus/gpio/devices/gpiochip0/of_node/compatible")
    assert "brcm,bcm2835-gpio" in found
    pi.shell("systemctl start doorwatch-lamp", PATIENCE_S)
    with Scope(pi) as scope:
        since = scope.now
        scope.fault_comes(since)
        scope.wait(3)
        assert scope.pulses(since) == []
    keep("pi", "pins", chip=found.strip("\0"))
    pi.shell("systemctl stop doorwatch-lamp", PATIENCE_S)


@pytest.mark.parametrize("signal", ["KILL", "STOP"])
def test_an_engine_that_is_gone_takes_green_with_it(pi: Guest, green: Scope, signal: str) -> None:
    moment = inject(pi, green, f"kill -{signal} {{}}")
    green.wait(NOT_GREEN_S)
    ended_s = green.green_ended(moment)
    fault_s = green.fault_comes(moment)
    keep("pi", f"engine-{signal}", green_ended_s=round(ended_s, 2), fault_s=round(fault_s, 2))
    assert max(ended_s, fault_s) <= NOT_GREEN_S
    green.green_comes()


def test_a_lamp_keeper_that_is_killed_leaves_no_green_and_comes_back(
    pi: Guest, green: Scope
) -> None:
    moment = inject(pi, green, "kill -KILL {}", "doorwatch-lamp")
    green.wait(NOT_GREEN_S)
    ended_s = green.green_ended(moment)
    green.green_comes()
    back_s = green.now - moment
    keep("pi", "lamp-KILL", green_ended_s=round(ended_s, 2), back_s=round(back_s, 1))
    assert ended_s <= NOT_GREEN_S


def test_a_lamp_keeper_that_stands_still_sends_no_pulse_and_is_replaced(
    pi: Guest, green: Scope
) -> None:
    before = restarts(pi, "doorwatch-lamp")
    moment = inject(pi, green, "kill -STOP {}", "doorwatch-lamp")
    green.wait(NOT_GREEN_S)
    ended_s = green.pulses_ended(moment)
    until(lambda: restarts(pi, "doorwatch-lamp") > before, PATIENCE_S, "restart by the watchdog")
    replaced_s = green.now - moment
    keep("pi", "lamp-STOP", pulses_ended_s=round(ended_s, 2), replaced_s=round(replaced_s, 1))
    assert ended_s <= NOT_GREEN_S
    green.green_comes()


def test_the_watchdog_replaces_an_engine_that_hangs(pi: Guest, green: Scope) -> None:
    before = restarts(pi, "doorwatch-engine")
    moment = inject(pi, green, "touch /opt/hangs")
    green.wait(NOT_GREEN_S)
    ended_s = green.green_ended(moment)
    fault_s = green.fault_comes(moment)
    assert max(ended_s, fault_s) <= NOT_GREEN_S
    until(lambda: restarts(pi, "doorwatch-engine") > before, PATIENCE_S, "restart by the watchdog")
    replaced_s = green.now - moment
    pi.shell("rm /opt/hangs")
    green.green_comes()
    figures = {"green_ended_s": round(ended_s, 2), "fault_s": round(fault_s, 2)}
    keep("pi", "engine-hang", **figures, replaced_s=round(replaced_s, 1))


def test_a_storm_of_restarts_ends_in_amber(pi: Guest, green: Scope) -> None:
    moment = inject(pi, green, "mv /opt/engine.py /opt/gone.py; kill -KILL {}")
    fault_s = green.fault_comes(moment)
    up = "systemctl is-active doorwatch-safe@doorwatch-engine"
    until(lambda: pi.shell(up, check=False).strip() == "active", PATIENCE_S, "safe state")
    given_up_s = green.now - moment
    safe = green.now
    green.fault_comes(safe)
    green.wait(5)
    ended_s = green.green_ended(moment)
    tries = restarts(pi, "doorwatch-engine")
    pi.shell("mv /opt/gone.py /opt/engine.py; systemctl stop 'doorwatch-again@*'")
    figures = {"green_ended_s": round(ended_s, 2), "fault_s": round(fault_s, 2)}
    keep("pi", "storm", **figures, given_up_s=round(given_up_s), restarts=tries)
    assert max(ended_s, fault_s) <= NOT_GREEN_S
