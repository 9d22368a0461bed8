"""The indexes that are searched beside each other: the unit's own, faiss-cpu's and usearch's.

All search exactly, without a structure that trades recall for time. In int8 the peers compare
whole numbers of one step for the whole gallery, as their kernels want them; the unit's index
holds what its gallery keeps, int8 of a step for each template, and compares that as float32.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bench.gallery import index_over
from edge.bench.library import named
from edge.decision import Candidate
from edge.gallery.index import MOST_CANDIDATES
from edge.gallery.template import MOST_TEMPLATES, pack, unpack
from edge.vision.face import FloatArray

Places = NDArray[np.int64]

_LEVELS = 127
_SLICE = 16_384
"""Rows made whole numbers at once, so that no second copy of a long gallery is needed."""


@dataclass(frozen=True, slots=True)
class Searched:
    """An index that is ready to be searched.

    Attributes:
        system: Whose it is, with its version.
        numbers: What it holds: "float32" or "int8".
        search: Finds the ten best for a probe (float32[D]), in the form that its users get.
        places: Gives the rows of what was found.
    """

    system: str
    numbers: str
    search: Callable[[FloatArray], Any]
    places: Callable[[Any], Places]


def ours(templates: FloatArray) -> Iterator[Searched]:
    """Make the unit's index of templates (float32[N, D]), and of what its gallery keeps of them."""
    for numbers, rows in (("float32", templates), ("int8", _kept(templates))):
        yield Searched("doorwatch", numbers, index_over(rows, "bench").search, _rows)


def peers(templates: FloatArray, threads: int) -> Iterator[Searched]:
    """Make the indexes of those peers that are installed.

    Args:
        templates: float32[N, D].
        threads: Threads of each search.
    """
    peak = max(float(templates.max()), -float(templates.min()))
    whole = _whole(templates, peak / _LEVELS)
    for module, make in _PEERS.items():
        try:
            library = import_module(module)
        except ImportError:
            continue
        yield from make(library, templates, whole, threads)


def absent() -> list[str]:
    """Say which peers cannot be imported here, and why."""
    found = []
    for module in _PEERS:
        try:
            import_module(module)
        except ImportError as error:
            found.append(f"{module.partition('.')[0]} cannot be imported here: {error}")
    return found


@dataclass(frozen=True, slots=True)
class _Whole:
    """Templates in whole steps, and probes by the same step."""

    values: NDArray[np.int8]
    step: float

    def probe(self, probe: FloatArray) -> NDArray[np.int8]:
        levels: FloatArray = np.rint(probe / self.step)
        return levels.clip(-_LEVELS, _LEVELS).astype(np.int8)


def _whole(templates: FloatArray, step: float) -> _Whole:
    values = np.empty(templates.shape, np.int8)
    for part in _slices(len(templates), _SLICE):
        values[part] = np.rint(templates[part] / step)
    return _Whole(values, step)


def _faiss(faiss: Any, templates: FloatArray, whole: _Whole, threads: int) -> Iterator[Searched]:
    """Flat indexes: of floats, and of int8 that no decoding is needed for."""
    faiss.omp_set_num_threads(threads)
    name = f"faiss-cpu {faiss.__version__}"
    dimension = templates.shape[1]
    flat = faiss.IndexFlatIP(dimension)
    flat.add(templates)
    yield Searched(name, "float32", lambda one: flat.search(one[None], MOST_CANDIDATES), _labels)
    kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
    small = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    for part in _slices(len(templates), _SLICE):
        small.add(whole.values[part].astype(np.float32))

    def search(probe: FloatArray) -> Any:
        return small.search(whole.probe(probe)[None].astype(np.float32), MOST_CANDIDATES)

    yield Searched(name, "int8", search, _labels)


def _usearch(
    usearch: Any, templates: FloatArray, whole: _Whole, threads: int
) -> Iterator[Searched]:
    """Its search through a matrix, which needs no index."""
    name = named("usearch.index")

    def search(rows: Any, probe: Any) -> Any:
        kind = usearch.MetricKind.IP
        return usearch.search(rows, probe, MOST_CANDIDATES, kind, exact=True, threads=threads)

    yield Searched(name, "float32", lambda probe: search(templates, probe), _keys)
    yield Searched(name, "int8", lambda probe: search(whole.values, whole.probe(probe)), _keys)


_PEERS: dict[str, Callable[[Any, FloatArray, _Whole, int], Iterator[Searched]]] = {
    "faiss": _faiss,
    "usearch.index": _usearch,
}


def _kept(templates: FloatArray) -> FloatArray:
    """Give templates as they come back from the gallery."""
    kept = np.empty_like(templates)
    for part in _slices(len(templates), MOST_TEMPLATES):
        kept[part] = unpack(pack(templates[part]), "nobody")
    return kept


def _slices(count: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, count, size))


def _rows(found: tuple[Candidate, ...]) -> Places:
    return np.array([int(one.entry_id, 16) for one in found], np.int64)


def _labels(found: tuple[FloatArray, Places]) -> Places:
    places: Places = found[1][0]
    return places


def _keys(found: Any) -> Places:
    return np.asarray(found.keys, np.int64)
