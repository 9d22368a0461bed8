from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.capture.folder import ImageFolder
from edge.capture.source import SourceEndedError
from edge.errors import SourceError


def _image(path: Path, red: int) -> None:
    cv2.imwrite(str(path), np.full((20, 30, 3), (0, 0, red), np.uint8))


def test_images_come_by_name_and_what_is_none_is_passed_over(tmp_path: Path) -> None:
    _image(tmp_path / "b.png", 200)
    _image(tmp_path / "a.PNG", 100)
    (tmp_path / "aa.jpg").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no image")
    folder = ImageFolder(tmp_path, fps=100)
    first, second = folder.read(), folder.read()
    assert (first.number, second.number) == (0, 1)
    assert (first.pixels[0, 0, 0], second.pixels[0, 0, 0]) == (100, 200)
    with pytest.raises(SourceEndedError):
        folder.read()


def test_a_loop_starts_again(tmp_path: Path) -> None:
    _image(tmp_path / "a.png", 100)
    folder = ImageFolder(tmp_path, fps=100, loop=True)
    assert [folder.read().number for _ in range(3)] == [0, 1, 2]
    folder.close()


def test_a_folder_without_a_single_image_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no folder"):
        ImageFolder(tmp_path / "none")
    with pytest.raises(SourceError, match="holds no image"):
        ImageFolder(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"junk")
    with pytest.raises(SourceError, match="can be decoded"):
        ImageFolder(tmp_path, loop=True).read()
