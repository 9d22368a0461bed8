"""Somebody enrolled from one clip walks up in another: a light, an alert, an answer."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.config import Config
from edge.daemon import DoorEngine
from edge.door import DoorState
from edge.enrolment import Reference, enrol
from edge.errors import LinkError
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.link import Link
from edge.places import Places
from edge.vision import Engine, load_engine
from edge.vision.face import Face, Image
from sync.entries import DAY_S, Category, Entry, Reason

pytestmark = [pytest.mark.slow, pytest.mark.faces]

ENTRY_ID = "00000000000000aa"


def _frames(clip: Path) -> Iterator[Image]:
    reader = cv2.VideoCapture(str(clip))
    while True:
        found, picture = reader.read()
        if not found:
            return
        yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8)


def _portrait(frame: Image, face: Face) -> Image:
    x0, y0, x1, y1 = (int(side) for side in face.box)
    reach = int(0.6 * face.width)
    part = frame[max(0, y0 - reach) : y1 + reach, max(0, x0 - reach) : x1 + reach]
    return cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine(threads=1)


@pytest.fixture(scope="module")
def reference(engine: Engine, faces_root: Path) -> Reference:
    """The person on the left of the closer clip, from three of its frames."""
    clip = faces_root / "clips" / "head-pose-face-detection-female-and-male.gif"
    seen = [
        (float(face.quality), frame, face)
        for frame in _frames(clip)
        for face in engine.faces(frame)
        if face.quality.usable and face.centre[0] < frame.shape[1] / 2
    ]
    third = len(seen) // 3
    best = [max(seen[n * third : (n + 1) * third], key=lambda one: one[0]) for n in range(3)]
    return enrol([_portrait(frame, face) for _, frame, face in best], engine)


@pytest.fixture
def places(tmp_path: Path, faces_root: Path, reference: Reference) -> Iterator[Places]:
    """A unit with one person on its list, screening the other clip."""
    clip = faces_root / "clips" / "face-demographics-walking-and-pause.gif"
    text = f"[camera]\nsource = 'video:{clip}'\n[paths]\nstate = '{tmp_path / 'state'}'\n"
    config = Config.parse(text, Path("door.toml"))
    found, now = config.places({}), time.time()
    found.prepare()
    entry = Entry(ENTRY_ID, Category.BANNED, Reason.VIOLENCE, now, now + 30 * DAY_S)
    with Store.open(found.gallery, KeyFile(found.key_file)) as store:
        store.add(entry, reference.photo_jpeg, reference.templates, reference.model_id)
    stopping, door = threading.Event(), DoorEngine(config, found)
    thread = threading.Thread(target=door.run, args=(stopping,))
    thread.start()
    yield found
    stopping.set()
    thread.join(10)


def _until(link: Link, holds: Callable[[DoorState], bool]) -> DoorState:
    deadline = time.monotonic() + 30
    while True:
        state = link.state()
        if holds(state):
            return state
        assert time.monotonic() < deadline, state
        time.sleep(0.02)


def test_the_listed_person_rings_once_and_nobody_else_does(
    places: Places, reference: Reference
) -> None:
    link = Link(places.engine_socket)
    (alert,) = _until(link, lambda state: bool(state.alerts)).alerts
    assert (alert.entry_id, alert.category, alert.reason) == (ENTRY_ID, "banned", "violence")
    assert cv2.imdecode(np.frombuffer(link.crop(alert.alert_id), np.uint8), 1) is not None
    assert link.reference(alert.alert_id) == reference.photo_jpeg
    state = _until(link, lambda state: state.finished)
    listed = [view for view in state.encounters if view.entry_id == ENTRY_ID]
    strangers = [view for view in state.encounters if view.entry_id is None]
    # one of them wears dark glasses, 60 pixels wide: to be asked to look up is no alarm
    assert sorted(view.verdict or "" for view in strangers) in (
        ["CHECK", "CLEAR"],
        ["CLEAR", "CLEAR"],
    )
    assert [view.verdict in {"STOP", "CHECK"} for view in listed] == [True]
    assert state.counts["encounters"] == 3
    link.answer(alert.alert_id, "refused")
    _until(link, lambda state: [one.answer for one in state.alerts] == ["refused"])
    with pytest.raises(LinkError, match="not open any more"):
        link.crop(alert.alert_id)


def test_a_hand_held_check_of_the_listed_person_releases_the_photo_once(
    places: Places, reference: Reference
) -> None:
    link = Link(places.engine_socket)
    _until(link, lambda state: state.gallery is not None)
    (found,) = link.check(reference.photo_jpeg)
    assert found.entry_id == ENTRY_ID
    assert link.reference_of_check(found.entry_id, found.token) == reference.photo_jpeg
    with pytest.raises(LinkError, match="shown once already"):
        link.reference_of_check(found.entry_id, found.token)
