"""Real systemd starts what died or hung anew, and ends a storm in amber; no green outlives them."""

import re
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.demo.samples import SamplesError, fetch_samples
from fault_matrix.scene import paint
from machines import results
from machines.box import Box
from machines.installing import wait_until_screening

pytestmark = [pytest.mark.box, pytest.mark.timeout(1200)]

FALSE_GREEN_S = 2.0
"""Seconds that a green may outlive the frame behind it, by the bar that the project set itself."""

PYTHON = "/opt/doorwatch/current/bin/python"
SAFE = "safe@doorwatch-engine"
ROOT = Path(__file__).parents[2]
STRANGER, NOBODY = 1, 3
HUNG_S, SETTLING_S = 10.0, 60.0


def _drop_in(box: Box, unit: str, lines: str) -> None:
    box.write(f"/etc/systemd/system/doorwatch-{unit}.service.d/test.conf", lines)


def _instead(command: str) -> str:
    return f"[Service]\nExecStart=\nExecStart={command}\n"


def _recorded(box: Box) -> None:
    """Have what the lamps are set to written down."""
    box.copy_in(Path(__file__).with_name("recorded_lamps.py"), "/srv/recorded_lamps.py")
    for unit, service in (("lamp", "lamp"), ("safe", "safe@")):
        command = f"{PYTHON} /srv/recorded_lamps.py {unit} /run/doorwatch/{unit}/levels"
        _drop_in(box, service, _instead(command))


class Lamps:
    """What a lamp keeper, or the safe state, has written down."""

    def __init__(self, box: Box, unit: str = "lamp") -> None:
        """Read from the booted ``box``."""
        self._box, self._file = box, f"/run/doorwatch/{unit}/levels"

    def changes(self) -> list[tuple[float, bool, bool]]:
        """Give time, green and amber of each change, oldest first."""
        lines = self._box.run(["cat", self._file], check=False).stdout.splitlines()
        words = [line.split() for line in lines if line.count(" ") == 3]
        return [(float(at), green == "1", amber == "1") for at, green, amber, _ in words]

    def wait_for_green(self) -> None:
        """Wait until somebody stands there and is cleared."""
        _until(lambda: bool(self.changes()) and self.changes()[-1][1], 120)

    def green_after(self, moment: float, until: float) -> float:
        """Give the seconds of green between two moments of the machine's clock."""
        changes = [*self.changes(), (time.monotonic(), False, False)]
        return sum(
            max(0.0, min(following[0], until) - max(at, moment))
            for (at, green, _), following in pairwise(changes)
            if green
        )


def _until(holds: Callable[[], bool], within_s: float) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, "in vain"
        time.sleep(0.1)
    return time.monotonic() - began


def _shown(box: Box, unit: str, what: str) -> str:
    return box.said(["systemctl", "show", f"--property={what}", "--value", f"doorwatch-{unit}"])


def _started_at(box: Box, unit: str) -> float:
    return int(_shown(box, unit, "ExecMainStartTimestampMonotonic")) / 1e6


def _signal(box: Box, unit: str, name: str) -> tuple[float, str]:
    """Send a signal to a service's process; gives when, and which process it was."""
    process = _shown(box, unit, "MainPID")
    box.run(["kill", f"-{name}", process])
    return time.monotonic(), process


def _is_back(box: Box, unit: str, before: str) -> bool:
    return (
        _shown(box, unit, "MainPID") not in {before, "0"}
        and _shown(box, unit, "ActiveState") == "active"
    )


