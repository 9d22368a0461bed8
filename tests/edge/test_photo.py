"""Untrusted photos: what is read, what is refused, and that nothing else ever escapes."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge import photo
from edge.errors import PhotoError
from edge.photo import LONGEST_SIDE, MOST_BYTES, read_photo
from edge.vision.face import Image

WIDTH, HEIGHT = 48, 32
RED, GREEN = (200, 30, 30), (30, 160, 30)


def picture(mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT)) -> PIL.Image.Image:
    """Left half red, right half green."""
    made = PIL.Image.new("RGB", size, RED)
    made.paste(GREEN, (size[0] // 2, 0, size[0], size[1]))
    return made.convert(mode)


def encoded(image: PIL.Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]  # Pillow's options are open
    return buffer.getvalue()


def near(pixel: Image, colour: tuple[int, int, int], slack: int = 25) -> bool:
    """Whether a pixel has about that colour."""
    return bool(np.abs(pixel.astype(int) - np.array(colour)).max() <= slack)


def png_header(width: int, height: int) -> bytes:
    """The smallest PNG that claims a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_usual_formats_become_rgb(kind: str) -> None:
    pixels = read_photo(encoded(picture(), kind))
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable
    assert near(pixels[5, 5], RED)
    assert near(pixels[5, -5], GREEN)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "PNG"), ("CMYK", "JPEG"), ("RGBA", "WEBP")],
)
def test_any_mode_becomes_rgb(mode: str, kind: str) -> None:
    assert read_photo(encoded(picture(mode), kind)).shape == (HEIGHT, WIDTH, 3)


def test_a_cmyk_photo_keeps_its_colours() -> None:
    pixels = read_photo(encoded(picture("CMYK"), "JPEG", quality=95))
    assert near(pixels[5, 5], RED)


def test_sixteen_bit_greys_keep_their_brightness() -> None:
    deep = np.full((HEIGHT, WIDTH), 128 << 8, dtype=np.uint16)
    pixels = read_photo(encoded(PIL.Image.fromarray(deep), "PNG"))
    assert near(pixels[3, 3], (128, 128, 128), slack=1)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_what_is_transparent_lies_on_white(mode: str) -> None:
    clear = PIL.Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    pixels = read_photo(encoded(clear, "PNG", **options))
    assert near(pixels[3, 3], (255, 255, 255), slack=1)


def test_of_an_animation_the_first_picture_is_taken() -> None:
    other = PIL.Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 255))
    content = encoded(picture(), "GIF", save_all=True, append_images=[other, other])
    assert near(read_photo(content)[5, 5], RED)


def test_of_a_camera_pair_the_main_picture_is_taken() -> None:
    other = PIL.Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 255))
    content = encoded(picture(), "MPO", save_all=True, append_images=[other])
    assert near(read_photo(content)[5, 5], RED)


@pytest.mark.parametrize(
    ("orientation", "shape", "red_corner"),
    [
        (1, (HEIGHT, WIDTH), (2, 2)),
        (2, (HEIGHT, WIDTH), (2, -2)),
        (3, (HEIGHT, WIDTH), (2, -2)),
        (4, (HEIGHT, WIDTH), (2, 2)),
        (5, (WIDTH, HEIGHT), (2, 2)),
        (6, (WIDTH, HEIGHT), (2, 2)),
        (7, (WIDTH, HEIGHT), (-2, 2)),
        (8, (WIDTH, HEIGHT), (-2, 2)),
        (77, (HEIGHT, WIDTH), (2, 2)),
    ],
)
def test_a_photo_is_turned_as_its_camera_said(
    orientation: int, shape: tuple[int, int], red_corner: tuple[int, int]
) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    pixels = read_photo(encoded(picture(), "JPEG", exif=exif, quality=95))
    assert pixels.shape[:2] == shape
    assert near(pixels[red_corner], RED)


