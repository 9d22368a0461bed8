"""The engine as the parts above meet it: stand-in networks, then the real ones."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageSequence
import pytest

from edge.vision import Engine, Flaw, load_engine
from edge.vision.cover import Cover, features_length
from edge.vision.detect import Region, Run, full_range, short_range
from edge.vision.embed import Embedder, unit
from edge.vision.engine import STAGES, Networks
from edge.vision.face import Face, FloatArray, Image
from edge.vision.track import Tracker
from edge.vision.watch import Watch, around, grown, large_faces, tiles, whole, wide_squares

FRAME = np.zeros((720, 1280, 3), np.uint8)


def _blind(anchors: int) -> Run:
    """Make a detector that sees nothing."""
    return lambda _: (
        np.zeros((1, anchors, 16), np.float32),
        np.full((1, anchors, 1), -50, np.float32),
    )


def _seeing(logit: float) -> Run:
    """Make a far detector that sees one upright face in the middle of every region."""

    def run(_: FloatArray) -> tuple[FloatArray, ...]:
        values = np.zeros((1, 2304, 16), np.float32)
        values[0, 1176] = [0, 0, 60, 60, -12, -9, 12, -9, 0, 3, 0, 15, -25, -5, 25, -5]
        logits = np.full((1, 2304, 1), -50, np.float32)
        logits[0, 1176] = logit
        return values, logits

    return run


def _meshed(logit: float) -> Run:
    """Make a mesh with landmarks in frontal places."""
    points = np.random.default_rng(3).uniform(60, 130, (468, 3)).astype(np.float32)
    for ring, x in (((33, 133, 159, 145), 70), ((263, 362, 386, 374), 122)):
        points[list(ring)] = x, 80, 0
    points[1], points[61], points[291] = (96, 105, 0), (76, 135, 0), (116, 135, 0)
    return lambda _: (points.reshape(1, 1, 1, -1), np.full((1, 1, 1, 1), logit, np.float32))


def _networks(detector: float = 4, presence: float = 9, template: float = 1) -> Networks:
    hidden = np.zeros((features_length() + 1, 2), np.float32)
    output = np.full((3, 2), -9, np.float32)
    return Networks(
        far=full_range(_seeing(detector)),
        near=short_range(_blind(896)),
        mesh=_meshed(presence),
        embedder=Embedder(
            lambda _: (np.full((1, 8), template, np.float32),), 127.5, 128.0, "stand-in", 8
        ),
        cover=Cover(hidden, output),
    )


def _engine(networks: Networks) -> Engine:
    ticks = count()
    return Engine(networks, lambda: float(next(ticks)))


@pytest.mark.parametrize(
    "picture", [None, [[1, 2, 3]], np.zeros((9, 9, 3)), np.zeros((9, 9, 3), np.int8)]
)
def test_what_is_not_bytes_is_refused_by_type(picture: object) -> None:
    with pytest.raises(TypeError, match="uint8"):
        _engine(_networks()).faces(picture)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("shape", [(9, 9), (9, 9, 4), (0, 9, 3), (9, 0, 3), (1, 9, 9, 3)])
def test_what_has_not_the_shape_of_an_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        _engine(_networks()).faces(np.zeros(shape, np.uint8))


def test_a_watch_refuses_the_same_things() -> None:
    with pytest.raises(ValueError, match="shape"):
        _engine(_networks()).watch().faces(np.zeros((9, 9), np.uint8))


def test_a_face_comes_out_whole() -> None:
    engine = _engine(_networks())
    (face,) = engine.faces(np.zeros((300, 300, 3), np.uint8))
    assert face.template is not None
    assert np.linalg.norm(face.template) == pytest.approx(1)
    assert face.landmarks.shape == (5, 2)
    assert face.landmarks.dtype == np.float32
    assert (engine.model_id, engine.dimension) == ("stand-in", 8)
    assert set(engine.timings) == set(STAGES)
    assert all(seconds > 0 for seconds in engine.timings.values())


def test_templates_are_made_only_where_asked_for() -> None:
    engine = _engine(_networks())
    (face,) = engine.faces(np.zeros((300, 300, 3), np.uint8), embed=False)
    assert face.template is None
    assert engine.timings["embed"] == 0


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_template_without_direction_is_none(value: float) -> None:
    (face,) = _engine(_networks(template=value)).faces(np.zeros((300, 300, 3), np.uint8))
    assert face.template is None
    assert unit(np.full(4, value, np.float32)) is None


def test_what_neither_network_is_sure_of_is_no_face() -> None:
    engine = _engine(_networks(detector=0.1, presence=-9))
    assert engine.faces(np.zeros((300, 300, 3), np.uint8)) == []


def test_a_sure_detection_that_the_mesh_doubts_is_a_face_not_fit_to_be_compared() -> None:
    light = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    networks = _networks(presence=-9)
    (face,) = _engine(networks).faces(light)
    assert not face.quality.usable


def test_landmarks_in_one_point_make_no_template() -> None:
    points = np.full((1, 1, 1, 1404), 96, np.float32)
    networks = replace(_networks(), mesh=lambda _: (points, np.full((1, 1, 1, 1), 9, np.float32)))
    (face,) = _engine(networks).faces(np.zeros((300, 300, 3), np.uint8))
    assert face.template is None
    assert face.quality.reasons == (Flaw.TURNED_AWAY,)


@pytest.mark.parametrize(
    "shape", [(720, 1280), (1280, 720), (250, 250), (100, 900), (1, 1), (3, 700)]
)
def test_squares_and_tiles_cover_every_pixel_and_stay_inside(shape: tuple[int, int]) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    for regions in (wide_squares(picture), tiles(picture, 400)):
        seen = np.zeros(shape, bool)
        for x0, y0, x1, y1 in regions:
            assert 0 <= x0 < x1 <= shape[1]
            assert 0 <= y0 < y1 <= shape[0]
            seen[y0:y1, x0:x1] = True
        assert seen.mean() > 0.9


def test_a_720p_frame_is_covered_by_its_tiles_within_half_a_second() -> None:
    assert len(tiles(FRAME, 400)) <= 8
    assert len(wide_squares(FRAME)) == 2
    x0, y0, x1, y1 = grown(FRAME)
    assert (x1 - x0, y1 - y0) == (1640, 1080)


def test_a_rim_is_put_only_around_pictures_that_have_no_air_in_their_square() -> None:
    assert large_faces(FRAME) == (whole(FRAME),)
    assert large_faces(np.zeros((1280, 720, 3), np.uint8)) == ((0, 0, 720, 1280),)
    photo = np.zeros((250, 250, 3), np.uint8)
    assert large_faces(photo) == (whole(photo), grown(photo))


class _Noted:
    """Finds the same faces in every frame, and notes where it was asked to look."""

    def __init__(self, faces: list[Face]) -> None:
        """Start with the faces to find."""
        self.faces = faces
        self.near: list[list[Region]] = []
        self.far: list[list[Region]] = []

    def faces_within(
        self, _rgb: Image, *, near: Sequence[Region], far: Sequence[Region], embed: bool
    ) -> list[Face]:
        assert embed
        self.near.append(list(near))
        self.far.append(list(far))
        return self.faces


def _regions_watched(faces: list[Face], frames: int) -> _Noted:
    noted = _Noted(faces)
    watch = Watch(noted)
    for _ in range(frames):
        watch.faces(FRAME)
    return noted


def test_while_nobody_is_in_view_every_tile_is_searched_within_as_many_frames() -> None:
    small = tiles(FRAME, 400)
    noted = _regions_watched([], len(small))
    assert {region for frame in noted.far for region in frame} == {*small, *wide_squares(FRAME)}
    assert all(near == [whole(FRAME)] for near in noted.near)


def test_while_somebody_is_in_view_one_far_region_is_searched_at_a_time() -> None:
    (face, *_) = _engine(_networks()).faces(np.zeros((300, 300, 3), np.uint8))
    small = tiles(FRAME, 400)
    noted = _regions_watched([face], 2 * len(small))
    assert all(len(far) == 1 for far in noted.far[1:])
    assert {region for frame in noted.far for region in frame} == {*small, *wide_squares(FRAME)}
    assert all(near == [whole(FRAME), around(face, FRAME)] for near in noted.near[1:])


def test_a_face_at_the_rim_is_looked_for_inside_the_frame() -> None:
    (face, *_) = _engine(_networks()).faces(np.zeros((300, 300, 3), np.uint8))
    for box in ((-90.0, -90.0, -10.0, -10.0), (1290.0, 730.0, 1400.0, 800.0)):
        x0, y0, x1, y1 = around(replace(face, box=box), FRAME)
        assert 0 <= x0 < x1 <= 1280
        assert 0 <= y0 < y1 <= 720


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Load the real networks once."""
    return load_engine("cpu", 1)


