"""Make the templates of some photographs and print them; run as ``python -m machines.portraits``.

Run on two machines, it shows how far the same networks answer differently there.
"""

import json
import sys
from pathlib import Path

from edge.photo import read_photo
from edge.vision.load import load_engine


def chosen(faces: Path, people: int) -> list[Path]:
    """Give the first two photographs of each of the first people who have two."""
    folders = sorted(one for one in (faces / "lfw-dev").iterdir() if one.is_dir())
    photos = [sorted(folder.glob("*.jpg")) for folder in folders]
    return [photo for several in photos if len(several) > 1 for photo in several[:2]][: 2 * people]


def templates(photos: list[Path]) -> dict[str, list[float]]:
    """Give the template of the largest face on each photograph; empty where none was found."""
    engine, made = load_engine("cpu", threads=1), dict[str, list[float]]()
    for photo in photos:
        faces = engine.faces(read_photo(photo))
        template = faces[0].template if faces else None
        made[photo.name] = [] if template is None else template.tolist()
    return made


if __name__ == "__main__":
    print(json.dumps(templates(chosen(Path(sys.argv[1]), int(sys.argv[2])))))
