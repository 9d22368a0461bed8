"""What browsers may send, and how much of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub_site import ORIGIN, HubSite
from sync.hub.web.intake import LARGEST_FORM, LARGEST_PHOTO, LARGEST_UPLOAD, MOST_FILES


def test_a_form_that_is_too_large_is_refused(site: HubSite) -> None:
    answer = site.client("ana").post("/held/x/undo", {"words": "x" * LARGEST_FORM})
    assert answer.status_code == 413


def test_a_photo_that_is_too_large_is_refused(site: HubSite) -> None:
    files = [("photo", ("a.jpg", bytes(LARGEST_PHOTO + 1)))]
    answer = site.client("ana").post("/held/x/undo", files=files)
    assert answer.status_code == 413
    assert f"larger than {LARGEST_PHOTO // 2**20} MiB" in answer.text


def test_more_than_fits_is_refused_before_it_is_read(site: HubSite) -> None:
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": str(LARGEST_UPLOAD + 1),
    }
    answer = site.client("ana").post("/held/x/undo", headers=headers)
    assert answer.status_code == 413


def test_too_many_photos_are_refused(site: HubSite) -> None:
    files = [("photo", (f"{number}.jpg", b"x")) for number in range(MOST_FILES + 1)]
    assert site.client("ana").post("/held/x/undo", files=files).status_code == 400


def test_what_is_no_form_is_refused(site: HubSite) -> None:
    for kind in ("application/json", "text/plain", "multipart/form-data"):
        answer = site.client("ana").post("/held/x/undo", headers={"Content-Type": kind})
        assert answer.status_code == 400
        assert "no form of these pages" in answer.text


def test_a_form_that_comes_byte_by_byte_is_given_up(
    site: HubSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.hub.web.intake.UPLOAD_S", 0.05)

    async def trickle() -> AsyncIterator[bytes]:
        yield b"csrf="
        await asyncio.sleep(5)

    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": ORIGIN}
    client = site.client("ana")._client
    answer = site.run(client.post("/held/x/undo", content=trickle(), headers=headers))
    assert answer.status_code == 408


def test_a_stranger_sends_no_photos(site: HubSite) -> None:
    files = [("photo", ("a.jpg", bytes(LARGEST_FORM)))]
    assert site.client().post("/sign-in", files=files).status_code == 413
