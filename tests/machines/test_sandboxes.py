"""What each process of an installed unit can reach, tried from inside its own sandbox."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from machines import results
from machines.box import Box, BoxError
from machines.conftest import box_folder
from machines.installing import wait_until_screening
from machines.roots import debian

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

PROCESSES = ("engine", "lamp", "page", "sync")
STATE, RUN = "/var/lib/doorwatch", "/run/doorwatch"
NOBODY: set[str] = set()

SECRETS = {
    f"{STATE}/gallery.db": {"engine", "sync"},
    f"{STATE}/manager.pin": {"engine"},
    f"{STATE}/manager.key": {"sync"},
    f"{STATE}/page/pin": {"page"},
    f"{STATE}/page/tls/secret": {"page"},
    f"{STATE}/unit/identity": {"sync"},
    "$CREDENTIALS_DIRECTORY/gallery.key": {"engine", "sync"},
    "/run/credentials/doorwatch-engine.service/gallery.key": {"engine"},
    "/run/credentials/doorwatch-sync.service/gallery.key": {"sync"},
    "/etc/credstore.encrypted/gallery.key": NOBODY,
    "/var/lib/systemd/credential.secret": NOBODY,
    "/etc/shadow": NOBODY,
    "/root/.profile": NOBODY,
}
WRITTEN = {
    STATE: {"engine", "sync"},
    f"{STATE}/unit": {"sync"},
    f"{STATE}/page": NOBODY,
    f"{RUN}/engine": {"engine"},
    f"{RUN}/lamp": {"lamp"},
    f"{RUN}/sync": {"sync"},
    f"{RUN}/safe": NOBODY,
    "/opt/doorwatch": NOBODY,
    "/etc": NOBODY,
    "/var/log": NOBODY,
    "/run": NOBODY,
}
CONNECTED = {
    f"{RUN}/engine/sock": {"page", "sync"},
    f"{RUN}/lamp/sock": {"engine"},
}
"""Whom a process asks; its own socket is not there while the probe stands in its place."""

HOST = "169.254.77.1"
"""Where a datagram could go: the other end of the box's interface."""


@pytest.fixture(scope="module")
def box(unit_layer: Path) -> Iterator[Box]:
    made = Box([unit_layer, debian("bookworm")], box_folder())
    try:
        made.boot()
        wait_until_screening(made)
        _give_secrets(made)
        yield made
    finally:
        made.close()


def _give_secrets(box: Box) -> None:
    box.run("printf 314159 | doorwatch set-pin; printf 271828 | doorwatch set-pin --manager")
    box.run(["doorwatch", "page-certificate", "door.local"])
    for file, owner in (("unit/identity", "doorwatch-sync"), ("manager.key", "doorwatch-sync")):
        box.run(f"install -m 600 -o {owner} /dev/null {STATE}/{file}")
    box.run("mknod --mode=666 /dev/video9 c 81 9; mknod --mode=666 /dev/tty9 c 4 9")
    box.run(f"ip address add {HOST}/24 dev host0; ip link set host0 up")
    box.copy_in(Path(__file__).with_name("sandbox_probe.py"), "/srv/probe.py")


def _probed(box: Box, process: str) -> dict[str, list[str]]:
    """Start the probe in the place of a process, in its sandbox; all others run on."""
    questions = {
        "read": list(SECRETS),
        "write": list(WRITTEN),
        "connect": [path for path in CONNECTED if f"/{process}/" not in path],
        "open": ["/dev/video9", "/dev/tty9", "/dev/null"],
        "send to": [HOST],
        "see": ["1", *(_main_pid(box, other) for other in PROCESSES if other != process)],
        "map executable": [""],
        "unshare": [""],
    }
    unit = f"doorwatch-{process}.service"
    drop_in = f"/run/systemd/system/{unit}.d/probe.conf"
    command = "/opt/doorwatch/current/bin/python /srv/probe.py /srv/questions.json"
    box.write("/srv/questions.json", json.dumps(questions))
    box.run(f"mkdir -p $(dirname {drop_in})")
    instead = f"Type=oneshot\nRestart=no\nExecStart=\nExecStart={command}\n"
    lines = f"[Unit]\nOnFailure=\n[Service]\n{instead}"
    box.run(["sh", "-c", f'printf %s "$1" > {drop_in}', "sh", lines])
    try:
        box.run(f"systemctl daemon-reload; systemctl restart {unit}")
    finally:
        box.run(f"rm {drop_in}; systemctl daemon-reload; systemctl start {unit}")
    (told,) = re.findall(r"PROBE (\{.*\})", box.journal(unit))[-1:]
    answer: dict[str, list[str]] = json.loads(told)
    return answer


