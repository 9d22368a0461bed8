"""Other systems, with stand-ins for those that are not installed everywhere."""

import sys
from pathlib import Path
from time import perf_counter
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from edge.bench import dlib_faces, mediapipe_faces, opencv_faces
from edge.bench.child import BenchError
from edge.bench.peers import installed

DARK = np.zeros((8, 8, 3), np.uint8)


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dlib", "mediapipe"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def dlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = SimpleNamespace(compute_face_descriptor=lambda *_: np.zeros(128))
    module = SimpleNamespace(
        __version__="0",
        get_frontal_face_detector=lambda: lambda _rgb, _upsampled: ["box"],
        shape_predictor=lambda _path: lambda _rgb, _box: "shape",
        face_recognition_model_v1=lambda _path: encoder,
    )
    monkeypatch.setitem(sys.modules, "dlib", module)  # type: ignore[arg-type]
    models = SimpleNamespace(origin=str(tmp_path / "i.py"))
    monkeypatch.setattr(dlib_faces, "find_spec", lambda _: models)


class Detector:
    """Stands for mediapipe's and for OpenCV's: finds what it was told to."""

    def __init__(self, faces: list[str] | None) -> None:
        self.faces = faces

    def detect(self, image: object) -> object:
        if isinstance(image, np.ndarray):
            return 1, None if self.faces is None else np.ones((len(self.faces), 15), np.float32)
        return SimpleNamespace(detections=self.faces)


@pytest.fixture
def opencv(monkeypatch: pytest.MonkeyPatch) -> Detector:
    detector = Detector(["face"])
    recognizer = SimpleNamespace(
        alignCrop=lambda bgr, _face: bgr, feature=lambda _chip: np.ones((1, 128), np.float32)
    )
    create = SimpleNamespace(create=lambda *_: detector)
    monkeypatch.setattr(opencv_faces.cv2, "FaceDetectorYN", create)
    create = SimpleNamespace(create=lambda *_: recognizer)
    monkeypatch.setattr(opencv_faces.cv2, "FaceRecognizerSF", create)
    return detector


def test_what_is_not_here_is_left_out_with_a_line_that_says_how_to_get_it(
    nothing_installed: None,
) -> None:
    peers, absent = installed(10)
    assert peers == []
    assert absent == [dlib_faces.ABSENT, opencv_faces.ABSENT, mediapipe_faces.ABSENT]


def test_dlib_without_its_networks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", ModuleType("dlib"))
    monkeypatch.setattr(dlib_faces, "find_spec", lambda _: None)
    assert dlib_faces.installed(10) == dlib_faces.ABSENT


def test_face_recognition_is_timed_as_it_comes_and_without_doubling(dlib: None) -> None:
    doubled, plain = dlib_faces.installed(10)
    assert "not doubled" in plain.name  # type: ignore[union-attr]
    assert "not doubled" not in doubled.name  # type: ignore[union-attr]
    screened = doubled.screen(DARK, perf_counter)  # type: ignore[union-attr]
    assert tuple(screened.seconds) == dlib_faces.STAGES
    assert min(screened.seconds.values()) >= 0
    assert screened.faces == 1


def test_opencv_with_both_files_goes_the_whole_way(opencv: Detector) -> None:
    (peer,) = opencv_faces.given(10, "yunet.onnx", "sface.onnx")
    screened = peer.screen(DARK, perf_counter)  # type: ignore[union-attr]
    assert tuple(screened.seconds) == opencv_faces.STAGES
    assert screened.faces == 1


@pytest.mark.parametrize(("faces", "count"), [(None, 0), (["a", "b"], 2)])
def test_opencv_with_a_detector_alone_only_finds(
    opencv: Detector, faces: list[str] | None, count: int
) -> None:
    opencv.faces = faces
    (peer,) = opencv_faces.given(10, "yunet.onnx", "")
    screened = peer.screen(DARK, perf_counter)  # type: ignore[union-attr]
    assert tuple(screened.seconds) == ("detect",)
    assert screened.faces == count


def test_a_file_that_opencv_cannot_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "no.onnx").write_bytes(b"no network")
    with pytest.raises(BenchError, match="OpenCV cannot use --yunet or --sface"):
        opencv_faces.given(10, str(tmp_path / "no.onnx"), "")


def mediapipe(create: object) -> SimpleNamespace:
    return SimpleNamespace(
        __version__="0",
        Image=lambda **_: "image",
        ImageFormat=SimpleNamespace(SRGB=1),
        tasks=SimpleNamespace(
            BaseOptions=lambda **given: given["model_asset_buffer"],
            vision=SimpleNamespace(
                FaceDetector=SimpleNamespace(create_from_options=create),
                FaceDetectorOptions=lambda **given: given["base_options"],
            ),
        ),
    )


def test_mediapipe_is_given_the_unit_s_own_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []

    def create(content: bytes) -> Detector:
        taken.append(content)
        return Detector(["face"])

    monkeypatch.setitem(sys.modules, "mediapipe", mediapipe(create))  # type: ignore[arg-type]
    (peer,) = mediapipe_faces.installed()
    screened = peer.screen(DARK, perf_counter)  # type: ignore[union-attr]
    assert (tuple(screened.seconds), screened.faces) == (("detect",), 1)
    assert taken[0][4:8] == b"TFL3"


def test_a_mediapipe_that_refuses_the_detector_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(_: bytes) -> Detector:
        raise ValueError("no metadata")

    monkeypatch.setitem(sys.modules, "mediapipe", mediapipe(create))  # type: ignore[arg-type]
    assert str(mediapipe_faces.installed()).endswith("no metadata")


def test_a_real_face_is_not_needed_to_load_the_real_peers() -> None:
    pytest.importorskip("dlib", reason="needs dlib: pip install 'doorwatch[bench]'")
    pytest.importorskip("face_recognition_models", reason="needs the extra [bench]")
    doubled, _ = dlib_faces.installed(10)
    assert doubled.screen(np.zeros((100, 100, 3), np.uint8), perf_counter).faces == 0  # type: ignore[union-attr]
