"""The command says what it lacks, cuts faces out of photos and leaves a network behind."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from rich.progress import Progress

from edge.errors import ModelError
from edge.vision.models.card import FOLDER, read_card
from edge.vision.models.faces import photos
from edge.vision.models.graph import operator_names, read_graph
from edge.vision.models.training import views
from edge.vision.models.training.cutting import Faces, cut
from edge.vision.models.training.recipe import Recipe

WITHOUT_TORCH = """
import runpy, sys
sys.modules["torch"] = None
runpy.run_module("edge.vision.models.training", run_name="__main__")
"""


def test_without_torch_the_command_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "doorwatch: training needs torch: pip install 'doorwatch[models]'"
    )


def test_names_are_left_out_wherever_they_lie() -> None:
    files = tuple(Path(name) for name in ("a/1.jpg", "b/2.jpg", "3.jpg"))
    canvases = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1)
    kept = Faces(files, canvases).without(frozenset({"2.jpg", "9.jpg"}))
    assert kept.files == (files[0], files[2])
    assert kept.canvases.reshape(-1).tolist() == [0, 2]


@pytest.mark.faces
def test_faces_are_cut_with_room_around_them(faces_root: Path, tmp_path: Path) -> None:
    for photo in photos(faces_root / "lfw-dev")[:3]:
        shutil.copy(photo, tmp_path)
    with Progress(disable=True) as progress:
        faces = cut(tmp_path, progress)
    assert len(faces.files) == 3
    assert faces.canvases.shape == (3, views.CANVAS, views.CANVAS, 3)
    assert views.rendered(faces.canvases, views.plain(0)).std() > 20


def test_a_folder_without_a_face_is_refused(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (64, 64), "grey").save(tmp_path / "wall.png")
    with Progress(disable=True) as progress, pytest.raises(ModelError, match="shows a face"):
        cut(tmp_path, progress)


def test_freed_memory_is_kept_where_that_can_be_said() -> None:
    code = "from edge.vision.models.training import memory; print(memory.keep_freed_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in {"True", "False"}


def test_the_network_and_its_hash_are_written_together(tmp_path: Path) -> None:
    command = pytest.importorskip(
        "edge.vision.models.training.command",
        reason="torch is not installed (doorwatch[models])",
        exc_type=ImportError,
    )
    shutil.copy(FOLDER / "embed-float.toml", tmp_path / "embed-float.toml")
    sha256 = command.write(b"weights", tmp_path / "embed-float.tflite")
    card = read_card("embed-float", tmp_path)
    assert card.sha256 == sha256 == hashlib.sha256(b"weights").hexdigest()
    assert card.source == read_card("embed-float").source


@pytest.mark.slow
@pytest.mark.faces
def test_a_folder_of_photographs_becomes_a_network(
    faces_root: Path, source: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = pytest.importorskip(
        "edge.vision.models.training.command",
        reason="torch is not installed (doorwatch[models])",
        exc_type=ImportError,
    )
    (tmp_path / "photos").mkdir()
    for photo in photos(faces_root / "faces-unlabelled")[:230]:
        shutil.copy(photo, tmp_path / "photos")
    monkeypatch.setattr(command, "source", lambda _: source)
    monkeypatch.setattr(command, "keep_freed_memory", lambda: True)
    monkeypatch.setattr(command, "Recipe", lambda: Recipe(stage_faces=8, stage_steps=1, batch=4))
    out = tmp_path / "made.tflite"
    options = ["--views", "10", "--steps", "2", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["training", str(tmp_path / "photos"), *options])
    command.main()
    names = operator_names(read_graph(out.read_bytes()))
    assert names.count("LEAKY_RELU") == len(Recipe().leaky)
    assert names.count("PRELU") == 33 - len(Recipe().leaky)
    assert out.stat().st_size < 2.2e6
