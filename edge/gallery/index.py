"""The gallery in memory: every template in one matrix, sieved first, then compared. Pure."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.decision import Candidate
from edge.errors import GalleryError
from edge.gallery.records import StoredReference
from edge.gallery.sieve import Sieve
from edge.gallery.template import NORM_SLACK, check_templates
from edge.vision.face import FloatArray
from sync.entries import Category

Scalar = TypeVar("Scalar", bound=np.generic)

MOST_CANDIDATES = 10
"""Candidates of one search unless more are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The references of one gallery; never changed, only replaced.

    Attributes:
        model_id: What made the templates, and must have made the probes.
        entry_ids: The entries, one each.
        templates: float32[N, D], those of one entry side by side.
        starts: int64[entries], the first row of each entry.
        sieve: Finds the rows that are worth a comparison; None where there is no row.
        most: Rows of the entry that has the most.
        valid_until: float64[entries], seconds since the epoch.
        categories: Of each entry.
    """

    model_id: str
    entry_ids: tuple[str, ...]
    templates: FloatArray
    starts: NDArray[np.int64]
    sieve: Sieve | None
    most: int
    valid_until: NDArray[np.float64]
    categories: tuple[Category, ...]

    @classmethod
    def build(cls, references: Iterable[StoredReference], model_id: str) -> Self:
        """Build the index of ``references`` for probes that ``model_id`` makes.

        Raises:
            GalleryError: A template was made by another model, is not fit to be compared, or
                two entries share an id.
        """
        known = sorted(references, key=lambda reference: reference.entry.entry_id)
        for reference in known:
            check_reference(reference, model_id, known[0].templates.shape[1])
        entries = [reference.entry for reference in known]
        if len({entry.entry_id for entry in entries}) != len(entries):
            raise GalleryError("two entries have the same id: put back a copy of the gallery")
        counts = [0, *(len(reference.templates) for reference in known)]
        templates = _stacked([reference.templates for reference in known])
        return cls(
            model_id=model_id,
            entry_ids=tuple(entry.entry_id for entry in entries),
            templates=_frozen(templates),
            starts=_frozen(np.cumsum(counts[:-1], dtype=np.int64)),
            sieve=Sieve.build(templates) if known else None,
            most=max(counts),
            valid_until=_frozen(np.array([entry.valid_until for entry in entries], np.float64)),
            categories=tuple(entry.category for entry in entries),
        )

    @classmethod
    def merged(cls, parts: Sequence[Self], went: Collection[str] = ()) -> Self:
        """Put indexes together that are for probes of one model.

        Args:
            parts: At least one; an entry of a later part takes the place of one of an earlier.
            went: Ids that are left out.

        Raises:
            GalleryError: Their templates differ in length.
        """
        kept = _kept(parts, went)
        names = [part.entry_ids[place] for part, places in kept for place in places]
        categories = [part.categories[place] for part, places in kept for place in places]
        order = sorted(range(len(names)), key=names.__getitem__)
        first, counts = (rows[order] for rows in _rows_of(kept))
        pieces = _pieces(parts, first, counts)
        templates = [part.templates[rows] for part, rows in pieces]
        sieves = [(part.sieve, rows) for part, rows in pieces if part.sieve is not None]
        ends = np.concatenate([part.valid_until[places] for part, places in kept])
        return cls(
            model_id=parts[0].model_id,
            entry_ids=tuple(names[place] for place in order),
            templates=_frozen(_stacked(templates)),
            starts=_frozen(np.cumsum(counts) - counts),
            sieve=Sieve.joined(sieves) if sieves else None,
            most=int(counts.max(initial=0)),
            valid_until=_frozen(ends[order]),
            categories=tuple(categories[place] for place in order),
        )

    def __len__(self) -> int:
        """Count the entries."""
        return len(self.entry_ids)

    def search(
        self,
        probe: FloatArray,
        now: float = -np.inf,
        *,
        threshold: float = -1.0,
        limit: int = MOST_CANDIDATES,
    ) -> tuple[Candidate, ...]:
        """Compare a probe with every reference.

        Args:
            probe: float32[D], unit length, made by ``model_id``.
            now: Seconds since the epoch; entries that are over by then are left out. By default
                none is: for an index of entries in force, rebuilt when one runs out.
            threshold: Lowest score of a candidate; a score is a cosine, in [-1, 1].
            limit: Most candidates wanted.

        Returns:
            The candidates, best first; each entry once, by its best template.

        Raises:
            GalleryError: The probe is not finite, not of unit length, or of another dimension.
        """
        _check_probe(probe, self.templates.shape[1] if self.entry_ids else None)
        if self.sieve is None:
            return ()
        # Entries that are over may hold the best rows: then any row above the threshold counts.
        all_in_force = now == -np.inf
        enough = limit * self.most if all_in_force else len(self.templates)
        rows = self.sieve.rows(probe, threshold, enough)
        if not len(rows):
            return ()
        places = self.starts.searchsorted(rows, side="right") - 1  # the entry of each row
        scores = _scores(self.templates.take(rows, axis=0), probe)
        fit = scores >= threshold
        if not all_in_force:
            fit &= self.valid_until[places] > now
        passed = fit.nonzero()[0]
        best = passed[(-scores[passed]).argsort(kind="stable")][:enough]
        return self._candidates(places[best], scores[best], limit)

    def _candidates(
        self, places: NDArray[np.int64], scores: FloatArray, limit: int
    ) -> tuple[Candidate, ...]:
        """Name the entries of rows, best first: each once, by its best row."""
        found: dict[int, float] = {}
        for place, score in zip(places.tolist(), scores.tolist(), strict=True):
            found.setdefault(place, score)
        return tuple(
            Candidate(self.entry_ids[place], self.categories[place], score)
            for place, score in islice(found.items(), limit)
        )


def _scores(rows: FloatArray, probe: FloatArray) -> FloatArray:
    """Score rows, to the last bit of float32; not by BLAS, where a row's place changes that bit."""
    exact = np.einsum("ij,j->i", rows.astype(np.float64), probe.astype(np.float64))
    return np.asarray(exact, np.float32)


