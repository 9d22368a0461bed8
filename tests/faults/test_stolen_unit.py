"""A unit that takes two of three shares is carried away whole: real hub, sync process, engine.

The promises are T2 and T12 of the threats: a unit that was revoked is refused within a minute, one
whose grace is over opens nothing, and nothing of the list is in its memory or on its disk then.
"""

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from consortium import ROOT, Consortium, Eyes, until
from edge.config import Config
from edge.decision import Fault
from edge.door import DoorState
from edge.errors import KeyAwaitedError, LinkError
from edge.gallery.listfile import ListFile
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.keys.grace import HOUR_MS, Grace, GraceFile
from edge.keys.shares import SharedKeys, gallery_keys
from edge.link import Link
from edge.vision.face import Face, Image
from edge.vision.models.card import read_card
from machines.results import keep
from member import Unit

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("mosquitto"), pytest.mark.timeout(600)]

SIZE = read_card("embed").outputs[0].shape[-1]
NEEDLE = 24
"""Bytes of each secret that are looked for: no other 24 bytes are the same by chance."""


PATIENCE_S = 90.0
"""Seconds that anything may take on a busy machine for which no other limit is promised."""


class DoorEyes(Eyes):
    """Eyes whose references the real engine takes for those of its own network."""

    model_id = read_card("embed").model_id

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        (face,) = super().faces(rgb, embed=embed)
        template = np.pad(face.template, (0, SIZE - face.template.size))
        return [replace(face, template=template)]


class Box(Unit):
    """A unit with its engine."""

    def __init__(self, folder: Path, more: str = "") -> None:
        clip = folder.parent / "clip"
        super().__init__(folder, f"[camera]\nsource = 'folder:{clip}'\nloop = true\n{more}")
        self.engine: subprocess.Popen[bytes] | None = None

    def switch_on(self) -> None:
        """Start both processes."""
        self.start()
        self.start_engine()

    def start_engine(self) -> None:
        with (self.log.parent / "engine.log").open("ab") as log:
            self.engine = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "engine", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )

    def pull_the_plug(self) -> None:
        """End both as a power cut does."""
        self.stop(signal.SIGKILL)
        self.kill_engine()

    def kill_engine(self) -> None:
        if self.engine is not None:
            self.engine.kill()
            self.engine.wait(20)
            self.engine = None

    def state(self) -> DoorState | None:
        try:
            return Link(self.places.engine_socket, timeout_s=1.0).state()
        except LinkError:
            return None

    def screens_for(self) -> int | None:
        """Give how many people the engine screens for; None while it has no list."""
        state = self.state()
        return state.gallery.entries if state is not None and state.gallery else None

    def shows(self, fault: Fault) -> bool:
        state = self.state()
        return state is not None and any(said.startswith(fault.value) for said in state.faults)

    @property
    def keys(self) -> SharedKeys:
        """Give what a process that is just started has."""
        settings, places = Config.load(self.config), self.places
        return gallery_keys(settings, places, KeyFile(places.key_file))


@pytest.fixture
def consortium(
    tmp_path: Path, founded: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Consortium]:
    monkeypatch.setattr("sync.hub.cli.entry.load_engine", lambda *_: DoorEyes())
    made = Consortium.copied(founded, tmp_path)
    made.start()
    yield made
    made.end()


@pytest.fixture
def box(consortium: Consortium, tmp_path: Path) -> Iterator[Box]:
    """A unit at North that screens for one person, and takes two of three shares to open."""
    (tmp_path / "clip").mkdir()
    shutil.copy(consortium.photo(9), tmp_path / "clip" / "1.png")
    made = Box(tmp_path / "unit")
    made.says("join", consortium.invite("North"))
    try:
        made.switch_on()
        consortium.add(1, "North", "South")
        until(lambda: made.screens_for() == 1, PATIENCE_S)
        yield made
    finally:
        made.pull_the_plug()
        print(made.log.read_text(), (made.log.parent / "engine.log").read_text())


def token(box: Box) -> str:
    """Divide the key; the code of the staff token."""
    return box.says("token", "make").partition("\n")[0]


def seconds(since: float) -> float:
    return round(time.monotonic() - since, 1)


def secrets_of(box: Box) -> dict[str, bytes]:
    """Give what must be nowhere once the unit is locked; asked while it opens."""
    keys = box.keys
    with Store.open(box.places.gallery, keys) as store:
        (person,) = store.references()
        photo = store.photo(person.entry.entry_id)
    file = ListFile(box.places.gallery, keys, time.time(), 0.0)
    data_key = file.sealer.data_keys[0]
    file.close()
    grace = keys.grace()
    assert grace is not None
    found = {"key": keys.kek(), "data key": data_key, "hub's share": grace.share}
    middle = len(photo) // 2
    return found | {"photo": photo[middle : middle + NEEDLE]}


