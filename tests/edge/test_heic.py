"""Photos of phones: HEIC is read like any other format, within the same limits."""

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from edge import heic as heic_module
from edge.errors import PhotoError
from edge.heic import read_here, read_phone_photo
from edge.photo import read_photo
from edge.vision.face import Image

HEIC = Path(__file__).parent / "heic"
"""Drawn pictures as a phone would keep them; the library reads HEIC and cannot write it."""

WIDTH, HEIGHT = 48, 32
RED, GREEN = (200, 30, 30), (30, 160, 30)


def heic(name: str) -> bytes:
    """One of the drawn pictures."""
    return (HEIC / f"{name}.heic").read_bytes()


def near(pixel: Image, colour: tuple[int, int, int], slack: int = 25) -> bool:
    """Whether a pixel has about that colour."""
    return bool(np.abs(pixel.astype(int) - np.array(colour)).max() <= slack)


def test_a_phone_s_heic_becomes_rgb() -> None:
    pixels = read_here(heic("upright"))
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert near(pixels[5, 5], RED)
    assert near(pixels[5, -5], GREEN)


def test_a_heic_that_its_file_turns_is_turned_once_although_the_camera_says_so_too() -> None:
    pixels = read_here(heic("turned"))
    assert pixels.shape == (WIDTH, HEIGHT, 3)
    assert near(pixels[2, 2], RED)
    assert near(pixels[-2, -2], GREEN)


def test_of_several_pictures_in_a_heic_the_main_one_is_taken() -> None:
    assert near(read_here(heic("two"))[5, 5], RED)


def test_a_heic_of_ten_bits_a_colour_keeps_its_brightness() -> None:
    assert near(read_here(heic("deep"))[3, 3], (128, 128, 128), slack=2)


def test_what_is_transparent_in_a_heic_lies_on_white() -> None:
    assert near(read_here(heic("clear"))[3, 3], (255, 255, 255), slack=1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (heic("huge"), "too large (9000 by 9000 pixels)"),
        (heic("lying"), "damaged or cut short"),  # says 48 by 32, unpacks to 9000 by 9000
        (heic("upright")[:-40], "damaged or cut short"),
        (b"hello, not a photo", "not a JPEG, PNG, WebP, GIF or HEIC picture"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "not a JPEG"),
    ],
    ids=["huge", "lying", "short", "text", "hollow"],
)
def test_what_is_no_usable_photo_is_refused_with_one_line(content: bytes, says: str) -> None:
    with pytest.raises(PhotoError) as refusal:
        read_here(content)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_door_reads_no_heic() -> None:
    with pytest.raises(PhotoError, match="is not a JPEG, PNG, WebP or GIF picture"):
        read_photo(heic("upright"))


def test_a_command_reads_a_phone_s_heic_from_its_file() -> None:
    pixels = read_phone_photo(HEIC / "turned.heic")
    assert pixels.shape == (WIDTH, HEIGHT, 3)
    assert near(pixels[2, 2], RED)


def test_what_lies_beside_the_photos_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands in the folder of a stick with photos has its files before the program's."""
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "heic.py").write_text("raise SystemExit('it was run')")
    (tmp_path / "edge" / "__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    assert read_phone_photo(HEIC / "upright.heic").shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("name", ["deadly", "lying"])
def test_a_file_that_ends_its_reader_is_refused_with_one_line(name: str) -> None:
    with pytest.raises(PhotoError, match=rf"^the photo '{name}.heic' is damaged or cut short"):
        read_phone_photo(HEIC / f"{name}.heic")


def test_a_heic_is_refused_by_its_name() -> None:
    with pytest.raises(PhotoError, match=r"^the photo 'huge.heic' is too large \(9000 by 9000"):
        read_phone_photo(HEIC / "huge.heic")


def test_a_photo_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heic_module, "PATIENCE_S", 0.0)
    with pytest.raises(PhotoError, match="takes too long"):
        read_phone_photo(HEIC / "upright.heic")


def test_a_command_that_was_lent_rights_decodes_nothing_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, exif = tmp_path / "a.jpg", PIL.Image.Exif()
    exif[0x0112] = 6
    PIL.Image.new("RGB", (8, 4), RED).save(path, exif=exif)
    monkeypatch.setattr(heic_module, "has_lent_rights", lambda: True)
    monkeypatch.delattr(heic_module, "read_photo")
    assert read_phone_photo(path).shape == (8, 4, 3)
    path.write_bytes(b"no photo")
    with pytest.raises(PhotoError, match=r"^the photo 'a.jpg' is not a JPEG"):
        read_phone_photo(path)


def test_other_formats_are_read_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    PIL.Image.new("RGB", (8, 4), "red").save(path)
    assert read_phone_photo(path).shape == (4, 8, 3)
    with pytest.raises(PhotoError, match="there is no photo"):
        read_phone_photo(tmp_path / "none.heic")