def _photos(faces_root: Path, folder: str, step: int) -> list[Image]:
    """Read every ``step``-th photo of a folder."""
    files = sorted((faces_root / folder).rglob("*.jpg"))[::step]
    return [np.array(PIL.Image.open(file).convert("RGB")) for file in files]


def _central(engine: Engine, photo: Image) -> Face | None:
    """Give the face in the photo's middle."""
    faces = engine.faces(photo, embed=False)
    return min(faces, key=lambda face: abs(face.centre[0] - photo.shape[1] / 2), default=None)


def test_an_empty_frame_has_no_faces(engine: Engine) -> None:
    assert engine.faces(FRAME) == []
    assert engine.faces(np.zeros((1, 1, 3), np.uint8)) == []


@pytest.mark.faces
def test_portraits_are_found_and_nearly_all_usable(engine: Engine, faces_root: Path) -> None:
    found = [_central(engine, photo) for photo in _photos(faces_root, "lfw-dev", 35)]
    assert all(found)
    assert np.mean([face.quality.usable for face in found if face]) >= 0.94


@pytest.mark.faces
def test_faces_64_pixels_wide_are_found_in_one_frame(engine: Engine, faces_root: Path) -> None:
    rng, photos = np.random.default_rng(2), _photos(faces_root, "lfw-dev", 80)
    hits = 0
    for photo in photos:
        frame = cv2.GaussianBlur(rng.integers(0, 256, (720, 1280, 3), dtype=np.uint8), (0, 0), 9)
        small = cv2.resize(photo, (150, 150), interpolation=cv2.INTER_AREA)
        x, y = int(rng.integers(1130)), int(rng.integers(570))
        frame[y : y + 150, x : x + 150] = small
        spots = [face.centre for face in engine.faces(np.asarray(frame), embed=False)]
        hits += any(abs(cx - x - 75) < 32 and abs(cy - y - 75) < 32 for cx, cy in spots)
    assert hits / len(photos) >= 0.9


