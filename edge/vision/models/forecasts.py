"""Checks forecasts against strangers who came: ``python -m edge.vision.models.forecasts DATA``.

DATA holds ``fairface-dev/`` and ``lfw-dev/``, none of whose people the crowd was fitted on. A
forecast is made for every person's first usable photograph, then all others of a set come by:
those of fairface-dev, a crowd of all kinds of people like the one that was fitted, and those of
lfw-dev, who are mostly of one kind. A forecast is good where the references that it calls bad ring
more often, and where it says how often. Pairs that show one person, or may, are left out.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from edge.errors import DoorwatchError
from edge.intervals import Interval, spread
from edge.vision import load_engine
from edge.vision.crowd import Numbers, SyntheticCrowd
from edge.vision.face import FloatArray
from edge.vision.models import crowd
from edge.vision.models.card import read_card
from edge.vision.models.faces import Templates, photos, template_of
from edge.vision.models.strangers import Pairs, read_looked_at

THRESHOLDS = (0.45, 0.5, 0.55, 0.6)
_DRAWS = 300
_TENTH = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """References, and how alike strangers scored who came by.

    Attributes:
        references: float32[n, D], one template of each.
        scores: float32[n, m]; NaN where a stranger is, or may be, the same person.
    """

    references: FloatArray
    scores: FloatArray


@dataclass(frozen=True, slots=True)
class Check:
    """Forecasts of one set at one threshold, and what came of them.

    Attributes:
        threshold: The score to pass.
        references: How many forecasts.
        comparisons: With how many strangers, in all.
        passed: How many of these passed.
        order: Spearman's rank correlation of forecast and rate, with a 95 % interval over
            references; it is bounded by chance where few pass.
        worst: How often a reference of the tenth that rang most is forecast to ring more often
            than one of the others (AUC), with the interval.
        alike: The mean forecast for a crowd of people who look like the reference.
        foretold: The mean forecast in each tenth of the references, by forecast.
        counted: The mean rate in each.
    """

    threshold: float
    references: int
    comparisons: int
    passed: int
    order: tuple[float, Interval]
    worst: tuple[float, Interval]
    alike: float
    foretold: tuple[float, ...]
    counted: tuple[float, ...]

    def line(self) -> str:
        """Say it in one line."""
        every, came = float(np.mean(self.foretold)), float(np.mean(self.counted))
        (order, (low, high)), (worst, (least, most)) = self.order, self.worst
        return (
            f"score {self.threshold:.2f}: {self.passed:,} of {self.comparisons:,} comparisons "
            f"passed, {_times(came, every)} times the forecast, {_times(came, self.alike)} times "
            f"that for people who look alike; in the tenth of {self.references:,} references "
            f"forecast best {_times(self.counted[0], self.foretold[0])}, worst "
            f"{_times(self.counted[-1], self.foretold[-1])} times it; the worst tenth rang "
            f"{_times(self.counted[-1], self.counted[0])} times as often as the best; rank "
            f"correlation {order:.2f} ({low:.2f} to {high:.2f}); AUC of the tenth that rang most "
            f"{worst:.2f} ({least:.2f} to {most:.2f})"
        )


def check(known: SyntheticCrowd, found: Met, threshold: float, seed: int = 1) -> Check:
    """Compare forecasts with what came of them.

    Args:
        known: The crowd behind the forecasts.
        found: Who met whom.
        threshold: The score to pass.
        seed: Draws references for the intervals.
    """
    parts = np.array([known.rates(each[None], threshold) for each in found.references])
    rates, scores = parts @ known.weights, found.scores
    compared = ~np.isnan(scores)
    passed = np.sum(np.nan_to_num(scores, nan=-1) > threshold, axis=1)
    came = passed / compared.sum(axis=1)
    random, ringing = np.random.default_rng(seed), _most(came)
    picks = [random.integers(len(rates), size=len(rates)) for _ in range(_DRAWS)]

    def figure(of: Callable[[NDArray[np.int64]], float]) -> tuple[float, Interval]:
        return of(np.arange(len(rates))), spread(np.array([of(pick) for pick in picks]))

    tenths = np.array_split(np.argsort(rates, kind="stable"), 10)
    return Check(
        threshold,
        len(rates),
        int(compared.sum()),
        int(passed.sum()),
        figure(lambda pick: float(np.corrcoef(ranks(rates[pick]), ranks(came[pick]))[0, 1])),
        figure(lambda pick: auc(rates[pick], ringing[pick])),
        float(parts.max(axis=1).mean()),
        tuple(float(rates[tenth].mean()) for tenth in tenths),
        tuple(float(came[tenth].mean()) for tenth in tenths),
    )


def ranks(values: Numbers) -> Numbers:
    """Give the rank of each number, equal ones the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], np.float64)


def auc(values: Numbers, marked: NDArray[np.bool_]) -> float:
    """Tell how often a marked number is larger than one that is not (Mann and Whitney's U)."""
    inside = int(marked.sum())
    pairs = inside * (len(marked) - inside)
    if not pairs:
        return float("nan")
    return float((ranks(values)[marked].sum() - inside * (inside + 1) / 2) / pairs)


def met(references: Templates, strangers: Templates, same: Pairs) -> Met:
    """Let strangers come by who are not the people of the references.

    Args:
        references: One face of each person.
        strangers: One face of each; of the same set, or another.
        same: Pairs of file names that show one person, or may.
    """
    scores = np.asarray(references.values @ strangers.values.T, np.float32)
    place = {file.name: number for number, file in enumerate(strangers.files)}
    for row, file in enumerate(references.files):
        if file.name in place:
            scores[row, place[file.name]] = np.nan
    row_of = {file.name: number for number, file in enumerate(references.files)}
    for one, other in (tuple(pair) for pair in same if pair <= place.keys() & row_of.keys()):
        scores[row_of[one], place[other]] = scores[row_of[other], place[one]] = np.nan
    return Met(references.values, scores)


def main() -> None:
    """Check the forecasts of the embedder that ships."""
    parser = argparse.ArgumentParser(description="Check forecasts against strangers who came.")
    parser.add_argument("data", type=Path, help="folder with fairface-dev and lfw-dev")
    data = parser.parse_args().data
    known, looked_at = crowd.read(read_card("embed")), read_looked_at()
    everybody = {name: _one_each(data / name) for name in ("fairface-dev", "lfw-dev")}
    same = looked_at.same | looked_at.undecided
    for listed, coming in (("fairface-dev",) * 2, ("lfw-dev", "fairface-dev"), ("lfw-dev",) * 2):
        found = met(everybody[listed], everybody[coming], same)
        for threshold in THRESHOLDS:
            words = check(known, found, threshold).line()
            Console(highlight=False, soft_wrap=True).print(
                f"references of {listed}, strangers of {coming}, {words}"
            )


def _one_each(folder: Path) -> Templates:
    """Give the first usable face of every person: of a folder, or else of every file."""
    engine = load_engine(threads=1)
    found: dict[Path, tuple[Path, FloatArray]] = {}
    for file in track(photos(folder), folder.name):
        person = file if file.parent == folder else file.parent
        if person not in found and (template := template_of(engine, file)) is not None:
            found[person] = (file, template)
    files, values = zip(*found.values(), strict=True)
    return Templates(files, np.stack(values))


def _most(came: Numbers) -> NDArray[np.bool_]:
    """Mark the tenth of the references that rang most; those that never rang are not among it."""
    return (came >= np.quantile(came, 1 - _TENTH)) & (came > 0)


def _times(one: float, other: float) -> str:
    return f"{one / other:.1f}" if other else "-"


if __name__ == "__main__":
    try:
        main()
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
