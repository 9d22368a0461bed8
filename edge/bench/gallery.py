"""A gallery of nobody: random templates, to be searched."""

import numpy as np

from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from sync.entries import Category, Entry, Reason

ENTRIES = 10_000
TEMPLATES = 3


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