@pytest.mark.faces
@pytest.mark.parametrize(
    ("flaw", "worsen"),
    [
        (Flaw.DARK, lambda photo: (photo * 0.08).astype(np.uint8)),
        (Flaw.BLURRED, lambda photo: cv2.GaussianBlur(photo, (0, 0), 4.5)),
        (Flaw.TOO_SMALL, lambda photo: cv2.resize(photo, None, fx=0.25, fy=0.25)),
    ],
)
def test_degraded_portraits_are_named_rightly(
    engine: Engine, faces_root: Path, flaw: Flaw, worsen: Callable[[Image], Image]
) -> None:
    photos = [worsen(photo) for photo in _photos(faces_root, "lfw-dev", 80)]
    found = [face for photo in photos if (face := _central(engine, photo)) is not None]
    assert len(found) >= 0.9 * len(photos)
    assert np.mean([flaw in face.quality.reasons for face in found]) >= 0.8


@pytest.mark.faces
@pytest.mark.parametrize(
    ("clip", "people"),
    [
        ("face-demographics-walking-and-pause.gif", 3),
        ("head-pose-face-detection-female-and-male.gif", 2),
    ],
)
def test_a_clip_gives_as_many_encounters_as_people(
    engine: Engine, faces_root: Path, clip: str, people: int
) -> None:
    watch, tracker, numbers = engine.watch(), Tracker(), set()
    with PIL.Image.open(faces_root / "clips" / clip) as film:
        for i, frame in enumerate(PIL.ImageSequence.Iterator(film)):
            faces = watch.faces(np.array(frame.convert("RGB")))
            numbers |= {track.number for track in tracker.update(faces, i * 0.08)}
    assert len(numbers) == people


@pytest.mark.faces
def test_a_face_40_pixels_wide_is_found_within_a_second(engine: Engine, faces_root: Path) -> None:
    hits = []
    for photo in _photos(faces_root, "lfw-dev", 200):
        frame = np.full((720, 1280, 3), 90, np.uint8)
        frame[300:394, 700:794] = cv2.resize(photo, (94, 94), interpolation=cv2.INTER_AREA)
        watch = engine.watch()
        hits.append(any(watch.faces(frame, embed=False) for _ in range(10)))
    assert np.mean(hits) >= 0.95
