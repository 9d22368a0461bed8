"""Teachers are asked about the same views, each in its own frame, straight and mirrored."""

import sys
from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.vision.align import REFERENCE
from edge.vision.face import FloatArray, Image
from edge.vision.geometry import moved
from edge.vision.models.build import unpacked
from edge.vision.models.card import FOLDER
from edge.vision.models.training import views
from edge.vision.models.training.teachers import _INTEL_POINTS, Intel, Source, taught

IR = Path(__file__).parents[6] / "shared" / "models" / "face-reidentification-retail-0095" / "FP16"
CANVASES: Image = (
    np.random.default_rng(1).integers(0, 256, (3, views.CANVAS, views.CANVAS, 3)).astype(np.uint8)
)


class Corner:
    """Answers with the brightness of the four quarters of what it is shown."""

    frame = views.AS_CHIP
    side = 112

    def __init__(self) -> None:
        self.batches: list[int] = []

    def templates(self, pictures: Image) -> FloatArray:
        self.batches.append(len(pictures))
        quarters = pictures.reshape(len(pictures), 2, 56, 2, 56, 3).mean(axis=(2, 4, 5))
        return quarters.reshape(len(pictures), 4).astype(np.float32)


@pytest.fixture
def intel() -> Intel:
    pytest.importorskip("openvino", reason="openvino is not installed (doorwatch[models])")
    if not IR.is_dir():
        pytest.skip("the teacher (../shared/models) is not on this machine")
    return Intel(IR)


def test_views_are_asked_in_batches_and_both_ways() -> None:
    teacher, told = Corner(), []
    made = taught(teacher, CANVASES, [views.plain(i % 3) for i in range(20)], told.append)
    assert teacher.batches == [16, 16, 4, 4]
    assert told == [16, 4]
    assert made.shape == (20, 4)
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(20), abs=1e-5)


def test_a_view_and_its_mirror_image_are_answered_alike() -> None:
    straight = views.plain(0)
    mirrored = views.View(0, 0, 0.0, views.mirror())
    made = taught(Corner(), CANVASES, [straight, mirrored], lambda _: None)
    assert made[0] == pytest.approx(made[1], abs=1e-3)


def test_the_source_answers_as_its_file(run: object) -> None:
    content = unpacked((FOLDER / "embed-float.tflite").read_bytes())
    chips = np.stack([views.rendered(CANVASES, views.plain(i)) for i in range(3)])
    given = ((chips.astype(np.float32) - 127.5) / 128)[:, None]
    assert callable(run)
    made = Source(content, 127.5, 128.0).templates(chips)
    assert made == pytest.approx(run(content, given), abs=1e-3)


def test_the_other_teacher_sees_landmarks_where_it_wants_them(intel: Intel) -> None:
    assert moved(REFERENCE, intel.frame) == pytest.approx(_INTEL_POINTS * 128, abs=4)
    made = taught(intel, CANVASES, [views.plain(0), views.plain(1)], lambda _: None)
    assert made.shape == (2, 256)
    assert float(made[0] @ made[1]) < 0.999


def test_a_folder_without_a_teacher_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="openvino is not installed (doorwatch[models])")
    with pytest.raises(ModelError, match="must hold one network"):
        Intel(tmp_path)


def test_a_teacher_without_openvino_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"doorwatch\[models\]"):
        Intel(tmp_path)
