"""Cuts the faces of a folder of photographs out, with room for views around them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import Progress

from edge.errors import ModelError
from edge.vision.face import Image
from edge.vision.models.faces import central_faces, photos
from edge.vision.models.training.views import canvas


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The faces of a folder, one for each photo.

    Attributes:
        files: Paths inside the folder.
        canvases: uint8[N, CANVAS, CANVAS, 3].
    """

    files: tuple[Path, ...]
    canvases: Image

    def without(self, names: frozenset[str]) -> "Faces":
        """Leave the files of some names out."""
        kept = [i for i, file in enumerate(self.files) if file.name not in names]
        return Faces(tuple(self.files[i] for i in kept), self.canvases[kept])


def cut(folder: Path, progress: Progress) -> Faces:
    """Cut the face out that each photo of a folder is about.

    Raises:
        ModelError: The folder has no photos, or none shows a face.
    """
    files = progress.track(photos(folder), description=f"faces of {folder.name}")
    found = [
        (file.relative_to(folder), square)
        for file, pixels, face in central_faces(files)
        if (square := canvas(pixels, face.landmarks)) is not None
    ]
    if not found:
        raise ModelError(f"no photo in {folder} shows a face")
    return Faces(tuple(file for file, _ in found), np.stack([square for _, square in found]))
