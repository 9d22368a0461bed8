"""Measures an embedder and writes the figures on its card.

``python -m edge.vision.models.measure DATA`` expects in DATA: ``lfw-dev/`` and
``portrait-pairs/`` (a folder for each person, several photos in it) and ``fairface-dev/``
(one photo for each person, and ``labels.csv`` with file, group, gender).
"""

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from edge.errors import DoorwatchError
from edge.vision import Engine, load_engine
from edge.vision.face import FloatArray
from edge.vision.models import tail
from edge.vision.models.card import FOLDER, Curve
from edge.vision.models.faces import Templates, photos, template_of

MARK = "# What follows is written by python -m edge.vision.models.measure.\n"
_MISSES = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, *(n / 10 for n in range(1, 10)), 0.95, 0.99)
_FALSE = (1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """All comparisons within one set of people with several photos each.

    Attributes:
        mated: float32[M], scores of two images of one person, rising.
        non_mated: float32[N], of two people, rising.
        photos: How many photos there were.
        usable: How many gave a usable face.
    """

    mated: FloatArray
    non_mated: FloatArray
    photos: int
    usable: int

    def line(self) -> str:
        """Say in one line how many mated comparisons pass at which false-match rate."""
        limits = np.quantile(self.non_mated, [1 - rate for rate in _FALSE])
        passed = " / ".join(f"{100 * float(np.mean(self.mated > at)):.1f}" for at in limits)
        return (
            f"{passed} % ({len(self.mated):,} mated, {len(self.non_mated):,} non-mated; "
            f"{self.usable:,} of {self.photos:,} photos with a usable face)"
        )


@dataclass(frozen=True, slots=True)
class Measurement:
    """What goes on a card.

    Attributes:
        figures: Lines by name.
        curves: Curves by name.
    """

    figures: dict[str, str]
    curves: dict[str, Curve]


def compare(found: Templates, total: int) -> Comparisons:
    """Compare every image with every other; the folder's name is the person."""
    people = np.array([hash(file.parent) for file in found.files])
    one, other = np.triu_indices(len(people), 1)
    scores = (found.values @ found.values.T)[one, other]
    same = people[one] == people[other]
    return Comparisons(np.sort(scores[same]), np.sort(scores[~same]), total, len(people))


def mated_curve(sets: dict[str, Comparisons]) -> Curve:
    """Tell how often two images of one person stay below a score; the worse set counts."""
    worst = np.min([np.quantile(each.mated, _MISSES) for each in sets.values()], axis=0)
    rising = np.maximum.accumulate(worst + np.arange(len(worst)) * 1e-6)
    counts = ", ".join(f"{len(each.mated):,} of {name}" for name, each in sets.items())
    about = f"share of mated comparisons that stay below a score, the worse of {counts}"
    return Curve(about, _MISSES, _rounded(rising))


def impostor_curve(found: Templates, labels: dict[str, tuple[str, str]]) -> Measurement:
    """Bound how often two people of the worst group pass a score."""
    group = np.array([" ".join(labels[file.name]) for file in found.files])
    gender = np.array([labels[file.name][1] for file in found.files])
    one, other = np.triu_indices(len(group), 1)
    apart = gender[one] != gender[other]
    outline = tail.shape((found.values @ found.values.T)[one[apart], other[apart]])
    bounds = {
        name: tail.group_bound(found.values[group == name], outline) for name in np.unique(group)
    }
    far = tail.RATES.index(1e-4)
    ranked = sorted(bounds, key=lambda name: -float(bounds[name][far]))
    order = "; ".join(f"{name} {bounds[name][far]:.3f}" for name in ranked)
    about = (
        f"share of comparisons of two people of one group that pass a score, the worst of "
        f"{len(bounds)} groups of fairface-dev ({len(group):,} usable faces), upper bound of "
        f"95 %; beyond 1e-2 the shape of {int(apart.sum()):,} comparisons of people of "
        "different sexes"
    )
    curve = Curve(about, tail.RATES, _rounded(tail.worst_of(bounds)))
    return Measurement({"score at FMR 1e-4 within each group": order}, {"impostor": curve})


def measure(data: Path, role: str) -> Measurement:
    """Measure the embedder that has ``role`` on the three sets in ``data``.

    Raises:
        ModelError: A set is missing, or no network of that role.
    """
    engine = load_engine(embedder=role, threads=1)
    with Progress() as progress:
        sets = {
            name: compare(_templates(engine, data / name, progress), len(photos(data / name)))
            for name in ("lfw-dev", "portrait-pairs")
        }
        strangers = _templates(engine, data / "fairface-dev", progress)
    groups = impostor_curve(strangers, _labels(data / "fairface-dev" / "labels.csv"))
    figures = {
        f"TMR at FMR 1e-2 / 1e-3 / 1e-4 / 1e-5 on {name}": each.line()
        for name, each in sets.items()
    }
    return Measurement(figures | groups.figures, groups.curves | {"mated": mated_curve(sets)})


def write(measurement: Measurement, card: Path) -> None:
    """Put the figures at the end of a card, in place of those that stood there."""
    lines = ["[measured]", *(f'"{name}" = "{line}"' for name, line in measurement.figures.items())]
    for name, curve in measurement.curves.items():
        lines += ["", f"[curves.{name}]", f'about = "{curve.about}"']
        lines += [f"shares = {list(curve.shares)}", f"scores = {list(curve.scores)}"]
    written = card.read_text("utf-8").split(MARK)[0].rstrip()
    card.write_text(f"{written}\n\n{MARK}" + "\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Measure one embedder and write its card."""
    parser = argparse.ArgumentParser(description="Measure an embedder; write it on its card.")
    parser.add_argument("data", type=Path, help="folder with lfw-dev, portrait-pairs, fairface-dev")
    parser.add_argument("--role", default="embed", help="which embedder (default: embed)")
    arguments = parser.parse_args()
    write(measure(arguments.data, arguments.role), FOLDER / f"{arguments.role}.toml")


def _templates(engine: Engine, folder: Path, progress: Progress) -> Templates:
    """Make a template of each photo of a folder that has a usable face."""
    files = progress.track(photos(folder), description=folder.name)
    found = [
        (file, template) for file in files if (template := template_of(engine, file)) is not None
    ]
    return Templates(tuple(file for file, _ in found), np.stack([values for _, values in found]))


def _labels(file: Path) -> dict[str, tuple[str, str]]:
    """Read group and gender of each photo."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: (row["group"], row["gender"]) for row in csv.DictReader(lines)}


def _rounded(scores: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(round(float(score), 6) for score in scores)


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
