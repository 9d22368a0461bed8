"""The services of systemd: how much of the machine each of them can reach."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "systemd"
MOST = {
    "again@": 1.0,
    "broker-again": 1.0,
    "engine": 0.5,
    "firstboot": 1.5,
    "hub": 1.2,
    "hub-backup": 0.5,
    "hub-web": 1.2,
    "lamp": 0.5,
    "page": 1.2,
    "safe@": 0.5,
    "settle": 1.5,
    "sync": 1.2,
    "trial": 1.5,
}
"""Exposure by ``systemd-analyze security``; its own time service has 2.3, mosquitto's 9.6."""

MOST_MOSQUITTO = 1.5
LASTING = ("engine", "lamp", "page", "sync", "hub", "hub-web", "safe@")
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="apt-get install systemd"
)


def exposure(service: Path) -> float:
    """Give what systemd counts, from 0 (reaches nothing) to 10."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(service)],
        capture_output=True,
        text=True,
        check=True,
    )
    (found,) = re.findall(r"Overall exposure level .*: ([\d.]+)", done.stdout)
    return float(found)


def lines(name: str) -> list[str]:
    return (SYSTEMD / f"doorwatch-{name}.service").read_text(encoding="utf-8").splitlines()


def values(name: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in lines(name) if line.startswith(f"{key}=")]


def test_every_service_has_its_bound() -> None:
    there = {path.name for path in SYSTEMD.glob("*.service")}
    assert {f"doorwatch-{name}.service" for name in MOST} == there


@needs_systemd
@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_a_service_reaches_little_of_the_machine(name: str, most: float) -> None:
    assert exposure(SYSTEMD / f"doorwatch-{name}.service") <= most


@needs_systemd
def test_a_broker_of_its_own_reaches_little_with_the_drop_in(tmp_path: Path) -> None:
    drop_in = (ROOT / "deploy/mosquitto-hardening.conf").read_text(encoding="utf-8")
    service = tmp_path / "mosquitto.service"
    service.write_text(f"{drop_in}\n[Unit]\nDescription=as Debian starts it, with the drop-in\n")
    assert exposure(service) <= MOST_MOSQUITTO


@pytest.mark.parametrize("name", LASTING)
def test_a_service_that_lasts_says_when_it_is_ready_and_that_it_lives(name: str) -> None:
    assert values(name, "Type") == ["notify"]
    assert values(name, "Restart") == ["always"]
    (seconds,) = values(name, "WatchdogSec")
    assert int(seconds) <= (10 if name in {"engine", "lamp", "safe@"} else 60)


@pytest.mark.parametrize("name", LASTING)
def test_a_storm_of_starts_ends_and_is_tried_again_after_a_pause(name: str) -> None:
    if name == "safe@":  # what a storm ends in has no end of its own
        assert values(name, "StartLimitIntervalSec") == ["0"]
        return
    assert values(name, "StartLimitBurst") == ["20"]
    (instead,) = values(name, "OnFailure")
    assert "doorwatch-again@%N.service" in instead
    assert ("doorwatch-safe@%N.service" in instead) == (name in {"engine", "lamp"})


def test_each_process_of_a_unit_is_a_user_that_sysusers_makes() -> None:
    made = re.findall(r"^u (\S+)", (ROOT / "deploy/sysusers.conf").read_text(), re.MULTILINE)
    users = [values(name, "User")[0] for name in ("engine", "lamp", "page", "sync")]
    assert users == made
    assert values("safe@", "User") == values("lamp", "User")  # both own the pins, in turn


def test_every_folder_that_a_service_writes_is_made_before() -> None:
    made = re.findall(r"^d (\S+)", (ROOT / "deploy/tmpfiles.conf").read_text(), re.MULTILINE)
    for name in ("engine", "lamp", "page", "sync", "safe@"):
        written = " ".join(values(name, "ReadWritePaths")).split()
        assert set(written) <= set(made), name
        assert not values(name, "StateDirectory"), "it would change the owner from start to start"


@pytest.mark.parametrize("name", MOST)
def test_the_system_is_read_only_for_every_service(name: str) -> None:
    assert values(name, "ProtectSystem") == ["strict"]
    assert "/run" in " ".join(values(name, "ReadOnlyPaths")).split()  # see the units: a trap


@pytest.mark.parametrize("name", LASTING)
def test_what_may_be_written_may_not_be_executed(name: str) -> None:
    writable = " ".join(values(name, "ReadWritePaths")).split()
    writable += [f"/var/lib/{folder}" for folder in values(name, "StateDirectory")]
    forbidden = " ".join(values(name, "NoExecPaths")).split()
    assert set(forbidden) == {*writable, "/tmp"}  # noqa: S108 - a service has its own


def test_the_key_comes_from_systemd_to_those_alone_who_open_the_list() -> None:
    given = {name for name in LASTING if values(name, "LoadCredentialEncrypted")}
    assert given == {"engine", "sync", "hub", "hub-web"}


def test_the_sync_process_sees_no_camera_and_no_pins() -> None:
    assert {"PrivateDevices=yes", "DevicePolicy=closed"} <= set(lines("sync"))
    assert not values("sync", "DeviceAllow")
    assert values("sync", "SupplementaryGroups") == ["doorwatch-list doorwatch-door"]
