"""A hub as services: founded, copied and drilled each morning, brought back on a new machine."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machines import results
from machines.box import Box
from machines.conftest import box_folder
from machines.installing import PHRASE, found_hub
from machines.roots import debian

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

VENUE = "The Nine Lanterns"
COPIES = "/var/backups/doorwatch-hub"


@pytest.fixture(scope="module")
def founded(hub_layer: Path) -> Iterator[Path]:
    """Give what founding a consortium changes of an installed hub, to lay boxes over."""
    folder = box_folder()
    box = Box([hub_layer, debian("bookworm", "mosquitto")], folder)
    try:
        box.boot()
        found_hub(box, VENUE)
        box.run("systemctl is-active doorwatch-hub doorwatch-hub-web doorwatch-hub-backup.timer")
        box.power_off()
        yield folder / "changes"
    finally:
        box.close()


@pytest.fixture
def hub(founded: Path, hub_layer: Path) -> Iterator[Box]:
    box = Box([founded, hub_layer, debian("bookworm", "mosquitto")], box_folder())
    try:
        box.boot()
        yield box
    finally:
        box.close()


def audited(box: Box) -> list[str]:
    return [line["did"] for line in json.loads(box.said("doorwatch-hub audit show --json"))]


def until(box: Box, command: str, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while box.run(command, check=False).returncode:
        assert time.monotonic() < deadline, box.journal()[-4000:]
        time.sleep(0.3)


def test_the_mornings_copy_is_restored_and_compared_within_its_sandbox(hub: Box) -> None:
    began = time.monotonic()
    hub.run("systemctl start doorwatch-hub-backup.service")
    took_s = time.monotonic() - began
    said = hub.journal("doorwatch-hub-backup.service")
    assert "becomes this hub again: record" in said
    assert len(hub.said(["ls", COPIES]).split()) == 1
    assert "drill" in audited(hub)
    assert hub.said("stat --format=%U:%a /var/backups/doorwatch-hub/*") == "doorwatch-hub:700"
    results.keep("box", "hub-drill", seconds=round(took_s, 1))


def test_a_hub_in_its_sandbox_follows_a_new_data_key(hub: Box) -> None:
    until(hub, "journalctl --boot --unit doorwatch-hub --grep code=hub-connected --quiet")
    assert "sealed under a new data key" in hub.said("doorwatch-hub rotate-data-key")
    hub.run(["doorwatch-hub", "unit", "invite", VENUE])  # which the hub has to read
    hub.run("systemctl start doorwatch-hub-backup.service")
    assert "hub-stuck" not in hub.journal("doorwatch-hub.service")


def test_what_the_hub_writes_to_the_journal_has_its_priority_and_names_nobody(hub: Box) -> None:
    until(hub, "journalctl --boot --unit doorwatch-hub --grep code=hub-connected --quiet")
    hub.run("pkill mosquitto")
    until(hub, "journalctl --boot --unit doorwatch-hub --grep code=broker-again --quiet")
    told = hub.said("journalctl --boot --unit doorwatch-hub --output json").splitlines()
    lines = {
        found[1]: line["PRIORITY"]
        for line in map(json.loads, told)
        if (found := re.search(r"code=([\w-]+)", str(line["MESSAGE"])))
    }
    assert (lines["hub-ready"], lines["broker-again"]) == ("6", "4")
    assert VENUE not in hub.journal()
    assert PHRASE not in hub.journal()


def test_a_hub_comes_back_on_a_new_machine_from_a_copy_and_its_key(hub: Box, new_hub: Box) -> None:
    hub.run("systemctl start doorwatch-hub-backup.service")
    (copy,) = hub.path(COPIES).iterdir()
    fresh = new_hub
    fresh.boot()
    began = time.monotonic()
    fresh.copy_in(copy, f"/media/{copy.name}")
    fresh.copy_in(hub.path("/var/lib/doorwatch-hub/hub.key"), "/media/hub.key")
    fresh.run(f"doorwatch-hub restore /media/{copy.name} --key /media/hub.key")
    fresh.run("systemctl restart doorwatch-hub doorwatch-hub-web")
    until(fresh, "journalctl --boot --unit doorwatch-hub --grep code=hub-connected --quiet")
    took_s = time.monotonic() - began
    assert VENUE in fresh.said("doorwatch-hub venue list --json")
    fresh.run("doorwatch-hub audit verify")
    assert fresh.said("sha256sum /var/lib/doorwatch-hub/ca/ca.pem") == hub.said(
        "sha256sum /var/lib/doorwatch-hub/ca/ca.pem"
    )
    fresh.run("systemctl start doorwatch-hub-backup.service")
    results.keep("box", "hub-on-a-new-machine", restored_s=round(took_s, 1))


def test_mosquitto_apart_is_started_anew_when_a_door_joins(hub: Box) -> None:
    share = "/opt/doorwatch/current/share/doorwatch"
    units = "/etc/systemd/system"
    hub.run(
        f"install -D -m 644 {share}/mosquitto-hardening.conf"
        f" {units}/mosquitto.service.d/doorwatch.conf\n"
        f"install -D -m 644 {share}/hub-without-broker.conf"
        f" {units}/doorwatch-hub.service.d/broker.conf\n"
        f"mkdir -p {units}/mosquitto.service.wants\n"
        f"ln -sf ../doorwatch-broker-again.path {units}/mosquitto.service.wants/\n"
        "systemctl daemon-reload\n"
        "systemctl restart doorwatch-hub\n"
        "systemctl restart mosquitto"
    )
    until(hub, "journalctl --boot --unit doorwatch-hub --grep code=hub-connected --quiet")
    ask = "systemctl show --property=InvocationID --value mosquitto"
    before = hub.said(ask)
    told = hub.said(f"doorwatch-hub unit invite '{VENUE}' --json")
    invitation = json.loads(told)["invitation"]
    hub.write("/root/unit.toml", "[paths]\nstate = '/root/unit'\nrun = '/root/unit-run'\n")
    unit = "/opt/doorwatch/current/bin/doorwatch"
    hub.run([unit, "join", invitation, "--config", "/root/unit.toml"])
    until(hub, f'test "$({ask})" != {before}')
    until(hub, "systemctl is-active mosquitto")
    assert hub.said("stat --format=%U /proc/$(pgrep mosquitto)") == "doorwatch-hub"