@pytest.fixture(scope="module")
def people(box_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a clip in which somebody who is not on the list comes every few seconds."""
    folder = tmp_path_factory.mktemp("people")
    try:
        samples = fetch_samples(ROOT / ".demo" / "samples", print)
    except SamplesError as error:
        pytest.skip(str(error))
    paint(samples, folder / "pictures.npy")
    pictures = np.load(folder / "pictures.npy")
    size, number = (pictures.shape[3], pictures.shape[2]), pictures.shape[1]
    clip = cv2.VideoWriter(str(folder / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
    for who, frames in ((STRANGER, 30), (NOBODY, 20)):
        for index in range(frames):
            clip.write(pictures[who, index % number][..., ::-1].copy())
    clip.release()
    return folder / "clip.avi"


def test_green_outlives_no_engine_and_systemd_brings_it_back(installed: Box, people: Path) -> None:
    box = installed
    box.copy_in(people, "/srv/people.avi")
    settings = box.path("/etc/doorwatch/doorwatch.toml")
    settings.write_text(settings.read_text().replace("/srv/clip.mp4", "/srv/people.avi"))
    _recorded(box)
    box.boot()
    wait_until_screening(box)
    lamps, measured = Lamps(box), {}
    for kind in ("KILL", "SEGV", "STOP"):
        lamps.wait_for_green()
        moment, process = _signal(box, "engine", kind)
        _until(lambda process=process: _is_back(box, "engine", process), HUNG_S + SETTLING_S)
        back = _started_at(box, "engine")
        wait_until_screening(box)
        assert lamps.green_after(moment + FALSE_GREEN_S, back) == 0.0, kind
        measured[f"{kind.lower()}_started_again_s"] = round(back - moment, 1)
        measured[f"{kind.lower()}_green_s"] = round(lamps.green_after(moment, back), 2)
    lamps.wait_for_green()
    results.keep("box", "engine-restarts", **measured)


@pytest.mark.parametrize("kind", ["KILL", "STOP"])
def test_a_lamp_keeper_that_is_gone_is_a_fault_and_is_started_again(
    installed: Box, kind: str
) -> None:
    box = installed
    _recorded(box)
    _drop_in(box, "lamp", box.path(_conf("lamp")).read_text() + "RestartSec=6\n")
    box.boot()
    wait_until_screening(box)
    _, process = _signal(box, "lamp", kind)
    _until(lambda: "The lamps do not answer" in box.said("doorwatch status"), SETTLING_S)
    _until(lambda: _is_back(box, "lamp", process), SETTLING_S)
    _until(lambda: "The lamps do not answer" not in box.said("doorwatch status"), SETTLING_S)


def _conf(unit: str) -> str:
    return f"/etc/systemd/system/doorwatch-{unit}.service.d/test.conf"


@pytest.mark.parametrize("kind", ["KILL", "STOP"])
@pytest.mark.parametrize("unit", ["page", "sync"])
def test_page_and_sync_come_back_as_well(installed: Box, unit: str, kind: str) -> None:
    box = installed
    _drop_in(box, unit, "[Service]\nWatchdogSec=8\n")
    box.boot()
    wait_until_screening(box)
    _, process = _signal(box, unit, kind)
    _until(lambda: _is_back(box, unit, process), SETTLING_S)
    assert box.said("doorwatch status")


def test_a_storm_ends_in_amber_with_the_reason_and_is_tried_again(installed: Box) -> None:
    box = installed
    _recorded(box)
    _drop_in(box, "engine", _instead("/bin/false") + "RestartSec=0.05\n")
    again = "/usr/bin/systemctl --no-block start %i.service"
    forget = "/usr/bin/systemctl reset-failed %i.service"
    pause = f"ExecStart=/usr/bin/sleep 20\nExecStart={forget}\nExecStart={again}\n"
    _drop_in(box, "again@", f"[Service]\nExecStart=\n{pause}")
    box.boot()
    stormed_s = _until(lambda: _shown(box, SAFE, "ActiveState") == "active", 120)
    assert _shown(box, "lamp", "ActiveState") == "inactive"
    assert int(_shown(box, "engine", "NRestarts")) == 20
    told = box.run("doorwatch status", check=False).stderr
    assert "doorwatch-engine was started too often in vain (it ended with an error)" in told
    lamps = Lamps(box, "safe").changes()
    assert any(amber for _, _, amber in lamps)
    assert not any(green for _, green, _ in lamps)
    box.run(["rm", _conf("engine")])
    box.run("systemctl daemon-reload")
    began = time.monotonic()
    _until(lambda: _shown(box, "engine", "ActiveState") == "active", 60)
    wait_until_screening(box)
    assert _shown(box, "lamp", "ActiveState") == "active"
    assert _shown(box, SAFE, "ActiveState") == "inactive"
    assert "too often in vain" not in box.said("doorwatch status")
    results.keep(
        "box",
        "storm",
        starts=20,
        seconds_to_safe_state=round(stormed_s, 1),
        back_by_itself_s=round(time.monotonic() - began, 1),
    )


def test_lamps_that_cannot_be_had_end_in_the_safe_state_and_the_page_says_so(
    installed: Box,
) -> None:
    box = installed
    settings = box.path("/etc/doorwatch/doorwatch.toml")
    settings.write_text(settings.read_text().replace('pins = "mock"', 'pins = "gpio"'))
    box.boot()
    _until(lambda: "Failed with result" in box.journal("doorwatch-safe@doorwatch-lamp"), 180)
    assert _shown(box, "lamp", "ActiveState") == "failed"
    told = box.said("doorwatch status")
    assert "FAULT" in told
    assert "The lamps do not answer" in re.sub(r"[\s│]+", " ", told)


def test_the_hardware_watchdog_is_asked_for(installed: Box) -> None:
    box = installed
    box.boot()
    read = ["systemctl", "show", "--property=RuntimeWatchdogUSec", "--value"]
    assert box.said(read) == "14s"
