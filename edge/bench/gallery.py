"""A gallery of nobody: random templates, to be searched."""

import numpy as np

from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from edge.gallery.sieve import Sieve
from edge.vision.face import FloatArray
from sync.entries import Category, Entry, Reason

ENTRIES = 10_000
TEMPLATES = 3

_LIKENESS = 0.7
"""Cosine of a probe and the template that it was made from, about that of one person's faces."""


def index_of(entries: int, each: int, dimension: int, model_id: str) -> Index:
    """Make an index of ``entries`` people with ``each`` templates of ``dimension`` numbers."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(entries, each, dimension)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    references = (
        StoredReference(
            Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, 0.0, 1.0), rows[number], model_id
        )
        for number in range(entries)
    )
    return Index.build(references, model_id)


def templates_of(count: int, dimension: int) -> FloatArray:
    """Make templates of nobody, float32[count, dimension]."""
    rows = np.random.default_rng(1).standard_normal((count, dimension), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def probes_of(templates: FloatArray, count: int) -> FloatArray:
    """Make probes, float32[count, D]: every second resembles a template, the others nobody."""
    rng = np.random.default_rng(2)
    probes = rng.standard_normal((count, templates.shape[1]), np.float32)
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    known = rng.integers(0, len(templates), len(probes[::2]))
    probes[::2] *= np.float32(np.sqrt(1 - _LIKENESS**2))
    probes[::2] += np.float32(_LIKENESS) * templates[known]
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    return probes


def index_over(templates: FloatArray, model_id: str) -> Index:
    """Make an index of float32[N, D], one template an entry; the row is the entry's id.

    A million references would be checked one by one if they were enrolled.
    """
    count = len(templates)
    return Index(
        model_id=model_id,
        entry_ids=tuple(f"{number:016x}" for number in range(count)),
        templates=templates,
        starts=np.arange(count),
        sieve=Sieve.build(templates),
        most=1,
        valid_until=np.ones(count),
        categories=(Category.BANNED,) * count,
    )
