"""Fits what brings an embedder's templates apart: ``python -m edge.vision.models.spread PHOTOS``.

PHOTOS is a folder of photographs, one person each; the published map comes from photographs of
FairFace (CC BY 4.0), less those of people who may also be in a set that measures: their names are
in ``spread-without.txt``. Nothing of a face can be read from the map: it is a mean and a
covariance of thousands.
"""

import argparse
import hashlib
import io
import re
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from edge.errors import DoorwatchError, ModelError
from edge.vision import load_engine
from edge.vision.embed import Spread
from edge.vision.face import FloatArray
from edge.vision.models.card import FOLDER, read_card
from edge.vision.models.faces import template_of, unmeasured

FILE = FOLDER / "embed-spread.npz"
SHARED_BY = ("embed", "embed-float")
"""The int8 network computes what the float one does, and is spread by the float one's map."""

POWER = 0.15
"""How far directions of much variance are held back: 0 not at all, 0.5 wholly (whitening)."""
FLOOR = 0.1
"""Variance taken as the least, in parts of the mean: quiet directions are mostly noise."""


def fit(templates: FloatArray, power: float = POWER, floor: float = FLOOR) -> Spread:
    """Fit the map on templates of different people.

    Args:
        templates: float32[N, D], unit length.
        power: See ``POWER``.
        floor: See ``FLOOR``.

    Raises:
        ValueError: There are not more templates than numbers in each.
    """
    people, dimension = templates.shape
    if people <= dimension:
        raise ValueError(
            f"{people} templates of {dimension} numbers say too little of their spread"
        )
    centre = templates.mean(axis=0, dtype=np.float64)
    variance, directions = np.linalg.eigh(np.cov((templates - centre).T))
    gain = (variance + floor * variance.mean()) ** -power
    return Spread(
        centre.astype(np.float32), ((directions * gain) @ directions.T).astype(np.float32)
    )


def write(spread: Spread, file: Path) -> str:
    """Write the map as float16 and give the file's hash; the same map gives the same bytes."""
    content = io.BytesIO()
    np.savez(content, centre=spread.centre.astype("f2"), matrix=spread.matrix.astype("f2"))
    file.write_bytes(content.getvalue())
    return hashlib.sha256(content.getvalue()).hexdigest()


def note(sha256: str, card: Path, table: str = "spread") -> None:
    """Put the hash of a file onto a card, under the ``table`` that names it.

    Raises:
        ModelError: The card has no such line.
    """
    line = rf'(?m)(^\[{table}\]\nfile = ".*"\nsha256 = )".*"$'
    text, count = re.subn(line, rf'\g<1>"{sha256}"', card.read_text("utf-8"))
    if count != 1:
        raise ModelError(f"the card {card} has no [{table}] with file and sha256")
    card.write_text(text, "utf-8")


def main() -> None:
    """Make the float network's templates of a folder of photographs, fit, write."""
    parser = argparse.ArgumentParser(description="Fit what brings an embedder's templates apart.")
    parser.add_argument("photos", type=Path, help="folder of photographs, one person each")
    arguments = parser.parse_args()
    engine = load_engine(embedder="embed-float", threads=1, spread=False)
    files = track(unmeasured(arguments.photos), "templates")
    found = [template_of(engine, file) for file in files]
    templates = [each for each in found if each is not None]
    least = read_card("embed-float").outputs[0].shape[-1]
    if len(templates) <= least:
        raise ModelError(f"{len(templates)} usable faces are too few: more than {least} are needed")
    sha256 = write(fit(np.stack(templates)), FILE)
    for role in SHARED_BY:
        note(sha256, FOLDER / f"{role}.toml")
    Console().print(f"{FILE.name}: {len(templates)} faces; sha256 = {sha256}")


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
