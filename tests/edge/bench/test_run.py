"""Measurements in processes of their own."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest

from edge.bench import alone, cold, peer, run
from edge.bench.alone import MATCH, MATCH_ONE, Job, measured
from edge.bench.frames import COUNT, FACE_PX, SIZE, frames
from edge.bench.gallery import index_of
from edge.bench.run import BenchError, Plan, benchmark
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
    monkeypatch.setattr(alone.runtime, "LIBRARIES", alone.runtime.LIBRARIES)


def job(portrait: Path, **changes: object) -> Job:
    given = {"library": "lib.one", "threads": 1, "runs": 4, "peer_runs": 2, "network": "embed"}
    return Job(photo=str(portrait), **{**given, **changes})  # type: ignore[arg-type]


def test_each_frame_shows_the_portrait_at_the_stated_size(portrait: Path) -> None:
    engine = FakeEngine()
    made = frames(cv2.imread(str(portrait)), engine)  # type: ignore[arg-type]
    assert len(made) == COUNT
    assert {frame.shape[1::-1] for frame in made} == {SIZE}
    faces = [engine.faces(frame)[0] for frame in made]
    assert all(face.width == pytest.approx(FACE_PX, abs=2) for face in faces)
    assert len({face.box[0] for face in faces}) == COUNT


def test_a_portrait_without_a_face_is_refused(tmp_path: Path, fake_engine: None) -> None:
    cv2.imwrite(str(tmp_path / "dark.png"), np.zeros((50, 50, 3), np.uint8))
    assert "exactly one face" in measured(job(tmp_path / "dark.png")).failure


def test_the_unit_and_its_peers_take_turns_on_the_same_frames(
    portrait: Path, fake_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bytes] = []
    other = SimpleNamespace(
        name="other", screen=lambda rgb: shown.append(rgb.tobytes()) or {"a": 1}
    )
    monkeypatch.setattr(alone, "installed", lambda _: [other])
    answer = measured(job(portrait))
    assert (answer.failure, answer.model_id, answer.engine) == ("", "fake-0", "lib")
    assert set(answer.ours) == {*STAGES, MATCH, MATCH_ONE, "total"}
    assert all(len(runs) == 4 for runs in answer.ours.values())
    assert answer.peers == {"other": {"a": [1.0, 1.0]}}
    assert len(shown) == 5


def test_peers_that_are_not_installed_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    assert peer.installed(10) == []


def test_peers_without_their_networks_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", ModuleType("dlib"))
    monkeypatch.setattr(peer, "find_spec", lambda _: None)
    assert peer.installed(10) == []


def test_a_peer_is_timed_stage_by_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = SimpleNamespace(compute_face_descriptor=lambda *_: np.zeros(128))
    dlib = SimpleNamespace(
        __version__="0",
        get_frontal_face_detector=lambda: lambda _rgb, _upsampled: ["box"],
        shape_predictor=lambda _path: lambda _rgb, _box: "shape",
        face_recognition_model_v1=lambda _path: encoder,
    )
    monkeypatch.setitem(sys.modules, "dlib", dlib)  # type: ignore[arg-type]
    monkeypatch.setattr(peer, "find_spec", lambda _: SimpleNamespace(origin=str(tmp_path / "i.py")))
    doubled, plain = peer.installed(10)
    assert "not doubled" in plain.name
    assert "not doubled" not in doubled.name
    seconds = doubled.screen(np.zeros((8, 8, 3), np.uint8))
    assert tuple(seconds) == peer.STAGES
    assert min(seconds.values()) >= 0


def test_the_gallery_of_nobody_has_the_size_asked_for() -> None:
    index = index_of(7, 3, 16, "m")
    assert (len(index), index.templates.shape) == (7, (21, 16))


def test_resident_memory_is_read_from_the_kernel(tmp_path: Path) -> None:
    assert cold.resident_kib() > 1000
    (tmp_path / "status").write_text("Name:\tx\nVmRSS:\t  123 kB\n")
    assert cold.resident_kib(tmp_path / "status") == 123


def test_a_library_that_is_not_there_is_told_in_one_line(
    portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run.runtime, "LIBRARIES", ("no_such_library.interpreter",))
    with pytest.raises(BenchError, match="nothing could be timed: no_such_library"):
        benchmark(Plan(portrait, 1, 0, "embed"))
