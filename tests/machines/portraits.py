"""Make the templates of some photographs and print them; run as ``python -m machines.portraits``.

Run on two machines, it shows how far the same networks answer differently there.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from edge.photo import read_photo
from edge.runtime import open_network
from edge.vision.align import CHIP
from edge.vision.face import Image
from edge.vision.load import load_engine

Templates = dict[str, list[float]]
"""By the name of the photograph; empty where no face was found."""


@dataclass(frozen=True, slots=True)
class Made:
    """What one machine makes of the photographs.

    Attributes:
        templates: Of the largest face on each.
        answers: Of the template network alone, for the middle of each, cut out as it is.
    """

    templates: Templates
    answers: dict[str, list[float]]


def chosen(faces: Path, people: int) -> list[Path]:
    """Give the first two photographs of each of the first people who have two."""
    folders = sorted(one for one in (faces / "lfw-dev").iterdir() if one.is_dir())
    photos = [sorted(folder.glob("*.jpg")) for folder in folders]
    return [photo for several in photos if len(several) > 1 for photo in several[:2]][: 2 * people]


def made(photos: list[Path]) -> Made:
    """Make everything that is compared."""
    return Made(templates(photos), _answers(photos))


def templates(photos: list[Path], *, touched: bool = False) -> Templates:
    """Make the template of the largest face on each photograph.

    Args:
        photos: The files.
        touched: Whether one pixel in the corner is one grey level off.
    """
    engine, found = load_engine("cpu", threads=1), Templates()
    for photo in photos:
        pixels = read_photo(photo)
        pixels[0, 0] ^= int(touched)
        faces = engine.faces(pixels)
        template = faces[0].template if faces else None
        found[photo.name] = [] if template is None else template.tolist()
    return found


def _answers(photos: list[Path]) -> dict[str, list[float]]:
    """Ask the template network about pixels that are the same everywhere, to the last bit."""
    network = open_network("embed", accelerator="cpu", threads=1)
    mean, scale = np.float32(network.card.input.mean), np.float32(network.card.input.scale)
    chips = {photo.name: _middle(read_photo(photo)) for photo in photos}
    batches = {name: (chip[None].astype(np.float32) - mean) / scale for name, chip in chips.items()}
    return {name: network.run(batch)[0].ravel().tolist() for name, batch in batches.items()}


def _middle(photo: Image) -> Image:
    top, left = ((side - CHIP) // 2 for side in photo.shape[:2])
    return photo[top : top + CHIP, left : left + CHIP]


if __name__ == "__main__":
    print(json.dumps(asdict(made(chosen(Path(sys.argv[1]), int(sys.argv[2]))))))
