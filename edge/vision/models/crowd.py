"""Fits the synthetic crowd of an embedder: ``python -m edge.vision.models.crowd PHOTOS``.

PHOTOS is a folder of photographs, one person each. What is kept, beside the embedder's card, is
the centre of each part of the crowd and one covariance: means over at least ``FEWEST`` people,
nobody's template, and of no use to anybody who looks for one of them.
"""

import argparse
import hashlib
import io
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from edge.errors import DoorwatchError, ModelError
from edge.vision import load_engine
from edge.vision.crowd import Numbers, SyntheticCrowd
from edge.vision.face import FloatArray
from edge.vision.models.card import FOLDER, Card, read_card, read_network
from edge.vision.models.faces import template_of, unmeasured
from edge.vision.models.spread import note

FILE = "{role}-crowd.npz"
PARTS = 8
"""Parts of the crowd: 4 foretell who rings often a little worse, 16 and 32 no better."""
FEWEST = 100
"""People behind the centre of each part, at least."""
_ROUNDS = 60
_STARTS = 20


def fit(templates: FloatArray, parts: int = PARTS, seed: int = 1) -> SyntheticCrowd:
    """Fit a crowd on templates of different people, by expectation and maximisation.

    Args:
        templates: float32[N, D], unit length.
        parts: How many parts.
        seed: Of the first guess.

    Raises:
        ModelError: Too few people, in all or in one part.
    """
    people, dimension = templates.shape
    if people <= max(dimension, parts * FEWEST):
        raise ModelError(f"{people} usable faces are too few to say how strangers are spread")
    known = templates.astype(np.float64)
    belongs = _first_guess(known, parts, np.random.default_rng(seed))
    crowd = _of(known, belongs)
    for _ in range(_ROUNDS):
        belongs = _membership(known, crowd)
        crowd = _of(known, belongs)
    if (fewest := float(belongs.sum(axis=0).min())) < FEWEST:
        raise ModelError(
            f"a part of the crowd is the mean of {fewest:.0f} people only, and {FEWEST} are the "
            "least: fit fewer parts, or more people"
        )
    return crowd


def write(crowd: SyntheticCrowd, model_id: str, file: Path) -> str:
    """Write a crowd for one embedder and give the file's hash; the same crowd, the same bytes."""
    content = io.BytesIO()
    np.savez(
        content,
        model_id=np.array(model_id),
        weights=crowd.weights,
        centres=crowd.centres.astype("f2"),
        covariance=crowd.covariance.astype("f4"),
    )
    file.write_bytes(content.getvalue())
    return hashlib.sha256(content.getvalue()).hexdigest()


def read(card: Card, folder: Path = FOLDER) -> SyntheticCrowd:
    """Read the crowd of an embedder.

    Raises:
        ModelError: It has none, the file is not the one on its card, or it was fitted for other
            weights.
    """
    if card.crowd is None:
        raise ModelError(
            f"the network {card.role!r} has no crowd to forecast with; fit one: "
            f"python -m edge.vision.models.crowd PHOTOS --role {card.role}"
        )
    content = read_network(folder / card.crowd.file, card.crowd.sha256)
    with np.load(io.BytesIO(content)) as arrays:
        if str(arrays["model_id"]) != card.model_id:
            raise ModelError(
                f"the crowd of the network {card.role!r} was fitted for other weights; fit it "
                f"again: python -m edge.vision.models.crowd PHOTOS --role {card.role}"
            )
        names = ("weights", "centres", "covariance")
        return SyntheticCrowd(*(arrays[name].astype(np.float64) for name in names))


def main() -> None:
    """Make the templates of a folder of photographs, fit, write, note on the card."""
    parser = argparse.ArgumentParser(description="Fit the synthetic crowd of an embedder.")
    parser.add_argument("photos", type=Path, help="folder of photographs, one person each")
    parser.add_argument("--role", default="embed", help="which embedder (default: embed)")
    arguments = parser.parse_args()
    engine = load_engine(embedder=arguments.role, threads=1)
    files = track(unmeasured(arguments.photos), "templates")
    found = [template for file in files if (template := template_of(engine, file)) is not None]
    crowd = fit(np.stack(found))
    file = FOLDER / FILE.format(role=arguments.role)
    sha256 = write(crowd, read_card(arguments.role).model_id, file)
    note(sha256, FOLDER / f"{arguments.role}.toml", "crowd")
    Console().print(f"{file.name}: {len(found)} faces; sha256 = {sha256}")


def _first_guess(known: Numbers, parts: int, random: np.random.Generator) -> Numbers:
    """Give everybody to one part, by the direction of its centre (spherical k-means)."""
    centres = known[random.choice(len(known), parts, replace=False)]
    for _ in range(_STARTS):
        nearest = np.argmax(known @ centres.T, axis=1)
        everybody = np.eye(parts)[nearest]
        sums = everybody.T @ known
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return np.asarray(np.eye(parts)[np.argmax(known @ centres.T, axis=1)], np.float64)


def _of(known: Numbers, belongs: Numbers) -> SyntheticCrowd:
    """Give the crowd that follows from who belongs to which part, float64[N, parts]."""
    people = belongs.sum(axis=0)
    centres = (belongs.T @ known) / np.maximum(people, 1e-9)[:, None]
    between = (centres.T * people) @ centres
    return SyntheticCrowd(people / len(known), centres, (known.T @ known - between) / len(known))


def _membership(known: Numbers, crowd: SyntheticCrowd) -> Numbers:
    """Tell how likely everybody belongs to each part, float64[N, parts]."""
    root = np.linalg.cholesky(crowd.covariance + 1e-6 * np.eye(known.shape[1]))
    placed = np.linalg.solve(root, known.T).T
    centres = np.linalg.solve(root, crowd.centres.T).T
    distance = (centres**2).sum(axis=1) - 2 * placed @ centres.T
    logs = np.log(np.maximum(crowd.weights, 1e-12)) - distance / 2
    likely = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True), np.float64)


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
