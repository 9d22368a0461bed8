"""The hand-held check: reason first, one candidate, twenty seconds, nothing kept."""

from typing import Any

import pytest

from edge.attempts import CHECKS
from edge.door import CandidateView
from edge.errors import PhotoError
from edge.staff import handheld
from edge.staff.intake import LARGEST_PHOTO


@pytest.fixture
def found(scene: Any) -> Any:
    return CandidateView(
        "00ff", "banned", "theft", scene.now + 86_400, 0.66, "some likeness", "once"
    )


def test_a_photo_without_a_reason_from_the_list_is_not_even_read(staff: Any, door: Any) -> None:
    for path in ("/check", "/check?reason=", "/check?reason=other"):
        assert staff.post(path, content=b"photo").status_code == 400
    assert door.photos == []


def test_nobody_found_says_nothing_but_what_is_left(staff: Any, door: Any) -> None:
    answer = staff.post("/check?reason=asked", content=b"photo").json()
    assert answer == {"candidate": None, "left": CHECKS - 1}
    assert door.photos == [5]


def test_at_most_one_candidate_is_shown_and_its_photo_once(
    staff: Any, door: Any, found: Any
) -> None:
    door.found = [found, found]
    candidate = staff.post("/check?reason=asked", content=b"photo").json()["candidate"]
    assert candidate["category"] == "Banned"
    assert candidate["seconds"] == 20
    photo = staff.get(candidate["photo"])
    assert (photo.status_code, photo.content) == (200, b"00ff once")
    assert photo.headers["cache-control"] == "no-store"
    assert staff.get(candidate["photo"]).status_code == 404


def test_another_phone_does_not_get_the_photo(
    staff: Any, door: Any, found: Any, scene: Any
) -> None:
    door.found = [found]
    candidate = staff.post("/check?reason=asked", content=b"photo").json()["candidate"]
    other = scene.browser(staff.app)
    other.sign_in()
    assert other.get(candidate["photo"]).status_code == 404


def test_the_photo_is_gone_after_twenty_seconds(
    staff: Any, door: Any, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.found = [found]
    candidate = staff.post("/check?reason=asked", content=b"photo").json()["candidate"]
    began = handheld.time.monotonic()
    monkeypatch.setattr(handheld.time, "monotonic", lambda: began + 21)
    assert staff.get(candidate["photo"]).status_code == 404


def test_checks_are_capped_for_a_shift_over_all_phones(staff: Any, door: Any, scene: Any) -> None:
    for _ in range(CHECKS):
        assert staff.post("/check?reason=asked", content=b"p").status_code == 200
    other = scene.browser(staff.app)
    other.sign_in()
    answer = other.post("/check?reason=asked", content=b"p")
    assert answer.status_code == 429
    assert "No checks left" in answer.json()["error"]
    assert len(door.photos) == CHECKS


def test_a_photo_that_cannot_be_used_is_one_line(staff: Any, door: Any) -> None:
    def torn(photo: bytes) -> Any:
        raise PhotoError("no face in the photo: go closer and take it again")

    door.check = torn
    answer = staff.post("/check?reason=asked", content=b"p")
    assert answer.status_code == 409
    assert answer.json() == {"error": "no face in the photo: go closer and take it again"}


def test_a_huge_photo_is_refused_before_it_is_taken_in(staff: Any, door: Any) -> None:
    answer = staff.post(
        "/check?reason=asked", content=b"p", headers={"Content-Length": str(LARGEST_PHOTO + 1)}
    )
    assert answer.status_code == 413
    assert door.photos == []
