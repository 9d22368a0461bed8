"""Frames in a process of their own, beside other systems."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from edge.bench import alone
from edge.bench.alone import MATCH, MATCH_ONE, TO_MATCH, TO_TEMPLATE, Job, measured
from edge.bench.clock import Clock
from edge.bench.frames import COUNT, FACE_PX, SIZE, frames
from edge.bench.peer import Screened, staged
from edge.errors import ModelError
from edge.vision.engine import STAGES
from edge.vision.face import Face, Image, Quality

TEMPLATE = np.eye(1, 16, dtype=np.float32)[0]


class FakeEngine:
    """Finds the one bright square, wherever it is."""

    model_id, dimension = "fake-0", 16

    def __init__(self) -> None:
        self.timings = dict.fromkeys(STAGES, 0.001)

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        y, x = np.nonzero(rgb[..., 0] > 240)
        if not len(x):
            return []
        box = (float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1))
        points = np.zeros((5, 2), np.float32)
        return [Face(box, points, 0.9, Quality(0.9), TEMPLATE if embed else None)]


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    photo = np.full((400, 300, 3), 60, np.uint8)
    photo[120:240, 100:200] = 255
    cv2.imwrite(str(tmp_path / "portrait.png"), photo)
    return tmp_path / "portrait.png"


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "load_engine", lambda *_, **__: FakeEngine())
    monkeypatch.setattr(alone, "ENTRIES", 20)


def job(portrait: Path, **changes: object) -> Job:
    given = {"library": "lib.one", "threads": 1, "runs": 4, "peer_runs": 2, "network": "embed"}
    return Job(photo=str(portrait), **{**given, **changes})  # type: ignore[arg-type]


def test_each_frame_shows_the_head_at_the_stated_size(portrait: Path) -> None:
    engine = FakeEngine()
    made = frames(cv2.imread(str(portrait)), engine)  # type: ignore[arg-type]
    assert len(made) == COUNT
    assert {frame.shape[1::-1] for frame in made} == {SIZE}
    faces = [engine.faces(frame)[0] for frame in made]
    assert all(face.width == pytest.approx(FACE_PX, abs=2) for face in faces)
    assert len({face.box[0] for face in faces}) == COUNT


def test_nothing_is_shown_that_another_detector_may_take_for_a_second_face(portrait: Path) -> None:
    photo = cv2.imread(str(portrait))
    photo[380:] = (0, 0, 200)  # a badge more than a face's width below the face
    made = frames(photo, FakeEngine())  # type: ignore[arg-type]
    assert not any((frame[..., 2] > 150).any() and (frame[..., 0] < 20).any() for frame in made)


def test_a_portrait_without_a_face_is_refused(tmp_path: Path, fake_engine: None) -> None:
    cv2.imwrite(str(tmp_path / "dark.png"), np.zeros((50, 50, 3), np.uint8))
    assert "exactly one face" in measured(job(tmp_path / "dark.png")).failure


def test_a_library_that_refuses_a_network_is_told_in_one_line(
    portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ModelError("no such operator")

    monkeypatch.setattr(alone, "load_engine", refused)
    assert measured(job(portrait)).failure == "lib: no such operator"


def test_the_unit_and_its_peers_take_turns_on_the_same_frames(
    portrait: Path, fake_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bytes] = []

    def screen(rgb: Image, _: Clock) -> Screened:
        shown.append(rgb.tobytes())
        return staged(("a", "b"), (1.0, 2.0, 4.0), 2)

    other = SimpleNamespace(name="other", screen=screen)
    monkeypatch.setattr(alone, "installed", lambda *_: ([other], ["another is not here"]))
    answer = measured(job(portrait))
    assert (answer.failure, answer.model_id, answer.engine) == ("", "fake-0", "lib")
    assert set(answer.ours) == {*STAGES, MATCH, MATCH_ONE, TO_TEMPLATE, TO_MATCH}
    assert all(len(runs) == 4 for runs in answer.ours.values())
    (theirs,) = answer.peers
    assert (theirs.name, theirs.faces) == ("other", 4)
    assert theirs.seconds == {"a": [1.0, 1.0], "b": [2.0, 2.0]}
    assert len(shown) == 5
    assert answer.absent == ["another is not here"]


def test_peers_are_not_even_loaded_where_none_is_wanted(
    portrait: Path, fake_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwanted(*_: object) -> None:
        pytest.fail("loaded")

    monkeypatch.setattr(alone, "installed", unwanted)
    assert not measured(job(portrait, peer_runs=0)).peers
