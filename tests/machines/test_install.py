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


@pytest.fixture(scope="module")
def bundle(box_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_for("bookworm", tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def unit(installed: Box) -> Box:
    """Give a unit of version 0.1.0 that screens."""
    installed.boot()
    wait_until_screening(installed)
    return installed


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_a_plain_debian_without_a_network_becomes_a_unit_that_screens(
    boxes: Boxes, tmp_path: Path, release: str
) -> None:
    bundle = bundle_for(release, tmp_path)
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
    running = "systemctl is-active doorwatch-lamp doorwatch-engine doorwatch-page doorwatch-sync"
    assert set(box.said(running).split()) == {"active"}
    assert box.said(EVERYTHING) == before
    results.keep(
        "box", f"install-{release}", installed_s=round(took_s, 1), screening_s=round(first_s, 1)
    )


def test_a_better_version_is_put_into_force_and_proves_itself(unit: Box, bundle: Path) -> None:
    with altered(bundle, numbered("0.2.0")) as newer:
        began = time.monotonic()
        said = install(unit, newer, "unit")
    assert "0.2.0" in said
    assert "in force and works" in said
    assert in_force(unit) == "0.2.0"
    wait_until_screening(unit)
    results.keep("box", "upgrade-good", seconds=round(time.monotonic() - began, 1))


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
        unit.run(["rm", "-rf", "/root/bundle"])
        unit.copy_in(worse, "/root/bundle")
    done = unit.run(["/root/bundle/install.sh", "unit"], check=False, timeout_s=400)
    if "fails its self-test" in done.stderr:  # it noticed before anything was changed
        assert in_force(unit) == "0.1.0"
        return
    assert "the version before is back" in done.stderr
    switched, ended = _moments(unit)
    assert ended - switched <= 120
    assert in_force(unit) == "0.1.0"
    wait_until_screening(unit)
    assert "0.3.0" in unit.said("doorwatch status")
    again = unit.run(["/root/bundle/install.sh", "unit"], check=False, timeout_s=400)
    assert "was tried and went back" in again.stderr
    results.keep("box", f"upgrade-{name}", back_s=round(ended - switched, 1))


@pytest.mark.parametrize("after_s", [0.0, 0.4, 3.0])
def test_a_cut_in_the_middle_of_a_switch_ends_in_one_whole_version(
    unit: Box, bundle: Path, after_s: float
) -> None:
    with altered(bundle, numbered("0.2.0")) as newer:
        unit.copy_in(newer, "/root/bundle")
    unit.run(["systemd-run", "--quiet", "/root/bundle/install.sh", "unit"])
    trial = unit.path("/opt/doorwatch/trial.json")
    until = time.monotonic() + 300
    while not trial.exists():
        assert time.monotonic() < until, unit.journal()[-3000:]
        time.sleep(0.02)
    time.sleep(after_s)
    unit.cut()
    unit.boot()
    until = time.monotonic() + 120
    while trial.exists():
        assert time.monotonic() < until, unit.journal()[-3000:]
        time.sleep(0.3)
    assert in_force(unit) in {"0.1.0", "0.2.0"}
    wait_until_screening(unit)
    assert not unit.said("ls /var/lib/doorwatch/*before-switch 2>/dev/null || true")


def test_a_bundle_that_was_altered_is_refused(unit: Box, bundle: Path) -> None:
    unit.copy_in(bundle, "/root/bundle")
    unit.run("echo >> /root/bundle/constraints.txt")
    done = unit.run(["/root/bundle/install.sh", "unit"], check=False)
    assert done.stderr == (
        "doorwatch: files of this bundle are missing or altered: copy it again\n"
    )


def test_taking_it_off_leaves_nothing_behind(unit: Box, bundle: Path) -> None:
    install(unit, bundle, "remove", "--purge")
    left = "find / -xdev -name '*doorwatch*' -not -path '/proc/*' -not -path '/root/*'"
    assert not [line for line in unit.said(left).splitlines() if "/journal/" not in line]
    assert not unit.said("getent passwd | grep doorwatch || true")


def _moments(box: Box) -> tuple[float, float]:
    """Tell when systemd began the trial and when it was over, in seconds."""
    show = "systemctl show --value --property=InactiveExitTimestampMonotonic doorwatch-trial"
    end = "systemctl show --value --property=InactiveEnterTimestampMonotonic doorwatch-trial"
    return int(box.said(show)) / 1e6, int(box.said(end)) / 1e6
