"""Comparisons of two people of one group, from one photograph of each person.

A photograph for each person is what a collection promises; pictures from the web do not keep it.
``fairface-same.csv`` lists pairs of FairFace photographs that show one person after all, and
pairs of which nobody can tell. They are few among half a million comparisons, and nearly all
that score highest: whatever is counted out there counts them. So whoever counts says how.

The 1,119 pairs of usable faces that two networks found most alike were read twice, independently
and without their scores, from aligned faces: same, undecided or two people. "Same or not" agreed
in 90.5 % (Cohen's kappa 0.65). 227 disputed or unsure pairs were read a third time, from the
whole photographs. A pair is "same" where both say so, or one does and the third reading agrees,
or both are unsure and the third is not; pairs that follow from two others are added. It is "two
people" where nobody sees one, and undecided otherwise. None of the 65 pairs of a woman and a man
was read as one person. The pairs were chosen by networks, so the list is no sample of anything;
pairs that nobody looked at count as two people.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.models.card import FOLDER
from edge.vision.models.faces import Templates

LOOKED_AT = FOLDER / "fairface-same.csv"
"""Pairs of FairFace photographs: two files, and "same" or "undecided"."""

HIGHEST = 0.2
"""Share of the comparisons of women and men that is kept, the highest."""

Pairs = frozenset[frozenset[str]]
"""Pairs of file names."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Pairs of photographs that were looked at because they might show one person.

    Attributes:
        same: Those that do. They are no comparison of two people.
        undecided: Those of which nobody could tell.
    """

    same: Pairs = frozenset()
    undecided: Pairs = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Every comparison of two people of one group.

    Attributes:
        people: How many there are.
        scores: float64[n], falling.
        pairs: int64[n, 2], the two people of each, counted from 0.
        undecided: bool[n], whether both may be one person after all.
    """

    people: int
    scores: NDArray[np.float64]
    pairs: NDArray[np.int64]
    undecided: NDArray[np.bool_]

    def passing(self, threshold: float) -> int:
        """Count the comparisons that score at least ``threshold``."""
        return int(np.searchsorted(-self.scores, -threshold, side="right"))

    def settled(self, threshold: float) -> int:
        """Count those of them that are certainly of two people."""
        return int(np.sum(~self.undecided[: self.passing(threshold)]))

    def score_at(self, fmr: float) -> float:
        """Give the score that the share ``fmr`` of the comparisons pass, as counted."""
        return float(np.quantile(self.scores, 1 - fmr))


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """Comparisons of women of one group with men of one: certainly two people each.

    Attributes:
        first: Whom the first of each pair belongs to, as ``Crowd.groups`` names it.
        second: The same for the second.
        total: How many comparisons there are.
        scores: float64[n], falling, the highest share ``HIGHEST`` of them.
        pairs: int64[n, 2], the two people, counted from 0 within their groups.
    """

    first: str
    second: str
    total: int
    scores: NDArray[np.float64]
    pairs: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Many people, compared.

    Attributes:
        groups: Comparisons within each group, by its name.
        apart: Comparisons of people of different sexes, for each two groups.
    """

    groups: dict[str, Group]
    apart: tuple[Apart, ...]


def read_looked_at(file: Path = LOOKED_AT) -> LookedAt:
    """Read which pairs of photographs show one person, or may.

    Raises:
        ModelError: The file cannot be read, or a line is none.
    """
    try:
        rows = list(csv.reader(file.read_text("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"the list of pairs {file} cannot be read") from error
    for number, row in enumerate(rows, 1):
        if len(set(row)) != 3 or row[2] not in ("same", "undecided"):
            raise ModelError(
                f"{file}, line {number}: two files and 'same' or 'undecided' are wanted, not {row}"
            )
    said = {
        word: frozenset(frozenset(row[:2]) for row in rows if row[2] == word)
        for word in ("same", "undecided")
    }
    return LookedAt(said["same"], said["undecided"])


def crowd_of(found: Templates, group: Mapping[str, str], looked_at: LookedAt) -> Crowd:
    """Compare everybody with everybody of their own group.

    Args:
        found: One face for each photograph.
        group: The group of the person on each photograph, by file name, the sex as its last
            word; people of none ("", or not named) are left out.
        looked_at: Pairs that show one person, or may.
    """
    names = np.array([file.name for file in found.files])
    member = np.array([group.get(name, "") for name in names.tolist()])
    own = {str(one): member == one for one in np.unique(member) if one and sum(member == one) > 1}
    groups = {
        one: _compared(found.values[rows], names[rows].tolist(), looked_at)
        for one, rows in own.items()
    }
    apart = tuple(
        _apart(first, second, found.values[own[first]] @ found.values[own[second]].T)
        for first, second in combinations(groups, 2)
        if first.split()[1:] and second.split()[1:] and first.split()[-1] != second.split()[-1]
    )
    return Crowd(groups, apart)


def _compared(values: NDArray[np.float32], names: list[str], looked_at: LookedAt) -> Group:
    """Compare everybody of one group, but for the pairs that show one person."""
    allowed = np.triu(np.ones((len(names), len(names)), np.bool_), 1)
    allowed &= ~_marked(names, looked_at.same)
    pairs = np.argwhere(allowed)
    scores = (values @ values.T)[allowed].astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    undecided = _marked(names, looked_at.undecided)[allowed]
    return Group(len(names), scores[order], pairs[order], undecided[order])


def _marked(names: list[str], marked: Pairs) -> NDArray[np.bool_]:
    """Mark pairs, both ways round: bool[n, n]."""
    place = {name: number for number, name in enumerate(names)}
    found = np.zeros((len(names), len(names)), np.bool_)
    for one, other in (tuple(pair) for pair in marked if pair <= place.keys()):
        found[place[one], place[other]] = found[place[other], place[one]] = True
    return found


def _apart(first: str, second: str, scores: NDArray[np.float32]) -> Apart:
    """Keep the highest comparisons of two groups."""
    kept = np.argpartition(-scores, int(HIGHEST * scores.size), axis=None)
    kept = kept[: int(HIGHEST * scores.size)]
    kept = kept[np.argsort(-scores.ravel()[kept], kind="stable")]
    pairs = np.stack(np.unravel_index(kept, scores.shape), axis=1)
    return Apart(first, second, scores.size, scores.ravel()[kept].astype(np.float64), pairs)