def _frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.setflags(write=False)
    return array


def _kept(parts: Sequence[Index], went: Collection[str]) -> list[tuple[Index, list[int]]]:
    """Give the places of each part whose entries no later part has, and that did not go."""
    newest: dict[str, int] = {}
    for number, part in enumerate(parts):
        newest |= dict.fromkeys(part.entry_ids, number)
    newest |= dict.fromkeys(went, -1)
    return [
        (part, [place for place, name in enumerate(part.entry_ids) if newest[name] == number])
        for number, part in enumerate(parts)
    ]


def _rows_of(
    kept: Sequence[tuple[Index, list[int]]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give first row, as `_pieces` counts them, and number of rows of each entry kept."""
    first, counts, above = [], [], 0
    for part, places in kept:
        first.append(part.starts[places] + above)
        counts.append(np.diff(part.starts, append=len(part.templates))[places])
        above += len(part.templates) + 1
    return np.concatenate(first), np.concatenate(counts)


def _pieces(
    parts: Sequence[Index], first: NDArray[np.int64], counts: NDArray[np.int64]
) -> list[tuple[Index, slice]]:
    """Say which rows of which part follow each other: a long list is mostly a piece of the old.

    Args:
        parts: Where the rows are. They are counted through, with one between two parts that
            stands for no row, so that no piece spans two of them.
        first: int64[n], the first row of each entry.
        counts: int64[n], its number of rows.

    Raises:
        GalleryError: The parts' templates differ in length.
    """
    if len({part.templates.shape[1] for part in parts if len(part)}) > 1:
        raise GalleryError("templates of two lengths are on the list: enrol again")
    if not len(first):
        return []
    ends = first + counts
    breaks = np.flatnonzero(first[1:] != ends[:-1]) + 1
    begins, stops = first[np.append(0, breaks)], ends[np.append(breaks - 1, -1)]
    bases = np.cumsum([0, *(len(part.templates) + 1 for part in parts)])
    owners = bases.searchsorted(begins, side="right") - 1
    return [
        (parts[owner], slice(begin - bases[owner], stop - bases[owner]))
        for owner, begin, stop in zip(owners, begins, stops, strict=True)
    ]


def _stacked(rows: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate(rows) if rows else np.empty((0, 0), np.float32)


def check_reference(reference: StoredReference, model_id: str, dimension: int | None) -> None:
    """Refuse a reference that probes could not be compared with.

    Args:
        reference: The reference.
        model_id: What makes the probes.
        dimension: Numbers in the other templates, if there are any.

    Raises:
        GalleryError: Another model made it, or its templates are not fit to be compared.
    """
    whose = f"entry {reference.entry.entry_id}"
    if reference.model_id != model_id:
        raise GalleryError(
            f"the templates of {whose} were made by {reference.model_id}, this unit runs "
            f"{model_id}: lift the entry and enrol it again"
        )
    check_templates(reference.templates, whose)
    if dimension is not None and reference.templates.shape[1] != dimension:
        raise GalleryError(f"the templates of {whose} differ in length from the others")


def _check_probe(probe: FloatArray, dimension: int | None) -> None:
    """Refuse a probe whose scores would be meaningless; NaN would be a silent non-match."""
    if probe.ndim != 1 or (dimension is not None and len(probe) != dimension):
        raise GalleryError(f"the probe has the shape {list(probe.shape)}, not [{dimension}]")
    length = math.sqrt(probe.dot(probe))
    if not abs(length - 1) <= NORM_SLACK:  # also where it is NaN
        raise GalleryError(f"the probe is not of unit length but {length:.3g}")
