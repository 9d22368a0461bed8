"""doorwatch-switch under a real systemd, with versions so small that a switch takes a second.

What an installed unit does in minutes (`test_install.py`) is done here twenty times over: the real
switch and its two services, as root, on a list of another user's, and cuts at any moment.
"""

import json
import random
import time
import zipapp
from pathlib import Path
from typing import Any

import pytest

from machines import results
from machines.box import Box
from machines.conftest import Boxes

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
OPT, STATE = "/opt/doorwatch", "/var/lib/doorwatch"
CUTS = 20

UNIT = f"""
[Unit]
StartLimitIntervalSec=0
[Service]
Type=notify
User=doorwatch
ExecStart=/usr/bin/python3 -I {OPT}/current/engine.py
Restart=always
RestartSec=0.2
WatchdogSec=10
TimeoutStartSec=300
[Install]
WantedBy=multi-user.target
"""
ENGINE = f"""
import os, socket, sqlite3, time
KIND, TABLES = {{kind!r}}, {{tables}}
def say(words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(words, os.environ["NOTIFY_SOCKET"])
database = sqlite3.connect("{STATE}/gallery.db")
if database.execute("PRAGMA user_version").fetchone()[0] > TABLES:
    raise SystemExit("made by a newer version")
database.execute(f"PRAGMA user_version={{{{TABLES}}}}")
database.commit()
if KIND == "raises":
    raise SystemExit("broken on purpose")
if KIND == "hangs":
    time.sleep(3600)
say(b"READY=1\\nSTATUS=" + (b"no camera" if KIND == "blind" else b"screening"))
while True:
    say(b"WATCHDOG=1")
    time.sleep(0.2)
"""


@pytest.fixture
def machine(boxes: Boxes, tmp_path: Path) -> Box:
    """Give a machine with version 1 of the tables in force, and a list."""
    box = boxes()
    zipapp.create_archive(
        ROOT / "deploy" / "switch", tmp_path / "switch", interpreter="/usr/bin/python3 -I"
    )
    box.copy_in(tmp_path / "switch", f"{OPT}/bin/doorwatch-switch")
    box.path(f"{OPT}/bin/doorwatch-switch").chmod(0o755)
    for name in ("settle", "trial"):
        unit = f"doorwatch-{name}.service"
        box.copy_in(ROOT / "systemd" / unit, f"/etc/systemd/system/{unit}")
    box.write("/etc/sysusers.d/doorwatch.conf", "u doorwatch -\ng doorwatch-list -\n")
    version(box, "1.0-aaaaaaaa", tables=1)
    box.boot()
    box.run("systemd-sysusers")
    box.run(f"install -d -m 2771 -g doorwatch-list {STATE}; usermod -aG doorwatch-list doorwatch")
    made = "CREATE TABLE record (seq INTEGER PRIMARY KEY)"
    box.run(
        f"runuser -u doorwatch -- python3 -c \"import sqlite3; d = sqlite3.connect('{STATE}/"
        f"gallery.db'); d.execute('PRAGMA journal_mode=WAL'); d.execute('{made}'); d.commit()\""
    )
    service = "doorwatch-engine.service"
    box.path(f"/etc/systemd/system/{service}").symlink_to(f"{OPT}/current/{service}")
    wants = "/etc/systemd/system/multi-user.target.wants"
    for unit in (service, "doorwatch-settle.service", "doorwatch-trial.service"):
        box.run(f"ln -sfn ../{unit} {wants}/{unit}")
    box.run(f"{OPT}/bin/doorwatch-switch to 1.0-aaaaaaaa")
    box.run("systemctl start doorwatch-engine")
    return box


def version(box: Box, name: str, kind: str = "works", tables: int = 1) -> str:
    """Lay a version into the box."""
    folder = f"{OPT}/versions/{name}"
    box.write(f"{folder}/engine.py", ENGINE.format(kind=kind, tables=tables))
    box.write(f"{folder}/doorwatch-engine.service", UNIT)
    box.write(f"{folder}/complete", "")
    return name


def hasten(box: Box) -> None:
    """Let a version prove itself in ten seconds instead of ninety."""
    drop_in = "/etc/systemd/system/doorwatch-trial.service.d/soon.conf"
    box.write(drop_in, "[Service]\nEnvironment=DOORWATCH_TRIAL_S=10\n")
    box.run("systemctl daemon-reload")


