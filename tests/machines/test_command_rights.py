"""What a command that the administrator types may do, tried in its place and for real."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest

from machines.box import Box
from machines.conftest import box_folder
from machines.installing import wait_until_screening
from machines.roots import debian

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

PROGRAM = "/opt/doorwatch/current/bin/doorwatch"
PYTHON = "/opt/doorwatch/current/bin/python"
PROBE = """#!/bin/sh
tried() { if sh -c "$2" 2>/dev/null; then echo "$1"; fi; }
tried reads 'cat /root/closed >/dev/null'
tried writes ': >/root/written'
tried changes-the-system ': >/etc/written || : >/usr/bin/written'
tried reads-the-disk 'head -c 1 /dev/disk-of-the-box >/dev/null'
"""
"""Stands where the program does; a shell hands on what the program itself does not."""

UNLOCK = """
import http.client, sys, urllib.parse

def post(path, cookie="", **said):
    asked = http.client.HTTPConnection("127.0.0.1", 8080, timeout=20)
    kind = "application/x-www-form-urlencoded"
    headers = {"Origin": "http://127.0.0.1:8080", "Content-Type": kind, "Cookie": cookie}
    asked.request("POST", path, urllib.parse.urlencode(said), headers)
    return asked.getresponse()

cookie = post("/login", pin=sys.argv[1]).getheader("Set-Cookie", "").partition(";")[0]
print(post("/manager/unlock", cookie, pin=sys.argv[2]).read().decode())
"""
"""Signs in at the page by one PIN, and opens the manager's panel by the other."""


@pytest.fixture(scope="module")
def box(unit_layer: Path) -> Iterator[Box]:
    made = Box([unit_layer, debian("bookworm")], box_folder())
    try:
        made.boot()
        wait_until_screening(made)
        made.write("/root/closed", "secret", 0o600)
        made.run("mknod --mode=600 /dev/disk-of-the-box b 7 0")
        yield made
    finally:
        made.close()


@pytest.fixture
def probe(box: Box) -> Iterator[Box]:
    """Put the probe into the program's place for one test."""
    box.run(f"mv {PROGRAM} {PROGRAM}.kept")
    box.write("/root/probe", PROBE, 0o755)
    box.run(f"install -m 755 /root/probe {PROGRAM}")
    yield box
    box.run(f"mv {PROGRAM}.kept {PROGRAM}")


@pytest.mark.parametrize(
    ("command", "may"),
    [
        ("enrol photo.jpg --reason theft", "reads"),
        ("check photo.jpg", "reads"),
        ("join - --yes", "reads"),
        ("evaluate photos --html /root/page.html", "reads"),
        ("token make", "reads"),
        ("token make --out /root/token", "reads writes"),
    ],
)
def test_a_command_may_read_for_root_and_write_only_where_it_is_told_to(
    probe: Box, command: str, may: str
) -> None:
    assert probe.said(f"doorwatch {command}").split() == may.split()


def test_the_commands_of_every_day_need_no_more(box: Box) -> None:
    picture = io.BytesIO()
    PIL.Image.new("RGB", (640, 480), "grey").save(picture, "PNG")
    box.path("/root/wall.png").write_bytes(picture.getvalue())
    box.run("chmod 600 /root/wall.png")
    refused = box.run("cd /root && doorwatch check wall.png", check=False)
    assert "'wall.png' shows no face" in refused.stderr
    box.run("printf 314159 | doorwatch set-pin; printf 271828 | doorwatch set-pin --manager")
    box.run("doorwatch page-certificate door.local")
    box.run("doorwatch affirm --days 3")
    assert json.loads(box.said("doorwatch list --json")) == []
    assert json.loads(box.said("doorwatch status --json"))["consortium"] is None
    assert box.run("doorwatch self-test", check=False).stderr == ""


def test_a_pin_counts_as_its_own_process_keeps_it_and_as_no_other_lays_it(box: Box) -> None:
    """Sync, which a network reaches, writes the folder in which the engine keeps the manager's."""
    box.write("/srv/unlock.py", UNLOCK)
    ask = f"{PYTHON} /srv/unlock.py 314159 271828"
    box.run("printf 314159 | doorwatch set-pin; printf 271828 | doorwatch set-pin --manager")
    assert json.loads(box.said(ask))["seconds"] > 0
    assert "not the manager's PIN" in box.said(f"{PYTHON} /srv/unlock.py 314159 999999")
    box.run("cd /var/lib/doorwatch && chown doorwatch-sync manager.pin && chmod 644 manager.pin")
    assert "belongs to another user" in box.said(ask)
