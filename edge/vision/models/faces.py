"""Faces out of folders of photographs, for building and measuring networks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from edge.errors import ModelError
from edge.vision import Engine, Face, load_engine
from edge.vision.align import alignment, chip
from edge.vision.face import FloatArray, Image
from edge.vision.models.card import FOLDER

WITHOUT = FOLDER / "spread-without.txt"
"""Names of photographs of people who may also be in a set that measures."""
_ENDINGS = {".jpg", ".jpeg", ".png"}


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """The usable faces of a folder.

    Attributes:
        files: Paths inside the folder.
        values: float32[N, D], a template for each file.
    """

    files: tuple[Path, ...]
    values: FloatArray


def chips(folder: Path, count: int) -> Iterator[Image]:
    """Cut up to ``count`` aligned faces out of the ``unmeasured`` photos of a folder.

    They are spread over all of it.

    Raises:
        ModelError: The folder has no photos.
    """
    files = unmeasured(folder)
    spread = files[:: max(1, len(files) * 3 // (count * 4))]
    return islice(_chips(spread), count)


def photos(folder: Path) -> list[Path]:
    """List the photos of a folder and of the folders in it, in order.

    Raises:
        ModelError: There are none.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS)
    if not files:
        raise ModelError(f"no photos in {folder}")
    return files


def unmeasured(folder: Path) -> list[Path]:
    """List the photos of a folder, less those of people who may also be in a set that measures.

    Raises:
        ModelError: The folder has no photos.
    """
    without = set(WITHOUT.read_text("utf-8").split())
    return [file for file in photos(folder) if file.name not in without]


def template_of(engine: Engine, file: Path) -> FloatArray | None:
    """Make the template of a photo's central face; None where there is no usable one."""
    face = _central(engine, _pixels(file), embed=True)
    return face.template if face is not None and face.quality.usable else None


def _chips(files: Iterable[Path]) -> Iterator[Image]:
    """Give the aligned central faces of some photos, where there is one."""
    engine = load_engine(embedder="embed-float", threads=1)
    for file in files:
        pixels = _pixels(file)
        face = _central(engine, pixels, embed=False)
        matrix = None if face is None else alignment(face.landmarks)
        if matrix is not None:
            yield chip(pixels, matrix)


def _central(engine: Engine, pixels: Image, *, embed: bool) -> Face | None:
    """Find the face that a photo is about: large and near its centre."""
    middle = np.array([pixels.shape[1] / 2, pixels.shape[0] / 2])
    faces = engine.faces(pixels, embed=embed)

    def weight(face: Face) -> float:
        return face.width - float(np.hypot(*(np.array(face.centre) - middle)))

    return max(faces, key=weight, default=None)


def _pixels(file: Path) -> Image:
    """Read a photo of a data set, which is trusted to be one."""
    pixels = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise ModelError(f"{file} is not a photo")
    return np.asarray(pixels, dtype=np.uint8)