def test_broken_exif_turns_nothing() -> None:
    content = encoded(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage")
    assert read_photo(content).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_photo_is_reduced(kind: str) -> None:
    pixels = read_photo(encoded(picture(size=(4500, 3000)), kind))
    assert pixels.shape == (LONGEST_SIDE * 2 // 3, LONGEST_SIDE, 3)


def test_a_very_narrow_photo_keeps_a_pixel() -> None:
    assert read_photo(encoded(picture(size=(2, 9000)), "PNG")).shape == (LONGEST_SIDE, 1, 3)


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(picture(), "JPEG"))
    assert read_photo(path).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "not a JPEG"),
        (b"\0\0\0\x18ftypavif" + bytes(100), "not a JPEG"),
        (b"hello, not a photo", "not a JPEG"),
        (b"BM" + bytes(100), "not a JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a JPEG"),
        (png_header(30_000, 30_000), "too large"),
        (png_header(8_000, 8_000), "too large (8000 by 8000 pixels)"),
        (png_header(2**31 - 1, 2**31 - 1), "too large"),
        (png_header(50, 50), "damaged or cut short"),
        (bytes(MOST_BYTES + 1), "more than 20 MiB"),
        (encoded(picture(size=(640, 480)), "JPEG")[:2000], "damaged or cut short"),
        (encoded(picture(size=(640, 480)), "PNG")[:400], "damaged or cut short"),
        (encoded(picture(), "BMP"), "not a JPEG"),
        (encoded(picture(), "TIFF"), "not a JPEG"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_is_no_usable_photo_is_refused_with_one_line(content: bytes, says: str) -> None:
    with pytest.raises(PhotoError) as refusal:
        read_photo(content)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused() -> None:
    bomb = encoded(PIL.Image.new("L", (8000, 8000)), "JPEG")
    assert len(bomb) < 2**20
    with pytest.raises(PhotoError, match="too large"):
        read_photo(bomb)


def test_a_missing_file_a_folder_and_a_device_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path / "none.jpg", tmp_path, pipe, Path("/dev/zero")):
        with pytest.raises(PhotoError, match="there is no photo"):
            read_photo(path)


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(PhotoError, match="more than 20 MiB"):
        read_photo(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="File name too long"):
        read_photo(tmp_path / ("x" * 300))


def test_an_awkward_name_stays_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.jpg"
    path.write_bytes(b"no photo")
    with pytest.raises(PhotoError) as refusal:
        read_photo(path)
    assert "\n" not in str(refusal.value)


SAMPLES = [
    encoded(picture(), "JPEG"),
    encoded(picture(), "JPEG", progressive=True),
    encoded(picture(), "PNG"),
    encoded(picture("P"), "PNG"),
    encoded(picture("RGBA"), "WEBP"),
    encoded(picture(), "GIF", save_all=True, append_images=[picture("L")]),
    encoded(picture(), "MPO", save_all=True, append_images=[picture()]),
]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A real photo with bytes changed, cut out or put in."""
    content = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(content)))
        gone = draw(st.integers(0, 6))
        content[at : at + gone] = draw(st.binary(max_size=6))
    return bytes(content)


def refusal_of(content: bytes) -> str:
    """What a photo is refused with; nothing for one that is read. Other errors get through."""
    try:
        pixels = read_photo(content)
    except PhotoError as refusal:
        return str(refusal)
    return "" if pixels.dtype == np.uint8 and pixels.ndim == 3 else "not an image\n"


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
def test_changed_bytes_give_a_photo_or_a_refusal_and_nothing_else(content: bytes) -> None:
    assert "\n" not in refusal_of(content)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_photo_or_a_refusal_and_nothing_else(content: bytes) -> None:
    assert "\n" not in refusal_of(content)


HUNGRY = """
import io, sys, PIL.Image
from edge.photo import read_photo

kind, mode, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
drawn = io.BytesIO()
PIL.Image.new(mode, (side, side)).save(drawn, kind, lossless=True)
sys.stdout.write(f"{len(drawn.getvalue())} ")
PIL.Image.core.clear_cache()

def most_held():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024

open("/proc/self/clear_refs", "w").write("5")  # the peak so far is forgotten
before = most_held()
read_photo(drawn.getvalue())
sys.stdout.write(str(most_held() - before))
"""


@pytest.mark.parametrize(("kind", "mode"), [("WEBP", "RGBA"), ("PNG", "RGBA")])
def test_a_small_file_never_takes_what_the_engine_needs(kind: str, mode: str) -> None:
    """The engine has 1 GiB, of which it holds a third; 1 kB of WebP once took all of it."""
    asked = [sys.executable, "-c", HUNGRY, kind, mode, "4000"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    size, mib = (int(word) for word in told.split())
    assert size < 100_000
    assert mib < 400


@pytest.mark.parametrize(("kind", "read"), [("PNG", False), ("WEBP", False), ("JPEG", True)])
def test_what_is_unpacked_whole_may_be_less_large_than_a_jpeg(
    kind: str, monkeypatch: pytest.MonkeyPatch, *, read: bool
) -> None:
    monkeypatch.setattr(photo, "MOST_UNPACKED", WIDTH * HEIGHT - 1)
    if read:
        assert read_photo(encoded(picture(), kind)).shape == (HEIGHT, WIDTH, 3)
        return
    with pytest.raises(PhotoError, match=r"is too large \(48 by 32 pixels\)"):
        read_photo(encoded(picture(), kind))