def in_memory(process: subprocess.Popen[bytes] | None, needles: dict[str, bytes]) -> set[str]:
    """Look for secrets in all that a process has in memory and may write."""
    assert process is not None
    found: set[str] = set()
    maps = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
    with Path(f"/proc/{process.pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if match is None:
                continue
            first, last = (int(number, 16) for number in match.groups())
            memory.seek(first)
            try:
                content = memory.read(last - first)
            except OSError:  # pages of a device
                continue
            found |= {name for name, secret in needles.items() if secret[:NEEDLE] in content}
    return found


def on_disk(box: Box, needles: dict[str, bytes]) -> set[str]:
    """Look for secrets in every file of the unit."""
    files = [path for path in box.places.state.rglob("*") if path.is_file()]
    contents = [path.read_bytes() for path in files]
    return {
        name
        for name, secret in needles.items()
        for content in contents
        if secret[:NEEDLE] in content or secret.hex().encode() in content
    }


def let_the_grace_end(box: Box) -> None:
    """Let the hub have been heard last three days and an hour ago."""
    file = GraceFile(box.places.grace, KeyFile(box.places.key_file))
    kept = file.load()
    assert kept is not None
    now_ms = kept.floor_ms
    file.keep(Grace(kept.share, now_ms - 73 * HOUR_MS, now_ms))


def test_a_unit_that_is_told_apart_from_a_stolen_one_never_stops_screening(
    box: Box, consortium: Consortium
) -> None:
    """The key is divided while it screens; it is started anew with the hub and without."""
    code = token(box)
    assert code.startswith("DWT1-")
    watched = time.monotonic()
    while time.monotonic() - watched < 3:
        assert box.screens_for() == 1
        assert not box.shows(Fault.WAITING)
        time.sleep(0.05)
    began = time.monotonic()
    box.pull_the_plug()
    box.switch_on()
    until(lambda: box.screens_for() == 1, PATIENCE_S)
    with_hub = seconds(began)
    consortium.stop()
    began = time.monotonic()
    box.pull_the_plug()
    box.switch_on()
    until(lambda: box.screens_for() == 1, PATIENCE_S)
    keep("faults", "shares", screening_again_s=[with_hub, seconds(began)])


def test_a_stolen_unit_is_locked_within_a_minute_of_its_revocation(
    box: Box, consortium: Consortium
) -> None:
    token(box)
    needles = secrets_of(box)
    # The search does find things.
    until(lambda: in_memory(box.engine, needles) >= {"key", "data key"}, PATIENCE_S)
    box.pull_the_plug()
    (unit,) = consortium.tells("unit", "list")
    consortium.says("unit", "revoke", unit["unit_id"], "--yes")
    began = time.monotonic()
    box.switch_on()
    until(lambda: box.shows(Fault.LOCKED), 60)
    locked_s = seconds(began)
    until(lambda: not box.places.grace.exists(), PATIENCE_S)
    assert box.screens_for() is None
    box.pull_the_plug()
    assert on_disk(box, needles) == set()
    with pytest.raises(Exception, match="locked by the consortium"):
        Store.open(box.places.gallery, box.keys)
    keep("faults", "stolen", locked_after_switched_on_s=locked_s)


def test_a_thief_who_keeps_the_kill_order_away_has_one_start_and_no_more(
    box: Box, consortium: Consortium
) -> None:
    token(box)
    needles = secrets_of(box)
    box.pull_the_plug()
    (unit,) = consortium.tells("unit", "list")
    consortium.says("unit", "revoke", unit["unit_id"], "--yes")
    with box.config.open("a") as config:
        config.write("[consortium]\nbroker = 'localhost:1'\n")
    box.switch_on()
    until(lambda: not box.places.grace.exists(), PATIENCE_S)
    did = [line["did"] for line in consortium.tells("audit", "show")]
    assert "release" in did
    assert did[-1] == "withhold"
    box.pull_the_plug()
    box.switch_on()
    until(lambda: box.shows(Fault.WAITING), PATIENCE_S)
    until(box.places.sync_socket.exists, PATIENCE_S)
    assert in_memory(box.engine, needles) == set()
    assert in_memory(box.process, needles) == set()
    assert on_disk(box, needles) == set()


def test_once_the_grace_is_over_nothing_is_in_memory_until_a_token_is_typed(
    box: Box, consortium: Consortium
) -> None:
    code = token(box)
    needles = secrets_of(box)
    box.pull_the_plug()
    consortium.stop()
    let_the_grace_end(box)
    with pytest.raises(KeyAwaitedError):
        box.keys.kek()
    box.switch_on()
    until(lambda: box.shows(Fault.WAITING), PATIENCE_S)
    until(box.places.sync_socket.exists, PATIENCE_S)
    time.sleep(2)
    assert box.screens_for() is None
    assert in_memory(box.engine, needles) <= {"hub's share"}
    assert in_memory(box.process, needles) <= {"hub's share"}
    assert on_disk(box, needles) == set()
    assert "is mistyped" in _refused(box, code[:-1] + ("0" if code[-1] != "0" else "1"))
    began = time.monotonic()
    stick = box.log.parent / "stick"
    stick.write_text(code)
    assert "open" in box.says("unlock", "--file", str(stick))
    until(lambda: box.screens_for() == 1, PATIENCE_S)
    opened_s = seconds(began)
    began = time.monotonic()
    box.kill_engine()
    box.start_engine()
    until(lambda: box.screens_for() == 1, PATIENCE_S)
    keep("faults", "token", list_open_s=opened_s, after_engine_killed_s=seconds(began))


def _refused(box: Box, code: str) -> str:
    wrong = box.log.parent / "wrong"
    wrong.write_text(code)
    return box.refuses("unlock", "--file", str(wrong))


def test_a_door_without_a_network_is_opened_by_telephone(box: Box, consortium: Consortium) -> None:
    token(box)
    box.pull_the_plug()
    (unit,) = consortium.tells("unit", "list")
    told = consortium.tells("unit", "share", unit["unit_id"], "--yes")["share"]
    consortium.stop()
    let_the_grace_end(box)
    box.switch_on()
    until(lambda: box.shows(Fault.WAITING), PATIENCE_S)
    until(box.places.sync_socket.exists, PATIENCE_S)
    stick = box.log.parent / "told"
    stick.write_text(told)
    box.says("unlock", "--file", str(stick))
    until(lambda: box.screens_for() == 1, PATIENCE_S)
    consortium.start()
    until(lambda: (view := box.standing()) is not None and view.live, PATIENCE_S)
    until(lambda: not box.keys.waits, PATIENCE_S)  # the grace has begun anew
