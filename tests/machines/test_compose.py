"""The hub in containers, as hub.md has it, with a door of another machine's: make test-compose."""

import contextlib
import hashlib
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
import yaml

from consortium import until
from machines import results
from machines.compose import IMAGE, PORTS, ComposeError, Desk, commands, why_not
from machines.installing import draw_wall, numbered

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
SECTION = "In containers"
PAGES = f"https://localhost:{PORTS[0]}"
NORTH, SOUTH = "/desk/north.key", "/desk/south.key"
VOLUME = "/var/lib/doorwatch-hub"
FIRST = "$(cat /proc/1/task/1/children)"
"""The hub itself: init's only child."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Found a consortium of two venues in containers, by what the document says."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    made = Desk(tmp_path_factory.mktemp("compose"))
    try:
        export, build, *founding = commands(SECTION)[0]
        made.types(export)
        build_s = timed(made, build)
        made.types("docker compose up --detach")  # too early, as people do
        until(lambda: made.compose("logs", "hub").count("make one with doorwatch-hub init"), 30)
        for line in founding:
            made.types(line)
        healthy_s = made.healthy()
        results.keep(
            "compose", "founding", build_s=round(build_s, 1), healthy_s=round(healthy_s, 1),
            image_mb=image_mb(), docker=version(made),
        )  # fmt: skip
        yield made
    finally:
        made.clear()


@pytest.fixture(scope="module")
def people(desk: Desk) -> dict[str, str]:
    """Type the commands of every day; what each said, by its last words."""
    return {line.split("hub ", 1)[1]: desk.types(line) for line in commands(SECTION)[1]}


@pytest.fixture(scope="module")
def door(
    desk: Desk, people: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator["OutsideDoor"]:
    """Let a unit join that runs outside of the containers."""
    desk.with_desk("venue", "key", SOUTH)
    officers = [f"--officer /desk/officers/officer-{number}.key" for number in (1, 3)]
    desk.with_desk("venue", "add", "'South Club'", "--key", SOUTH, *officers)
    (said,) = (said for line, said in people.items() if "unit invite" in line)
    (invitation,) = re.findall(r"DW1-[0-9A-Z-]+", said)
    with OutsideDoor(tmp_path_factory.mktemp("door")).running(invitation) as joined:
        yield joined


class OutsideDoor:
    """A unit on this machine: its processes, as ``doorwatch run`` starts them."""

    def __init__(self, folder: Path) -> None:
        draw_wall(folder / "clip.mp4")
        self._config = folder / "unit.toml"
        self._config.write_text(
            f'[paths]\nstate = "{folder}/state"\nrun = "{folder}/run"\n'
            f'[camera]\nsource = "video:{folder}/clip.mp4"\nloop = true\nfps = 4\n'
            '[vision]\nthreads = 1\n[indicator]\npins = "mock"\n'
        )
        self._log = folder / "log"

    @contextlib.contextmanager
    def running(self, invitation: str) -> Iterator["OutsideDoor"]:
        self.says("join", "-", given=invitation)
        with self._log.open("w") as log:
            process = subprocess.Popen(self._command("run"), cwd=ROOT, stdout=log, stderr=log)
            try:
                yield self
            finally:
                process.terminate()
                process.wait(30)

    def says(self, *words: str, given: str = "") -> str:
        return subprocess.run(
            self._command(*words), cwd=ROOT, input=given, capture_output=True, text=True, check=True
        ).stdout

    def listed(self) -> set[str]:
        return {one["entry_id"] for one in json.loads(self.says("list", "--json"))}

    def _command(self, *words: str) -> list[str]:
        config = ["--config", str(self._config)]
        return [sys.executable, "-m", "edge.cli", *words, *config]


def timed(desk: Desk, line: str) -> float:
    began = time.monotonic()
    desk.types(line)
    return time.monotonic() - began


def image_mb() -> int:
    asked = ["docker", "image", "inspect", "--format", "{{.Size}}", IMAGE]
    return round(int(subprocess.run(asked, capture_output=True, check=True).stdout) / 1e6)


def version(desk: Desk) -> str:
    server = ["docker", "version", "--format", "{{.Server.Version}}"]
    daemon = subprocess.run(server, capture_output=True, text=True, check=True).stdout.strip()
    return f"{daemon}, compose {desk.compose('version', '--short').strip()}"


def inspected(desk: Desk, service: str) -> Any:
    """Give what Docker says of a running container."""
    asked = ["docker", "inspect", desk.compose("ps", "--quiet", service).strip()]
    return json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)[0]


def memory_mib(desk: Desk, service: str) -> int:
    """Give what a container takes now."""
    usage = "cat /sys/fs/cgroup/memory/memory.usage_in_bytes /sys/fs/cgroup/memory.current"
    return round(int(desk.inside(service, f"{usage} 2>/dev/null || true")) / 2**20)


def logged(desk: Desk) -> list[str]:
    """Give every line that hub and pages wrote, in no order."""
    return sorted(desk.compose("logs", "--no-log-prefix", "--no-color").splitlines())


def lost(desk: Desk) -> int:
    """Count how often the hub lost its broker and did not know why."""
    return sum('level=warning event="broker lost"' in line for line in logged(desk))


def unit(desk: Desk) -> Any:
    """Give what the hub knows of its one door."""
    (known,) = json.loads(desk.hub("unit", "list", "--json"))
    return known


def heard(desk: Desk) -> tuple[int, str]:
    """Give when the hub heard of its door last, in milliseconds, and in which state."""
    known = unit(desk)
    return known["heard_ms"], known["state"].partition(";")[0]


def level_again(desk: Desk, before_ms: int) -> None:
    until(lambda: (told := heard(desk))[0] > before_ms and told[1] == "level", 90)


def test_a_container_holds_nothing_that_the_hub_does_not_need(desk: Desk) -> None:
    for service in ("hub", "pages"):
        said = desk.inside(
            service,
            "grep -E '^(Uid|CapBnd|CapEff|NoNewPrivs|Seccomp):' /proc/1/status; ulimit -c;"
            " for file in /x /opt/doorwatch/x /etc/x /usr/bin/x; do touch $file 2>/dev/null"
            " && echo wrote $file; done; cp /bin/true /tmp/x && /tmp/x 2>/dev/null && echo ran;"
            f" stat -c %u:%a {VOLUME} {VOLUME}/hub.key {VOLUME}/hub.db; rm -f /tmp/x",
        )
        fields = dict(line.split(":\t") for line in said.splitlines() if ":\t" in line)
        assert set(fields["Uid"].split()) == {"990"}
        assert {int(fields[name], 16) for name in ("CapBnd", "CapEff")} == {0}
        assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
        assert "wrote" not in said
        assert "ran" not in said
        rest = [line for line in said.splitlines() if ":\t" not in line]
        assert rest == ["0", "990:700", "990:600", "990:600"]


def test_a_container_is_held_to_its_limits_and_knows_this_machines_day(desk: Desk) -> None:
    for service, most in (("hub", 1024), ("pages", 1500)):
        held = inspected(desk, service)["HostConfig"]
        assert (held["ReadonlyRootfs"], held["Privileged"], held["PidsLimit"]) == (True, False, 128)
        assert held["Memory"] == held["MemorySwap"] == most * 2**20  # nothing is swapped out
        told = desk.inside(service, "sha256sum /etc/localtime").split()[0]
        assert told == hashlib.sha256(Path("/etc/localtime").read_bytes()).hexdigest()


def test_a_hub_and_a_broker_that_are_killed_come_back(desk: Desk) -> None:
    ready = "code=hub-ready"
    for victim, sign in (("$(cat broker/mosquitto.pid)", "code=broker-again"), (FIRST, ready)):
        before, began = sum(sign in line for line in logged(desk)), time.monotonic()
        with contextlib.suppress(ComposeError):  # the command dies with the hub
            desk.inside("hub", f"kill -9 {victim}")
        until(lambda: sum(sign in line for line in logged(desk)) > before, 30)  # noqa: B023 - called at once
    results.keep("compose", "killed", hub_ready_again_s=round(time.monotonic() - began, 1))
    desk.healthy()


def test_the_backup_reaches_no_network_and_its_copy_is_drilled(desk: Desk) -> None:
    links = "docker compose run --rm --entrypoint ls backup /sys/class/net"
    assert desk.types(links).split()[-1:] == ["lo"]
    (cron,) = commands(SECTION)[2]
    began = time.monotonic()
    said = desk.types(cron.partition(" && ")[2])
    assert "becomes this hub again: record" in said
    assert "drill" in desk.hub("audit", "show", "--json")
    results.keep("compose", "backup", seconds=round(time.monotonic() - began, 1))


def test_asking_for_health_leaves_no_line_and_finds_a_silent_port(desk: Desk) -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    (_, listens), (_, *asks) = (services[name]["healthcheck"]["test"] for name in ("hub", "pages"))
    before = logged(desk)
    for _ in range(5):
        desk.inside("hub", listens)
        desk.compose("exec", "-T", "pages", *asks)
    assert logged(desk) == before
    for service, check in (("pages", ["sh", "-c", listens]), ("hub", asks)):
        with pytest.raises(ComposeError):  # neither listens on the other's ports
            desk.compose("exec", "-T", service, *check)


def test_somebody_who_was_invited_signs_in_under_the_hubs_own_authority(
    desk: Desk, people: dict[str, str]
) -> None:
    (said,) = (said for line, said in people.items() if "user invite olivia" in line)
    (link,) = re.findall(rf"{PAGES}(/welcome/[0-9a-f]+)", said)
    trusted = ssl.create_default_context(cafile=desk.folder / "pages-ca.pem")
    password = "nine lamps behind the bar"
    with httpx.Client(base_url=PAGES, verify=trusted, headers={"Origin": PAGES}) as browser:
        page = browser.get(link).text
        secret = field(page, "secret")
        chosen = {"password": password, "again": password, "secret": secret}
        code = pyotp.TOTP(secret).at(time.time() - 30)  # the present one signs in
        answer = browser.post(link, data={"csrf": field(page, "csrf"), "code": code, **chosen})
        assert answer.status_code == 200, answer.text
    with httpx.Client(base_url=PAGES, verify=trusted, headers={"Origin": PAGES}) as browser:
        first = {"csrf": field(browser.get("/sign-in").text, "csrf"), "login": "olivia"}
        answer = browser.post("/sign-in", data={**first, "password": password, "then": "/"})
        assert answer.status_code == 303, answer.text
        second = field(browser.get("/sign-in/second").text, "csrf")
        code = pyotp.TOTP(secret).now()
        answer = browser.post("/sign-in/second", data={"csrf": second, "code": code, "then": "/"})
        assert answer.status_code == 303, answer.text
        assert browser.get("/doors").status_code == 200


def field(page: str, name: str) -> str:
    found = re.findall(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return str(found[0])


def test_a_ban_reaches_a_door_outside_and_outlives_restart_and_newer_version(
    desk: Desk, door: OutsideDoor
) -> None:
    (desk.folder / "still.jpg").write_bytes((ROOT / "edge/selftest/first.jpg").read_bytes())
    desk.with_desk(
        "entry add /desk/still.jpg --key", NORTH,
        "--reason violence --incident 2026-11-14 --evidence 'book 212' --until 6m --declared",
    )  # fmt: skip
    (entry,) = json.loads(desk.hub("entry", "list", "--json"))
    losses = lost(desk)
    until(lambda: heard(desk)[1] != "expected", 60)
    said = desk.with_desk("entry approve", entry["entry_id"], "--key", SOUTH, "--yes")
    assert "live on 1 of 1 door" in said, said
    lag_ms = unit(desk)["lag_ms"]
    assert lost(desk) == losses  # what asks for health disturbs nobody
    assert door.listed() == {entry["entry_id"]}

    took_s = {}
    for name, lines in (
        ("restart", ["docker compose restart"]),
        ("down_and_up", ["docker compose down", "docker compose up --detach"]),
        ("newer", newer(desk)),
    ):
        before_ms, began = heard(desk)[0], time.monotonic()
        for line in lines:
            desk.types(line)
        level_again(desk, before_ms)
        took_s[f"{name}_s"] = round(time.monotonic() - began, 1)
        assert [one["entry_id"] for one in json.loads(desk.hub("entry", "list", "--json"))] == [
            entry["entry_id"]
        ]
    desk.healthy()
    assert "0.1.1" in desk.inside("hub", "/opt/doorwatch/current/bin/pip show doorwatch")
    desk.hub("audit", "verify")
    takes = {f"{service}_mib": memory_mib(desk, service) for service in ("hub", "pages")}
    results.keep("compose", "door", ban_at_the_door_ms=lag_ms, **took_s, **takes)


def newer(desk: Desk) -> list[str]:
    """Put another version into the checkout; the commands that bring it in."""
    numbered("0.1.1")(desk.checkout)
    return commands(SECTION)[4]


def test_a_copy_and_its_key_become_the_hub_again_and_the_key_may_lie_elsewhere(
    desk: Desk, door: OutsideDoor
) -> None:
    banned = door.listed()
    desk.types("docker compose run --rm backup")
    desk.types(commands(SECTION)[3][0])
    (*_, newest) = sorted(desk.inside("hub", "ls /var/backups/doorwatch-hub").split())
    before_ms = heard(desk)[0]
    desk.types("docker compose down --volumes")

    began = time.monotonic()
    for line in commands(SECTION)[5]:
        desk.types(line, **{"hub-20261121T071302.114000Z": newest})
    level_again(desk, before_ms)
    restored_s = time.monotonic() - began
    assert door.listed() == banned

    for line in commands(SECTION)[6]:
        desk.types(line)
    before_ms = heard(desk)[0]
    assert "hub.key" not in desk.inside("hub", "ls").split()
    desk.types("docker compose restart")
    level_again(desk, before_ms)
    files = desk.environ["COMPOSE_FILE"]
    desk.environ["COMPOSE_FILE"] = files.replace("deploy/compose.secret.yaml:", "")
    assert desk.environ["COMPOSE_FILE"] != files
    with pytest.raises(ComposeError, match=r"doorwatch-hub: .*hub\.key"):
        desk.types("docker compose run --rm hub audit show")
    results.keep("compose", "new-machine", restored_s=round(restored_s, 1))
