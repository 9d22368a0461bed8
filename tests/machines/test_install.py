"""From a plain Debian to a screening unit, from version to version, and back."""

import time
from pathlib import Path

import pytest

from machines import results
from machines.box import Box
from machines.conftest import Boxes
from machines.installing import (
    Change,
    altered,
    broken,
    bundle_for,
    hanging,
    in_force,
    install,
    lay,
    numbered,
    unit_settings,
    wait_until_screening,
)

EVERYTHING = (
    "find /etc /usr/local /opt -path '*/lib/python3*' -prune -o -type l -printf '%p %l\\n' "
    "-o -type f ! -name '.pwd.lock' -exec sha256sum {} + | sort"
)
"""Lists what the installer may have touched, but for the packages in a version."""

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]


@pytest.fixture
def unit(installed: Box) -> Box:
    """Give a unit of version 0.1.0 that screens."""
    installed.boot()
    wait_until_screening(installed)
    return installed


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_a_plain_debian_without_a_network_becomes_a_unit_that_screens(
    boxes: Boxes, bundle: Path, tmp_path: Path, release: str
) -> None:
    bundle = bundle if release == "bookworm" else bundle_for(release, tmp_path)
    box = boxes(release)
    unit_settings(box)
    box.boot()
    began = time.monotonic()
    said = install(box, bundle, "unit")
    took_s = time.monotonic() - began
    assert "fails" not in said
    first_s = wait_until_screening(box)
    before = box.said(EVERYTHING)
    assert "nothing was changed" in install(box, bundle, "unit")
    assert in_force(box) == "0.1.0"
    _all_come_up(box)
    assert box.said(EVERYTHING) == before
    results.keep(
        "box", f"install-{release}", installed_s=round(took_s, 1), screening_s=round(first_s, 1)
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("engine-raises", broken("edge/daemon.py")),
        ("lamp-raises", broken("edge/indicator/keeper.py")),
        ("engine-hangs", hanging("edge/daemon.py")),
    ],
)
def test_a_version_that_does_not_start_goes_back_within_two_minutes(
    unit: Box, bundle: Path, name: str, change: Change
) -> None:
    with altered(bundle, numbered("0.3.0", change)) as worse:
        installer = lay(unit, worse)
    done = unit.run([installer, "unit"], check=False, timeout_s=400)
    if "fails its self-test" in done.stderr:  # it noticed before anything was changed
        assert in_force(unit) == "0.1.0"
        return
    assert "the version before is back" in done.stderr
    switched, ended = _moments(unit)
    assert ended - switched <= 120
    assert in_force(unit) == "0.1.0"
    wait_until_screening(unit)
    assert "0.3.0" in unit.said("doorwatch status")
    again = unit.run([installer, "unit"], check=False, timeout_s=400)
    assert "was tried and went back" in again.stderr
    results.keep("box", f"upgrade-{name}", back_s=round(ended - switched, 1))


def test_cuts_in_the_middle_of_switches_end_in_one_whole_version(unit: Box, bundle: Path) -> None:
    with altered(bundle, numbered("0.2.0")) as newer:
        installer = lay(unit, newer)
    _cut_in_a_switch(unit, f"{installer} unit", 0.0)
    for after_s in (0.4, 3.0):
        here = {file.name for file in unit.path("/opt/doorwatch/versions").iterdir()}
        (other,) = here - {unit.said("basename $(readlink /opt/doorwatch/current)")}
        _cut_in_a_switch(unit, f"/opt/doorwatch/bin/doorwatch-switch to {other}", after_s)


def _cut_in_a_switch(unit: Box, command: str, after_s: float) -> None:
    unit.run(f"systemd-run --quiet {command}")
    trial = unit.path("/opt/doorwatch/trial.json")
    until = time.monotonic() + 300
    while not trial.exists():
        assert time.monotonic() < until, unit.journal()[-3000:]
        time.sleep(0.02)
    time.sleep(after_s)
    unit.cut()
    unit.boot()
    until = time.monotonic() + 120
    while trial.exists() or any(unit.path("/var/lib/doorwatch").glob("*before-switch")):
        assert time.monotonic() < until, unit.journal()[-3000:]
        time.sleep(0.3)
    assert in_force(unit) in {"0.1.0", "0.2.0"}
    wait_until_screening(unit)


def test_a_bundle_that_was_altered_is_refused(unit: Box, bundle: Path) -> None:
    installer = lay(unit, bundle)
    unit.run("echo >> /root/bundle/constraints.txt")
    done = unit.run([installer, "unit"], check=False)
    assert done.stderr == (
        "doorwatch: files of this bundle are missing or altered: copy it again\n"
    )


def test_taking_it_off_leaves_nothing_behind(unit: Box, bundle: Path) -> None:
    install(unit, bundle, "remove", "--purge")
    left = "find / -xdev -name '*doorwatch*' -not -path '/proc/*' -not -path '/root/*'"
    assert not [line for line in unit.said(left).splitlines() if "/journal/" not in line]
    assert not unit.said("getent passwd | grep doorwatch || true")


def _all_come_up(box: Box, within_s: float = 60.0) -> None:
    """Wait until every process of the unit is up; none may have been started twice for it."""
    shown = "systemctl show --property=ActiveState,NRestarts doorwatch-"
    until = time.monotonic() + within_s
    for name in ("lamp", "engine", "page", "sync"):
        while "ActiveState=active" not in (told := box.said(shown + name)).split():
            assert time.monotonic() < until, box.journal(f"doorwatch-{name}")
            time.sleep(0.3)
        assert "NRestarts=0" in told.split(), box.journal(f"doorwatch-{name}")


def _moments(box: Box) -> tuple[float, float]:
    """Tell when systemd began the trial and when it was over, in seconds."""
    box.run("while systemctl show doorwatch-trial | grep -q =activating; do sleep 0.1; done")
    show = "systemctl show --value --property=InactiveExitTimestampMonotonic doorwatch-trial"
    end = "systemctl show --value --property=InactiveEnterTimestampMonotonic doorwatch-trial"
    return int(box.said(show)) / 1e6, int(box.said(end)) / 1e6