def _main_pid(box: Box, process: str) -> str:
    return box.said(f"systemctl show --property=MainPID --value doorwatch-{process}")


@pytest.fixture(scope="module")
def reached(box: Box) -> dict[str, dict[str, list[str]]]:
    return {process: _probed(box, process) for process in PROCESSES}


def _who(reached: dict[str, Any], kind: str, what: str) -> set[str]:
    return {process for process in PROCESSES if what in reached[process][kind]}


def test_the_unit_screens_in_its_sandboxes_each_process_as_its_own_user(box: Box) -> None:
    for process, user in zip(
        PROCESSES,
        ("doorwatch", "doorwatch-lamp", "doorwatch-page", "doorwatch-sync"),
        strict=True,
    ):
        status = box.said(f"cat /proc/{_main_pid(box, process)}/status")
        assert box.said(f"ps -o user:20= -p {_main_pid(box, process)}") == user
        assert re.search(r"^Seccomp:\t2$", status, re.MULTILINE)
        assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
        assert re.search(r"^CapBnd:\t0+$", status, re.MULTILINE)
    time.sleep(5)
    asked = [f"doorwatch-{process}" for process in PROCESSES]
    states = box.said(["systemctl", "show", "--property=ActiveState,NRestarts", *asked])
    assert states.split() == ["NRestarts=0", "ActiveState=active"] * len(PROCESSES)
    assert "FAULT" not in box.said("doorwatch status")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_read_by_whom_it_is_for(reached: dict[str, Any], secret: str) -> None:
    assert _who(reached, "read", secret) == SECRETS[secret]


@pytest.mark.parametrize("folder", WRITTEN)
def test_a_folder_is_written_by_whom_it_is_for(reached: dict[str, Any], folder: str) -> None:
    assert _who(reached, "write", folder) == WRITTEN[folder]


@pytest.mark.parametrize("path", CONNECTED)
def test_a_socket_answers_whom_it_is_for(reached: dict[str, Any], path: str) -> None:
    assert _who(reached, "connect", path) == CONNECTED[path]


def test_engine_and_lamp_keeper_have_no_network_for_real(reached: dict[str, Any]) -> None:
    assert _who(reached, "send to", HOST) == {"page", "sync"}
    assert _who(reached, "interfaces", "host0") == {"page", "sync"}
    assert reached["engine"]["interfaces"] == reached["lamp"]["interfaces"] == ["lo"]


def test_nobody_opens_a_device_that_is_not_his_or_sees_another_process(
    reached: dict[str, Any],
) -> None:
    for process in PROCESSES:
        assert reached[process]["open"] == ["/dev/null"], process
        assert reached[process]["see"] == [], process


def test_nobody_makes_memory_executable_or_a_namespace_of_his_own(reached: dict[str, Any]) -> None:
    for process in PROCESSES:
        assert not reached[process]["map executable"], process
        assert not reached[process]["unshare"], process


def test_what_was_tried_is_kept(reached: dict[str, Any]) -> None:
    asked = len(SECRETS) + len(WRITTEN) + len(CONNECTED)
    results.keep("box", "sandboxes", processes=len(PROCESSES), paths_tried_from_each=asked)


def test_the_probe_fails_loudly_where_it_cannot_ask(box: Box) -> None:
    with pytest.raises(BoxError):
        box.run("/opt/doorwatch/current/bin/python /srv/probe.py /nowhere")
