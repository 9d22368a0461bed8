"""What makes a face unfit to be compared, and what does not."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.cover import Cover, features, features_length
from edge.vision.face import Flaw, Image
from edge.vision.mesh import Mesh
from edge.vision.quality import Measures, judged, measured

GOOD = Measures(
    width=120, light=180, sharpness=0.075, yaw=5, pitch=3, presence=0.99, upper=0.05, lower=0.02
)


def _cover(upper: float = -9, lower: float = -9) -> Cover:
    """Make a network that always answers the same two logits."""
    hidden = np.zeros((features_length() + 1, 4), np.float32)
    output = np.zeros((5, 2), np.float32)
    output[-1] = upper, lower
    return Cover(hidden, output)


def _mesh() -> Mesh:
    return Mesh(np.random.default_rng(1).normal(0, 1, (468, 3)).astype(np.float32), 0.9)


def _chip() -> Image:
    noise = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), np.uint8)


def test_a_good_face_is_usable_and_scores_high() -> None:
    assert judged(GOOD).usable
    assert judged(GOOD) > 0.9


@pytest.mark.parametrize(
    ("changes", "flaws"),
    [
        ({"width": 30}, (Flaw.TOO_SMALL,)),
        ({"light": 20}, (Flaw.DARK,)),
        ({"sharpness": 0.02}, (Flaw.BLURRED,)),
        ({"yaw": 50}, (Flaw.TURNED_AWAY,)),
        ({"yaw": -50}, (Flaw.TURNED_AWAY,)),
        ({"pitch": 45}, (Flaw.TURNED_AWAY,)),
        ({"pitch": -45}, (Flaw.TURNED_AWAY,)),
        ({"upper": 0.95}, (Flaw.COVERED,)),
        ({"lower": 0.95}, (Flaw.COVERED,)),
        ({"presence": 0.2}, (Flaw.COVERED,)),
        ({"width": 30, "yaw": 50}, (Flaw.TOO_SMALL, Flaw.TURNED_AWAY)),
        ({"yaw": 50, "lower": 0.95}, (Flaw.TURNED_AWAY,)),
        ({"light": 20, "sharpness": 0.02}, (Flaw.DARK,)),
    ],
)
def test_each_flaw_is_named(changes: dict[str, float], flaws: tuple[Flaw, ...]) -> None:
    assert judged(replace(GOOD, **changes)).reasons == flaws


@given(
    st.builds(
        Measures,
        width=st.floats(0, 2000),
        light=st.floats(0, 255),
        sharpness=st.floats(0, 1),
        yaw=st.floats(-180, 180),
        pitch=st.floats(-180, 180),
        presence=st.floats(0, 1),
        upper=st.floats(0, 1),
        lower=st.floats(0, 1),
    )
)
def test_a_score_stays_within_0_and_1_and_worse_is_never_better(face: Measures) -> None:
    assert 0 <= judged(face) <= 1
    for worse in (
        replace(face, width=face.width / 2),
        replace(face, light=face.light / 2),
        replace(face, sharpness=face.sharpness / 2),
        replace(face, upper=1.0),
    ):
        assert judged(worse) <= judged(face) + 1e-9


def test_a_dark_blurred_chip_measures_darker_and_softer() -> None:
    clear = measured(_chip(), _mesh(), 100, _cover())
    soft = cv2.GaussianBlur(_chip(), (0, 0), 4)
    worse = measured((soft * 0.1).astype(np.uint8), _mesh(), 100, _cover())
    assert worse.light < clear.light / 4
    assert worse.sharpness < clear.sharpness / 2


def test_blur_in_one_direction_only_is_noticed() -> None:
    smeared = np.asarray(cv2.blur(_chip(), (25, 1)), np.uint8)
    clear, moved = (measured(c, _mesh(), 100, _cover()).sharpness for c in (_chip(), smeared))
    assert moved < clear * 0.6


def test_the_two_halves_are_told_apart() -> None:
    eyes = measured(_chip(), _mesh(), 100, _cover(9.0, -9.0))
    mouth = measured(_chip(), _mesh(), 100, _cover(-9.0, 9.0))
    assert (eyes.upper > 0.99, eyes.lower < 0.01) == (True, True)
    assert (mouth.upper < 0.01, mouth.lower > 0.99) == (True, True)


def test_features_are_finite_whatever_the_chip() -> None:
    for value in (0, 255):
        described = features(np.full((112, 112, 3), value, np.uint8))
        assert described.shape == (features_length(),)
        assert np.isfinite(described).all()


def test_features_hardly_change_with_the_light() -> None:
    dimmed = (_chip() * 0.5).astype(np.uint8)
    assert np.corrcoef(features(_chip()), features(dimmed))[0, 1] > 0.9


def test_a_face_and_its_mirror_image_are_covered_alike() -> None:
    rng = np.random.default_rng(5)
    hidden = rng.normal(0, 0.1, (features_length() + 1, 8)).astype(np.float32)
    cover = Cover(hidden, rng.normal(0, 0.3, (9, 2)).astype(np.float32))
    mirrored = np.ascontiguousarray(_chip()[:, ::-1])
    assert cover.scores(_chip()) == pytest.approx(cover.scores(mirrored), abs=1e-5)


def test_an_edge_is_shared_between_the_directions_that_it_lies_between() -> None:
    steps = np.tile(np.arange(112, dtype=np.float32), (112, 1))
    for turn, wanted in ((0, 0), (30, 1), (90, 3), (150, 5), (180, 0)):
        matrix = cv2.getRotationMatrix2D((55.5, 55.5), -turn, 1)
        slope = cv2.warpAffine(steps, matrix, (112, 112), borderMode=cv2.BORDER_REPLICATE)
        chip = np.repeat((slope * 2)[..., None], 3, axis=2).astype(np.uint8)
        edges = features(chip)[: 14 * 14 * 6].reshape(14, 14, 6)
        assert edges[5:9, 5:9].mean(axis=(0, 1)).argmax() == wanted


def test_weights_for_other_features_are_refused() -> None:
    with pytest.raises(ValueError, match="other features"):
        Cover.of({"hidden": np.zeros((5, 3), np.float32), "output": np.zeros((4, 2), np.float32)})


def test_a_mesh_turned_about_its_axes_says_so() -> None:
    points = np.zeros((468, 3), np.float32)
    for index in (234, 93, 132, 33, 58):
        points[index] = -10, 0, -10
    for index in (454, 323, 361, 263, 288):
        points[index] = 10, 0, 10
    points[10], points[152] = (0, -10, 10), (0, 10, -10)
    yaw, pitch = Mesh(points, 1.0).pose
    assert yaw == pytest.approx(45)
    assert pitch == pytest.approx(-45)


def test_several_small_flaws_together_make_a_face_unusable_and_the_worst_is_named() -> None:
    half = Measures(100, 100, 0.08, yaw=34, pitch=14, presence=1, upper=0.77, lower=0)
    assert judged(replace(half, upper=0.0)).usable
    assert judged(half).reasons == (Flaw.COVERED,)
