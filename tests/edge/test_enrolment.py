"""Enrolment: what makes a reference, and what is refused with advice."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from edge.enrolment import ADVICE, PHOTO_SIDE, enrol, joined, likely_duplicates, persons, portrait
from edge.errors import EnrolmentError
from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from edge.photo import read_photo
from edge.vision import load_engine
from edge.vision.face import Face, Flaw, FloatArray, Image, Quality
from sync.entries import Category, Entry, Reason

NOW = 1_800_000_000.0


def direction(number: int) -> FloatArray:
    """A template: float32[32], one number 1."""
    return np.eye(32, dtype=np.float32)[number]


def face(
    template: FloatArray | None, width: float = 200.0, quality: float = 0.9, *flaws: Flaw
) -> Face:
    """A face in the middle of a photo of 400 by 400."""
    low, high = 200 - width / 2, 200 + width / 2
    landmarks = np.zeros((5, 2), np.float32)
    return Face((low, low, high, high), landmarks, 0.9, Quality(quality, flaws), template)


class Eyes:
    """Finds in each photo the faces that stand in a list, in turn."""

    model_id = "net-1"

    def __init__(self, *photos: Sequence[Face]) -> None:
        self._photos = list(photos)

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        assert embed
        assert rgb.dtype == np.uint8
        return list(self._photos.pop(0))


def photos(count: int) -> list[Image]:
    """Grey photos, each a bit lighter."""
    return [np.full((400, 400, 3), 50 + i, np.uint8) for i in range(count)]


def test_one_photo_makes_a_reference() -> None:
    reference = enrol(photos(1), Eyes([face(direction(0))]))
    assert reference.templates.tolist() == [direction(0).tolist()]
    assert reference.model_id == "net-1"
    assert reference.qualities == (0.9,)


def test_each_photo_gives_a_template_and_the_best_the_picture() -> None:
    seen = Eyes([face(direction(0), 200, 0.5)], [face(direction(0), 200, 0.8)])
    reference = enrol(photos(2), seen)
    assert reference.templates.shape == (2, 32)
    with PIL.Image.open(io.BytesIO(reference.photo_jpeg)) as picture:
        assert picture.getpixel((10, 10)) == (51, 51, 51)


def test_the_picture_shows_the_face_and_its_surroundings_without_metadata() -> None:
    large = np.zeros((3000, 3000, 3), np.uint8)
    reference = enrol([large], Eyes([face(direction(0))]))
    with PIL.Image.open(io.BytesIO(reference.photo_jpeg)) as picture:
        assert max(picture.size) <= PHOTO_SIDE
        assert picture.format == "JPEG"
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert len(reference.photo_jpeg) < 20_000


def test_a_face_at_the_edge_is_cut_off_there() -> None:
    outside = Face((-50, -50, 100, 100), np.zeros((5, 2), np.float32), 1, Quality(1), direction(0))
    reference = enrol(photos(1), Eyes([outside]))
    with PIL.Image.open(io.BytesIO(reference.photo_jpeg)) as picture:
        assert picture.size == (168, 168)


def test_a_photo_without_a_face_is_refused() -> None:
    with pytest.raises(EnrolmentError, match="the photo shows no face: take one from the front"):
        enrol(photos(1), Eyes([]))


def test_a_photo_of_several_people_is_refused_with_their_number() -> None:
    three = [face(direction(i), 200 - 50 * i) for i in range(3)]
    with pytest.raises(EnrolmentError, match="shows 3 faces: crop it"):
        enrol(photos(1), Eyes(three))


def test_somebody_far_behind_does_not_count() -> None:
    reference = enrol(photos(1), Eyes([face(direction(0), 200), face(direction(1), 60)]))
    assert reference.templates.tolist() == [direction(0).tolist()]


@pytest.mark.parametrize("flaw", Flaw)
def test_a_face_that_cannot_be_compared_is_refused_with_reason_and_advice(flaw: Flaw) -> None:
    with pytest.raises(EnrolmentError) as refusal:
        enrol(photos(1), Eyes([face(direction(0), 200, 0.1, flaw)]))
    assert str(refusal.value) == f"the face in the photo is {flaw}: {ADVICE[flaw]}"


def test_every_photo_that_is_no_good_is_named_at_once() -> None:
    seen = Eyes([], [face(direction(0))], [face(direction(0), 200, 0.1, Flaw.DARK, Flaw.BLURRED)])
    with pytest.raises(EnrolmentError) as refusal:
        enrol(photos(3), seen, ["'a.jpg'", "'b.jpg'", "'c.jpg'"])
    assert "'a.jpg' shows no face" in str(refusal.value)
    assert "'b.jpg'" not in str(refusal.value)
    assert "the face in 'c.jpg' is dark, blurred" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_photos_of_different_people_are_refused() -> None:
    two = Eyes([face(direction(0))], [face(direction(1))])
    with pytest.raises(EnrolmentError, match="photo 1 and photo 2 do not seem to show the same"):
        enrol(photos(2), two)
    odd = Eyes([face(direction(0))], [face(direction(1))], [face(direction(0))])
    with pytest.raises(EnrolmentError, match="photo 2 and the others do not seem"):
        enrol(photos(3), odd)


def test_no_photos_and_too_many_are_refused() -> None:
    for count in (0, 33):
        with pytest.raises(EnrolmentError, match="from 1 to 32 photos"):
            enrol(photos(count), Eyes())


def test_a_face_without_a_template_is_refused() -> None:
    with pytest.raises(EnrolmentError, match="cannot be encoded"):
        enrol(photos(1), Eyes([face(None)]))


def test_of_several_faces_the_chosen_one_becomes_the_reference() -> None:
    photo, faces = photos(1)[0], [face(direction(i), 200 - 20 * i) for i in range(3)]
    faces.append(face(direction(3), 50))
    assert persons(faces) == faces[:3]
    assert persons([]) == []
    chosen = joined([portrait(photo, faces[1])], "net-1")
    assert chosen.templates.tolist() == [direction(1).tolist()]
    assert chosen.model_id == "net-1"


def test_portraits_of_different_people_are_refused() -> None:
    two = [portrait(photos(1)[0], face(direction(i))) for i in range(2)]
    with pytest.raises(EnrolmentError, match="photo 1 and photo 2 do not seem to show the same"):
        joined(two, "net-1")


def listed(number: int, template: FloatArray, until: float = NOW + 1) -> StoredReference:
    """Somebody on the list."""
    entry = Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, 0.0, until)
    return StoredReference(entry, template[None], "net-1")


def test_likely_duplicates_are_found_once_each_and_the_likeliest_first() -> None:
    between = np.float32(0.8) * direction(0) + np.float32(0.6) * direction(1)
    index = Index.build(
        [
            listed(1, between),
            listed(2, direction(0)),
            listed(3, direction(5)),
            listed(4, direction(0), until=NOW),
        ],
        "net-1",
    )
    reference = enrol(photos(2), Eyes([face(direction(0))], [face(direction(0))]))
    found = likely_duplicates(reference, index, NOW)
    assert [one.entry_id[-1] for one in found] == ["2", "1"]
    assert [round(one.score, 3) for one in found] == [1.0, 0.8]
    assert likely_duplicates(reference, Index.build([], "net-1"), NOW) == ()


@pytest.mark.faces
def test_real_photos_of_one_person_make_a_reference_and_those_of_two_do_not(
    faces_root: Path,
) -> None:
    engine = load_engine("cpu", 1)
    people = sorted((faces_root / "portrait-pairs").iterdir())[:6]
    pairs = [[read_photo(person / "1.jpg"), read_photo(person / "2.jpg")] for person in people]
    references = [enrol(pair, engine) for pair in pairs]
    assert all(reference.templates.shape == (2, engine.dimension) for reference in references)
    with pytest.raises(EnrolmentError, match="do not seem to show the same person"):
        enrol([pairs[0][0], pairs[1][0]], engine)
    both = np.concatenate([pairs[0][0][:200, :170], pairs[1][0][:200, :170]], axis=1)
    with pytest.raises(EnrolmentError, match="shows 2 faces"):
        enrol([both], engine)
