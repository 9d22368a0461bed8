"""Measures an embedder and writes the figures on its card.

``python -m edge.vision.models.measure DATA`` expects in DATA: ``lfw-dev/`` and
``portrait-pairs/`` (a folder for each person, several photos in it) and ``fairface-dev/``
(one photo for each person, and ``labels.csv`` with file, group, gender). What was trained on
lies in none of them.
"""

import argparse
import csv
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
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
from edge.vision.models.groups import common_threshold, fairness
from edge.vision.models.strangers import Crowd, LookedAt, crowd_of, read_looked_at
from edge.vision.models.tail import RATES, Curves

MARK = "# What follows is written by python -m edge.vision.models.measure.\n"
_MISSES = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, *(n / 10 for n in range(1, 10)), 0.95, 0.99)
MOST_PHOTOS = 3
"""Photos of a reference up to which it is measured what each more brings."""
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

    def score_at(self, fmr: float) -> float:
        """Give the score that the share ``fmr`` of the non-mated comparisons pass."""
        return float(np.quantile(self.non_mated, 1 - fmr))

    def passing(self, score: float) -> float:
        """Give the share of mated comparisons that pass a score."""
        return float(np.mean(self.mated > score))

    def line(self) -> str:
        """Say in one line how many mated comparisons pass at which false-match rate."""
        passed = " / ".join(f"{100 * self.passing(self.score_at(rate)):.1f}" for rate in _FALSE)
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


def several_curves(found: Templates) -> dict[str, Curve]:
    """Tell how often somebody stays below a score by how many photos the reference has.

    The same people for each number, so that only the number differs: whoever has one photograph
    more than the most. Each is looked for with each photograph, against every choice of others,
    by the best of them.
    """
    places: dict[Path, list[int]] = {}
    for place, file in enumerate(found.files):
        places.setdefault(file.parent, []).append(place)
    people = [own[: MOST_PHOTOS + 1] for own in places.values() if len(own) > MOST_PHOTOS]
    curves = {}
    for count in range(1, MOST_PHOTOS + 1) if people else ():
        best = np.concatenate([_best_of(found.values[own], count) for own in people])
        about = (
            f"share of photographs of {len(people)} people of lfw-dev that stay below a score "
            f"with the best of {count} others"
        )
        rising = np.quantile(best, _MISSES) + np.arange(len(_MISSES)) * 1e-6
        curves[f"several-{count}"] = Curve(about, _MISSES, _rounded(rising))
    return curves


def _best_of(templates: FloatArray, photos: int) -> FloatArray:
    """Score each template of a person against every choice of so many others: the best counts."""
    scores = templates @ templates.T
    return np.array(
        [
            max(scores[probe, list(chosen)])
            for probe in range(len(templates))
            for chosen in combinations(
                [one for one in range(len(templates)) if one != probe], photos
            )
        ],
        np.float32,
    )


def impostor_curve(crowd: Crowd, curves: Curves) -> Curve:
    """Bound how often two people of the worst group pass a score."""
    people = sum(group.people for group in crowd.groups.values())
    compared = sum(len(group.scores) for group in crowd.groups.values())
    apart = sum(cell.total for cell in crowd.apart)
    about = (
        f"share of comparisons of two people of one group that pass a score, the worst of "
        f"{len(crowd.groups)} groups of fairface-dev ({people:,} usable faces, {compared:,} "
        f"comparisons), upper bound of 95 %; beyond 1e-2 the shape of {apart:,} comparisons of "
        "women and men, beyond 3e-5 an exponential"
    )
    return Curve(about, RATES, _rounded(curves.bounds.max(axis=0)))


def group_figures(crowd: Crowd, curves: Curves, sets: Mapping[str, Comparisons]) -> dict[str, str]:
    """Say how unequal the groups are, and what it costs to be right for the worst of them."""
    where = {
        f"FMR within groups at the score of FMR 1e-4 on {name}": each.score_at(1e-4)
        for name, each in sets.items()
    } | {
        f"FMR within groups where their mean is {rate:.0e}": common_threshold(curves, rate)
        for rate in (1e-3, 1e-4)
    }
    figures = {name: fairness(crowd, curves, at).line() for name, at in where.items()}
    for bound, words in ((False, ""), (True, ", its bound of 95 %")):
        group, score = curves.worst(1e-4, bound=bound)
        figures[f"TMR at FMR 1e-4 in the worst group{words}"] = _passing(sets, score, group)
    return figures


def counted_figures(
    found: Templates,
    labels: Mapping[str, str],
    looked_at: LookedAt,
    sets: Mapping[str, Comparisons],
) -> dict[str, str]:
    """Say what becomes of the worst group where its highest scores are only counted."""
    as_they_are = LookedAt()
    settled = LookedAt(looked_at.same | looked_at.undecided)
    kinds = {
        "all pairs of photographs as two people": as_they_are,
        f"without {len(looked_at.same)} pairs of one person": looked_at,
        f"and without {len(looked_at.undecided)} undecided pairs": settled,
    }
    figures = {}
    for words, kind in kinds.items():
        groups = crowd_of(found, labels, kind).groups
        worst = max(groups, key=lambda name: groups[name].score_at(1e-4))
        score = groups[worst].score_at(1e-4)
        figures[f"the same only counted, {words}"] = _passing(sets, score, worst)
    return figures


def _passing(sets: Mapping[str, Comparisons], score: float, group: str) -> str:
    """Say which mated comparisons pass a score."""
    passed = (f"{100 * each.passing(score):.1f} % of {name}" for name, each in sets.items())
    return f"{', '.join(passed)} (score {score:.3f}, {group})"


def measure(data: Path, role: str) -> Measurement:
    """Measure the embedder that has ``role`` on the three sets in ``data``.

    Raises:
        ModelError: A set is missing, or no network of that role.
    """
    engine = load_engine(embedder=role, threads=1)
    with Progress() as progress:
        found = {
            name: _templates(engine, data / name, progress)
            for name in ("lfw-dev", "portrait-pairs")
        }
        strangers = _templates(engine, data / "fairface-dev", progress)
    sets = {name: compare(each, len(photos(data / name))) for name, each in found.items()}
    labels, looked_at = _labels(data / "fairface-dev" / "labels.csv"), read_looked_at()
    crowd = crowd_of(strangers, labels, looked_at)
    curves = tail.curves(crowd)
    figures = {
        f"TMR at FMR 1e-2 / 1e-3 / 1e-4 / 1e-5 on {name}": each.line()
        for name, each in sets.items()
    }
    figures |= group_figures(crowd, curves, sets)
    figures |= counted_figures(strangers, labels, looked_at, sets)
    drawn = {"impostor": impostor_curve(crowd, curves), "mated": mated_curve(sets)}
    drawn |= several_curves(found["lfw-dev"])
    return Measurement(figures, drawn)


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


def _labels(file: Path) -> dict[str, str]:
    """Read group and gender of each photo."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: f"{row['group']} {row['gender']}" for row in csv.DictReader(lines)}


def _rounded(scores: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(round(float(score), 6) for score in scores)


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
