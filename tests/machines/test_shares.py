"""Two of three shares on an installed unit: each process in its sandbox, the hub beside it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machines import results
from machines.box import Box
from machines.conftest import box_folder
from machines.installing import SETTINGS, found_hub, install, wait_until_screening
from machines.roots import debian

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

STATE = "/var/lib/doorwatch"


@pytest.fixture(scope="module")
def member(unit_layer: Path, bundle: Path) -> Iterator[Box]:
    """Give a unit that has joined a hub on the same machine, and keeps nothing of its share."""
    box = Box([unit_layer, debian("bookworm", "mosquitto")], box_folder())
    try:
        box.write("/etc/doorwatch/doorwatch.toml", f"{SETTINGS}\n[keys]\ngrace_hours = 0\n")
        box.boot()
        install(box, bundle, "hub")
        found_hub(box, "Nine")
        invited = json.loads(box.said("doorwatch-hub unit invite Nine --json"))["invitation"]
        box.run(f"doorwatch join {invited}")
        wait_until_screening(box, 120)
        yield box
    finally:
        box.close()


def status(box: Box) -> str:
    return box.said("systemctl show --property=StatusText --value doorwatch-engine")


def until(box: Box, command: str, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while box.run(command, check=False).returncode:
        assert time.monotonic() < deadline, box.journal()[-4000:]
        time.sleep(0.3)


def waits(box: Box) -> str:
    """Give a command that succeeds while the engine waits for its key."""
    return "doorwatch status --json | grep -q 'The list is locked until the hub'"


def test_the_key_reaches_the_engine_through_both_sandboxes_and_stays_nowhere(member: Box) -> None:
    code = member.said("doorwatch token make").split()[0]
    assert code.startswith("DWT1-")
    member.write("/root/stick", f"{code}\n", 0o600)
    began = time.monotonic()
    member.run("systemctl restart doorwatch-engine doorwatch-sync")
    wait_until_screening(member)
    with_hub_s = time.monotonic() - began
    assert member.run(f"test -e {STATE}/gallery.grace", check=False).returncode
    owned = member.said(f"stat --format=%U:%G:%a {STATE}/gallery.pairs")
    assert owned == "doorwatch-sync:doorwatch-list:660"

    member.run("systemctl kill --signal=SIGKILL doorwatch-engine")  # its key dies with it
    time.sleep(0.5)
    wait_until_screening(member)
    results.keep("box", "shares", screening_after_restart_s=round(with_hub_s, 1))


def test_without_the_hub_an_installed_unit_waits_in_amber_for_its_token(member: Box) -> None:
    member.run("systemctl stop doorwatch-hub")
    member.run("systemctl restart doorwatch-engine doorwatch-sync")
    until(member, waits(member))
    assert not status(member).startswith("screening")
    said = member.run("doorwatch unlock --file /etc/hostname", check=False)
    assert said.returncode
    began = time.monotonic()
    until(member, "doorwatch unlock --file /root/stick")
    wait_until_screening(member)
    results.keep("box", "token", screening_s=round(time.monotonic() - began, 1))
    member.run("systemctl start doorwatch-hub")


def test_a_revoked_unit_that_is_switched_on_is_locked(member: Box) -> None:
    (unit,) = json.loads(member.said("doorwatch-hub unit list --json"))
    member.run(f"doorwatch-hub unit revoke {unit['unit_id']} --yes")
    member.run("systemctl restart doorwatch-engine doorwatch-sync")
    until(member, "doorwatch status --json | grep -Eq 'list is locked|has locked this unit'")
    did = [line["did"] for line in json.loads(member.said("doorwatch-hub audit show --json"))]
    assert did[-1] in {"withhold", "destroyed", "revoke"}
    assert not Path(member.root / f"{STATE[1:]}/gallery.grace").exists()