def settled(box: Box, within_s: float = 130.0) -> dict[str, Any]:
    """Wait until nothing is on trial and nothing of it is left; the copies go last of all."""
    until_s = time.monotonic() + within_s
    while box.path(f"{OPT}/trial.json").exists() or any(box.path(STATE).glob("*before*")):
        assert time.monotonic() < until_s, box.journal()[-4000:]
        time.sleep(0.1)
    told: dict[str, Any] = json.loads(box.said(f"{OPT}/bin/doorwatch-switch show"))
    return told


def tables(box: Box) -> int:
    """Check the list from outside, and give the version of its tables."""
    reading = (
        "import sqlite3; d = sqlite3.connect('" + STATE + "/gallery.db'); "
        "print(d.execute('PRAGMA integrity_check').fetchone()[0], "
        "d.execute('PRAGMA user_version').fetchone()[0])"
    )
    check, number = box.said(["runuser", "-u", "doorwatch", "--", "python3", "-c", reading]).split()
    assert check == "ok"
    return int(number)


def works(box: Box, within_s: float = 20.0) -> None:
    """Wait until the engine says that it screens."""
    until_s = time.monotonic() + within_s
    ask = "systemctl show --property=StatusText --value doorwatch-engine"
    while box.said(ask) != "screening":
        assert time.monotonic() < until_s, box.journal()[-4000:]
        time.sleep(0.1)


@pytest.mark.parametrize("kind", ["raises", "blind", "hangs"])
def test_a_version_that_does_no_work_is_back_within_two_minutes(machine: Box, kind: str) -> None:
    version(machine, "2.0-bbbbbbbb", kind, tables=2)
    works(machine)
    began = time.monotonic()
    machine.run(f"{OPT}/bin/doorwatch-switch to 2.0-bbbbbbbb")
    told = settled(machine)
    works(machine)
    took_s = time.monotonic() - began
    assert took_s <= 120
    assert (told["current"], told["outcome"]["ended"]) == ("1.0-aaaaaaaa", "returned")
    assert tables(machine) == 1
    aside, live = (machine.path(f"{STATE}/gallery.db{end}").stat() for end in (".newer", ""))
    assert (aside.st_mode, aside.st_uid) == (live.st_mode, live.st_uid)
    results.keep("box", f"switch-{kind}", back_s=round(took_s, 1))


def test_a_version_that_works_is_kept_with_its_tables(machine: Box) -> None:
    hasten(machine)
    version(machine, "2.0-bbbbbbbb", tables=2)
    works(machine)
    machine.run(f"{OPT}/bin/doorwatch-switch to 2.0-bbbbbbbb")
    told = settled(machine)
    assert (told["current"], told["previous"]) == ("2.0-bbbbbbbb", "1.0-aaaaaaaa")
    assert told["outcome"]["ended"] == "good"
    assert tables(machine) == 2


def test_cuts_at_any_moment_of_a_switch_end_in_one_whole_version(machine: Box) -> None:
    chance, ended = random.Random(7), dict[str, int]()
    hasten(machine)
    for cut in range(CUTS):
        works(machine)
        kind = "works" if cut % 2 else "raises"
        now = tables(machine)
        newer = version(machine, f"{cut + 2}.0-{cut:08x}", kind, tables=now + 1)
        machine.run(["systemd-run", "--quiet", f"{OPT}/bin/doorwatch-switch", "to", newer])
        time.sleep(chance.uniform(0.05, 2.5))
        machine.cut()
        machine.boot()
        told = settled(machine)
        works(machine)
        took = told["current"] == newer
        assert took <= (kind == "works")
        assert tables(machine) == now + took
        how = (told["outcome"] or {"ended": "not begun"})["ended"]
        ended[how] = ended.get(how, 0) + 1
    results.keep("box", "switch-cuts", cuts=CUTS, ended=ended, manual_steps=0)


def test_the_copy_is_as_closed_as_the_list(machine: Box) -> None:
    version(machine, "2.0-bbbbbbbb", "hangs", tables=2)
    works(machine)
    machine.run(f"chmod 660 {STATE}/gallery.db; {OPT}/bin/doorwatch-switch to 2.0-bbbbbbbb")
    copy, live = (machine.path(f"{STATE}/gallery.db{end}").stat() for end in (".before-switch", ""))
    assert copy.st_mode & 0o777 == 0o660
    assert copy.st_uid == live.st_uid
