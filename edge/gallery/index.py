"""The gallery in memory: every template in one matrix, searched by one product. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.decision import Candidate
from edge.errors import GalleryError
from edge.gallery.records import StoredReference
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
        valid_until: float64[entries], seconds since the epoch.
        categories: Of each entry.
    """

    model_id: str
    entry_ids: tuple[str, ...]
    templates: FloatArray
    starts: NDArray[np.int64]
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
        rows = [reference.templates for reference in known]
        return cls(
            model_id=model_id,
            entry_ids=tuple(entry.entry_id for entry in entries),
            templates=_frozen(np.concatenate(rows) if rows else np.empty((0, 0), np.float32)),
            starts=_frozen(np.cumsum(counts[:-1], dtype=np.int64)),
            valid_until=_frozen(np.array([entry.valid_until for entry in entries], np.float64)),
            categories=tuple(entry.category for entry in entries),
        )

    def updated(self, came: Iterable[StoredReference], went: Collection[str]) -> Self:
        """Give the index after some entries came or changed, and others went.

        Args:
            came: References that are new, or take the place of those with the same id.
            went: Ids that are compared with no longer; unknown ones are passed over.

        Raises:
            GalleryError: As ``build``.
        """
        new = type(self).build(came, self.model_id)
        out = set(went).union(new.entry_ids)
        kept = [place for place, name in enumerate(self.entry_ids) if name not in out]
        names = [*(self.entry_ids[place] for place in kept), *new.entry_ids]
        categories = [*(self.categories[place] for place in kept), *new.categories]
        order = sorted(range(len(names)), key=names.__getitem__)
        first, counts = _rows_of(self, kept, new)
        first, counts = first[order], counts[order]
        starts = np.cumsum(counts) - counts
        # Row by row: where it stood, which is its entry's first row and what follows.
        rows = np.repeat(first - starts, counts) + np.arange(counts.sum())
        ends = np.concatenate((self.valid_until[kept], new.valid_until))
        return type(self)(
            model_id=self.model_id,
            entry_ids=tuple(names[place] for place in order),
            templates=_frozen(_stacked(self.templates, new.templates).take(rows, axis=0)),
            starts=_frozen(starts),
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
        if not self.entry_ids:
            return ()
        scores = np.maximum.reduceat(self.templates @ probe, self.starts)
        fit = np.flatnonzero((scores >= threshold) & (self.valid_until > now))
        if len(fit) > limit:
            fit = fit[np.argpartition(-scores[fit], limit - 1)[:limit]] if limit else fit[:0]
        ranked = fit[np.lexsort((fit, -scores[fit]))]
        return tuple(self._candidate(place, scores) for place in ranked)

    def _candidate(self, place: int, scores: FloatArray) -> Candidate:
        return Candidate(self.entry_ids[place], self.categories[place], float(scores[place]))


def _frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.setflags(write=False)
    return array


def _rows_of(
    old: Index, kept: list[int], new: Index
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give first row and number of rows, in old and new stacked, of what is kept and is new."""
    before = len(old.templates)
    counts = np.concatenate(
        (np.diff(old.starts, append=before)[kept], np.diff(new.starts, append=len(new.templates)))
    )
    return np.concatenate((old.starts[kept], new.starts + before)), counts


def _stacked(old: FloatArray, new: FloatArray) -> FloatArray:
    """Put rows above each other; an index without entries has rows of no length."""
    if not len(old) or not len(new):
        return old if len(old) else new
    if old.shape[1] != new.shape[1]:
        raise GalleryError("templates of two lengths are on the list: enrol again")
    return np.concatenate((old, new))


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
    length = float(np.linalg.norm(probe))
    if not abs(length - 1) <= NORM_SLACK:  # also where it is NaN
        raise GalleryError(f"the probe is not of unit length but {length:.3g}")
