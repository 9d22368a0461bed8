from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.capture.health import Blindness, Health, Sight, look
from edge.decision import Fault

FINE = Sight(0, 200.0, 0.3)
NOISE = np.random.default_rng(7)


def watch(sights: list[Sight], step: float = 0.05) -> tuple[Health, float]:
    """Show one sight after the other and give the health and the time of the last."""
    health, at = Health(0.0), 0.0
    for sight in sights:
        at += step
        health.see(sight, at)
    return health, at


def moving(bright: float = 200.0, edges: float = 0.3, frames: int = 40) -> list[Sight]:
    return [Sight(index, bright, edges) for index in range(frames)]


def test_before_the_first_frame_there_is_no_picture() -> None:
    assert Health(0.0).blind(0.0) == {Blindness.NO_PICTURE}


def test_a_live_picture_has_no_fault() -> None:
    health, at = watch(moving())
    assert health.blind(at) == frozenset()


def test_a_camera_that_gives_no_more_frames_is_seen_after_a_second_and_comes_back() -> None:
    health, at = watch(moving())
    assert health.blind(at + 0.9) == frozenset()
    assert health.blind(at + 1.1) == {Blindness.NO_PICTURE}
    health.see(Sight(99, 200.0, 0.3), at + 2)
    assert health.blind(at + 2) == frozenset()


@pytest.mark.parametrize(
    ("sights", "kind", "within_s"),
    [
        ([FINE] * 200, Blindness.FROZEN, 1.0),
        (moving(bright=9.0, frames=200), Blindness.BLACK, 1.0),
        (moving(edges=0.001, frames=200), Blindness.COVERED, 1.5),
    ],
)
def test_a_blind_camera_is_noticed_in_time_and_forgiven_at_once(
    sights: list[Sight], kind: Blindness, within_s: float
) -> None:
    frames = int(within_s / 0.05) + 1
    health, at = watch(sights[: frames + 1])
    assert health.blind(at) == {kind}
    health.see(Sight(-5, 200.0, 0.3), at + 0.05)
    assert health.blind(at + 0.05) == frozenset()


def test_the_dark_half_of_a_stroboscope_is_no_fault() -> None:
    flashes = [Sight(i, 9.0 if i % 14 < 13 else 250.0, 0.2) for i in range(200)]
    health, at = watch(flashes)
    assert health.blind(at) == frozenset()


def test_a_picture_that_is_white_for_a_moment_is_no_fault_and_for_longer_is_covered() -> None:
    white = [Sight(0, 255.0, 0.0)]
    health, at = watch([*moving(), *white * 22])
    assert health.blind(at) == frozenset()
    health, at = watch([*moving(), *white * 30])
    assert health.blind(at) == {Blindness.COVERED}


def test_a_black_picture_is_not_called_covered_as_well() -> None:
    health, at = watch(moving(bright=2.0, edges=0.0, frames=100))
    assert health.blind(at) == {Blindness.BLACK}


@given(
    st.lists(st.builds(Sight, st.integers(0, 2), st.floats(0, 255), st.floats(0, 1)), max_size=60),
    st.floats(0.01, 0.3),
)
def test_one_good_new_frame_clears_all_but_a_flicker(sights: list[Sight], step: float) -> None:
    health, at = watch(sights, step)
    health.see(Sight(7, 200.0, 0.3), at + step)
    assert health.blind(at + step) <= {Blindness.FLICKERING}


def test_a_camera_that_is_lost_twice_flickers_until_it_has_been_steady_for_a_while() -> None:
    health, at = watch(moving())
    health.lose(at)
    assert health.blind(at) == frozenset()
    health.lose(at + 1.3)
    health.see(FINE, at + 1.4)
    assert health.blind(at + 1.4) == {Blindness.FLICKERING}
    health.see(Sight(1, 200.0, 0.3), at + 4.4)
    assert health.blind(at + 4.4) == frozenset()


def _noisy(picture: NDArray[np.float64], sigma: float) -> NDArray[np.uint8]:
    noise = NOISE.normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("sigma", [0.0, 4.0, 12.0])
def test_a_hand_before_the_lens_has_no_edges_however_noisy(sigma: float) -> None:
    down, across = np.mgrid[:720, :1280]
    hand = np.stack([60 + 60 * across / 1280, 25 + 30 * down / 720, np.full_like(down, 20.0)], -1)
    assert look(_noisy(hand, sigma)).edges < 0.004
    assert look(_noisy(hand, sigma)).bright > 16


def test_a_capped_sensor_is_black() -> None:
    assert look(_noisy(np.zeros((720, 1280, 3)), 8.0)).bright < 16


def test_identical_pictures_have_one_fingerprint_and_noise_changes_it() -> None:
    picture = np.full((720, 1280, 3), 90.0)
    assert look(_noisy(picture, 0)) == look(_noisy(picture, 0))
    assert look(_noisy(picture, 1)).fingerprint != look(_noisy(picture, 1)).fingerprint


@pytest.mark.faces
@pytest.mark.parametrize("light", [1.0, 0.3, 0.12])
def test_real_doors_in_dim_light_are_not_called_blind(faces_root: Path, light: float) -> None:
    clips = sorted((faces_root / "clips").glob("*.gif"))
    assert clips
    for clip in clips:
        reader = cv2.VideoCapture(str(clip))
        health, at, frames = Health(0.0), 0.0, 0
        while True:
            found, picture = reader.read()
            if not found:
                break
            at, frames = at + 1 / 12, frames + 1
            health.see(look(_noisy(picture * light, 3.0)), at)
            assert health.blind(at) == frozenset(), (clip.name, frames)
        assert frames > 30


def test_every_kind_of_blindness_is_a_fault_of_the_door() -> None:
    assert {kind.name for kind in Blindness} <= {fault.name for fault in Fault}
