"""The lamp on the real pins of an emulated Raspberry Pi, read from outside.

The unit's own services run under the real systemd of an emulated Pi 3B: killed, stopped, hung and
failing for good. Seconds are those of this machine's clock, and all of it is slower than on a Pi.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machines import emulated_pi
from machines.debian_arm64 import cannot, cannot_make
from machines.emulated_pi import emulated_pi as switched_on
from machines.guest import Guest, until
from machines.results import keep
from machines.scope import Scope

pytestmark = [pytest.mark.pi, pytest.mark.timeout(1800)]

NOT_GREEN_S = 2.0
SLOW_S = 240.0
"""What a service may take to start here: a Python of the unit takes 3 s on a Pi, 20 s here."""


@pytest.fixture(scope="module")
def pi() -> Iterator[Guest]:
    """A Pi that is up, the unit installed, nothing of it running."""
    reason = cannot_make() or cannot(emulated_pi.TOOLS)
    if reason:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="pi-") as folder, switched_on(Path(folder)) as on:
        on.wait_for("@@ready", 600)
        yield on


@pytest.fixture
def green(pi: Guest) -> Iterator[Scope]:
    """A door that shows green, and a scope that watches it."""
    pi.shell("systemctl start doorwatch-lamp doorwatch-engine", SLOW_S)
    with Scope(pi) as scope:
        scope.green_comes(SLOW_S)
        yield scope
    pi.shell("rm -f /opt/hangs; systemctl stop 'doorwatch-*'", SLOW_S)
    pi.shell("systemctl reset-failed")


def inject(pi: Guest, what: str, unit: str = "doorwatch-engine") -> float:
    """Do something to a service's main process, and give the moment before."""
    process = pi.shell(f"systemctl show -P MainPID {unit}").strip()
    moment = time.monotonic()
    pi.shell(what.format(process))
    return moment


def restarts(pi: Guest, unit: str) -> int:
    return int(pi.shell(f"systemctl show -P NRestarts {unit}"))


def test_the_chip_is_a_raspberry_pis_and_gpiozero_drives_it(pi: Guest) -> None:
    found = pi.shell("cat /sys/bus/gpio/devices/gpiochip0/of_node/compatible")
    assert "brcm,bcm2835-gpio" in found
    pi.shell("systemctl start doorwatch-lamp", SLOW_S)
    with Scope(pi) as scope:
        since = time.monotonic()
        scope.amber_comes(since, 10)
        time.sleep(3)
        assert scope.pulses(since) == []
    pi.shell("systemctl stop doorwatch-lamp", SLOW_S)


@pytest.mark.parametrize("signal", ["KILL", "STOP"])
def test_an_engine_that_is_gone_takes_green_with_it(pi: Guest, green: Scope, signal: str) -> None:
    moment = inject(pi, f"kill -{signal} {{}}")
    amber_s = green.amber_comes(moment, 10)
    ended_s = green.green_ended(moment)
    keep("pi", f"engine-{signal}", green_ended_s=round(ended_s, 2), amber_s=round(amber_s, 2))
    assert max(ended_s, amber_s) <= NOT_GREEN_S
    green.green_comes(SLOW_S)


def test_a_lamp_keeper_that_is_killed_leaves_no_green_and_comes_back(
    pi: Guest, green: Scope
) -> None:
    moment = inject(pi, "kill -KILL {}", "doorwatch-lamp")
    time.sleep(NOT_GREEN_S)
    ended_s = green.green_ended(moment)
    amber_s = green.amber_comes(moment, SLOW_S)
    keep("pi", "lamp-KILL", green_ended_s=round(ended_s, 2), amber_s=round(amber_s, 2))
    assert ended_s <= NOT_GREEN_S
    green.green_comes(SLOW_S)


def test_a_lamp_keeper_that_stands_still_sends_no_pulse_and_is_replaced(
    pi: Guest, green: Scope
) -> None:
    before = restarts(pi, "doorwatch-lamp")
    moment = inject(pi, "kill -STOP {}", "doorwatch-lamp")
    time.sleep(NOT_GREEN_S)
    ended_s = green.green_ended(moment)
    until(lambda: restarts(pi, "doorwatch-lamp") > before, SLOW_S, "restart by the watchdog")
    replaced_s = time.monotonic() - moment
    keep("pi", "lamp-STOP", green_ended_s=round(ended_s, 2), replaced_s=round(replaced_s, 1))
    assert ended_s <= NOT_GREEN_S
    green.green_comes(SLOW_S)


def test_the_watchdog_replaces_an_engine_that_hangs(pi: Guest, green: Scope) -> None:
    before = restarts(pi, "doorwatch-engine")
    moment = inject(pi, "touch /opt/hangs")
    amber_s = green.amber_comes(moment, 10)
    assert max(green.green_ended(moment), amber_s) <= NOT_GREEN_S
    until(lambda: restarts(pi, "doorwatch-engine") > before, SLOW_S, "restart by the watchdog")
    replaced_s = time.monotonic() - moment
    pi.shell("rm /opt/hangs")
    green.green_comes(SLOW_S)
    keep("pi", "engine-hang", amber_s=round(amber_s, 2), replaced_s=round(replaced_s, 1))


def test_a_storm_of_restarts_ends_in_amber(pi: Guest, green: Scope) -> None:
    moment = inject(pi, "mv /opt/engine.py /opt/gone.py; kill -KILL {}")
    amber_s = green.amber_comes(moment, 10)
    up = "systemctl is-active doorwatch-safe"
    until(lambda: pi.shell(up, check=False).strip() == "active", 400, "safe state")
    given_up_s = time.monotonic() - moment
    safe = time.monotonic()
    green.amber_comes(safe, 30)
    time.sleep(5)
    ended_s = green.green_ended(moment)
    tries = restarts(pi, "doorwatch-engine")
    pi.shell("mv /opt/gone.py /opt/engine.py; systemctl stop 'doorwatch-again@*'")
    keep("pi", "storm", amber_s=round(amber_s, 2), given_up_s=round(given_up_s), restarts=tries)
    assert max(ended_s, amber_s) <= NOT_GREEN_S
