from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.demo.clip import EVENING, FPS, QUIET, WALK, Scene, Walker, frames, make_clip
from edge.demo.people import LISTED, Look, dress
from edge.demo.samples import Samples, SamplesError
from edge.demo.truth import overlap
from edge.vision.track import MEMORY_S

SIZES = {"one.png": (512, 512), "two.png": (2204, 970), "three.png": (1137, 910)}
"""Rows and columns of the portraits."""


@pytest.fixture(scope="module")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Three pictures as large as the portraits, of nobody."""
    folder, noise = tmp_path_factory.mktemp("portraits"), np.random.default_rng(1)
    paths = []
    for name, size in SIZES.items():
        coarse = noise.integers(60, 220, (size[0] // 32, size[1] // 32, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / name), cv2.resize(coarse, size[::-1]))
        paths.append(folder / name)
    return Samples(*paths)


@pytest.fixture(scope="module")
def cast(portraits: Samples) -> list[Walker]:
    return [Walker.of(part, portraits) for part in EVENING.parts]


def test_everybody_comes_and_goes_within_the_clip(cast: list[Walker]) -> None:
    for walker in cast:
        shown = walker.appearance(EVENING)
        assert shown.first_frame >= FPS
        assert shown.last_frame < EVENING.length_s * FPS - 1
        assert len(shown.path) > 3 * FPS


def test_people_come_nearer(cast: list[Walker]) -> None:
    for walker in cast:
        widths = [box[2] - box[0] for box in walker.appearance(EVENING).path]
        assert widths[0] < 0.8 * max(widths)
        assert max(widths) * 1280 > 128


def test_only_the_last_two_are_there_at_once_and_never_hide_each_other(
    cast: list[Walker],
) -> None:
    shown = [walker.appearance(EVENING) for walker in cast]
    for earlier, later in pairwise(shown[:5]):
        assert later.first_frame - earlier.last_frame > FPS
    for frame in range(int(EVENING.length_s * FPS)):
        both = [box for one in shown if (box := one.at(frame))]
        assert len(both) < 2 or overlap(*both) == 0


def test_the_clip_holds_every_verdict_a_person_can_get() -> None:
    assert {part.expected for part in EVENING.parts} == {"CLEAR", "CHECK", "STOP"}
    assert sum(part.look.turn > 40 for part in EVENING.parts) == 1
    assert sum(part.look.covered for part in EVENING.parts) == 1


def test_between_two_walks_of_the_same_person_the_door_forgets_them(portraits: Samples) -> None:
    walker = Walker.of(WALK.parts[0], portraits).appearance(WALK)
    assert WALK.length_s - len(walker.path) / FPS > MEMORY_S


def test_the_same_seed_draws_the_same_frames(cast: list[Walker]) -> None:
    first, second = (
        list(frames(cast[:1], Scene("three", 0.25, ()), lambda _: None)) for _ in range(2)
    )
    assert len(first) == 3
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    assert first[0].shape == (720, 1280, 3)


def test_the_clip_is_written_once_with_its_truth_beside_it(
    portraits: Samples, tmp_path: Path
) -> None:
    told: list[float] = []
    scene = Scene("short", 3.0, EVENING.parts[:1])
    made = make_clip(scene, portraits, tmp_path, told.append)
    assert told[-1] == 1.0
    reader = cv2.VideoCapture(str(made.path))
    assert reader.get(cv2.CAP_PROP_FRAME_COUNT) == 3 * FPS
    assert reader.get(cv2.CAP_PROP_FPS) == FPS
    reader.release()
    told.clear()
    assert make_clip(scene, portraits, tmp_path, told.append) == made
    assert told == []


def test_a_folder_that_cannot_be_written_to_is_one_line(portraits: Samples, tmp_path: Path) -> None:
    with pytest.raises(SamplesError, match="cannot be written"):
        make_clip(QUIET, portraits, tmp_path / "missing", lambda _: None)


def test_a_portrait_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(SamplesError, match="fetched again"):
        dress(tmp_path / "broken.png", LISTED, Look((60, 60, 60)))
