"""Thumbnails are small, few enough, and never made of what is no photo."""

import io

import PIL.Image
import pytest

from sync.hub.thumbnails import LARGEST_SIDE, SIDE, Thumbnails, thumbnail


def photo(width: int, height: int, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    PIL.Image.effect_noise((width, height), 60).convert(mode).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(("width", "height"), [(320, 240), (240, 320), (40, 30)])
def test_a_thumbnail_is_a_small_jpeg_of_the_same_shape(width: int, height: int, mode: str) -> None:
    with PIL.Image.open(io.BytesIO(thumbnail(photo(width, height, mode=mode)))) as made:
        assert made.format == "JPEG"
        assert max(made.size) <= SIDE
        assert abs(made.width / made.height - width / height) < 0.05


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8 no photo", photo(320, 240)[:900], photo(64, 64, "PNG"),
     photo(LARGEST_SIDE + 1, 1)],
    ids=["none", "noise", "cut", "png", "huge"],
)  # fmt: skip
def test_of_anything_else_there_is_none(content: bytes) -> None:
    assert thumbnail(content) == b""


def test_a_thumbnail_is_made_once_for_each_version() -> None:
    made, kept = [0], Thumbnails()

    def opened() -> bytes:
        made[0] += 1
        return photo(200, 200)

    for version in (1, 1, 2, 2):
        kept.of("a", version, opened)
    kept.forget("a")
    kept.of("a", 2, opened)
    assert made == [3]


def test_the_cache_forgets_what_was_not_wanted_for_longest() -> None:
    content, asked = photo(200, 200), list[str]()
    kept = Thumbnails(most_bytes=2 * len(thumbnail(content)))

    def opened(name: str) -> bytes:
        asked.append(name)
        return content

    for name in ("a", "b", "a", "c", "a", "b"):
        kept.of(name, 1, lambda name=name: opened(name))
    assert asked == ["a", "b", "c", "b"]
