"""The gallery in memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decision import Candidate
from edge.errors import GalleryError
from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from edge.vision.face import FloatArray
from sync.entries import Category, Entry, Reason

MODEL = "net-1"
DIMENSION = 32


def units(count: int, seed: int = 1, dimension: int = DIMENSION) -> FloatArray:
    """Random directions, float32[count, dimension]."""
    raw = np.random.default_rng(seed).normal(size=(count, dimension))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)


def reference(
    number: int, templates: FloatArray, *, until: float = 100.0, model: str = MODEL
) -> StoredReference:
    """One entry."""
    entry = Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, 0.0, until)
    return StoredReference(entry, templates, model)


def brute_force(references: list[StoredReference], probe: FloatArray, now: float) -> list[float]:
    """The best score of each entry in force, by the plainest means."""
    return [
        max(sum(float(a) * float(b) for a, b in zip(row, probe, strict=True)) for row in templates)
        for entry, templates, *_ in references
        if entry.in_force(now)
    ]


@given(
    counts=st.lists(st.integers(1, 4), max_size=8),
    ends=st.lists(st.floats(1, 100), min_size=8, max_size=8),
    now=st.floats(0, 120),
    threshold=st.floats(-1, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_search_finds_what_comparing_one_by_one_finds(
    counts: list[int], ends: list[float], now: float, threshold: float, seed: int
) -> None:
    references = [
        reference(i, units(count, seed + i), until=ends[i]) for i, count in enumerate(counts)
    ]
    probe = units(1, seed + 99)[0]
    found = Index.build(references, MODEL).search(probe, now, threshold=threshold)
    wanted = [score for score in brute_force(references, probe, now) if score >= threshold]
    assert np.allclose([c.score for c in found], sorted(wanted, reverse=True), atol=1e-5)


@given(st.permutations(range(6)))
def test_the_order_of_enrolment_changes_nothing(order: list[int]) -> None:
    references = [reference(i, units(2, i)) for i in range(6)]
    shuffled = Index.build([references[i] for i in order], MODEL)
    probe = units(1, 50)[0]
    assert shuffled.search(probe, 0.0) == Index.build(references, MODEL).search(probe, 0.0)


def test_an_entry_is_found_by_its_best_template_and_once() -> None:
    mine = units(3, 7)
    index = Index.build([reference(1, units(3, 1)), reference(2, mine)], MODEL)
    for row in mine:
        best = index.search(row, 0.0)[0]
        assert best == Candidate(f"{2:016x}", Category.BANNED, pytest.approx(1.0, abs=1e-6))
    assert len(index.search(mine[0], 0.0)) == 2


def test_an_entry_that_is_over_is_never_a_candidate() -> None:
    index = Index.build([reference(1, units(1), until=50.0)], MODEL)
    assert index.search(units(1)[0], 49.9)
    assert index.search(units(1)[0], 50.0) == ()
    assert index.search(units(1)[0])


def test_no_more_candidates_than_wanted_and_the_best_of_them() -> None:
    index = Index.build([reference(i, units(1, i)) for i in range(40)], MODEL)
    probe = units(1, 99)[0]
    everybody = index.search(probe, 0.0, limit=40)
    assert len(everybody) == 40
    assert index.search(probe, 0.0, limit=3) == everybody[:3]
    assert index.search(probe, 0.0) == everybody[:10]
    assert index.search(probe, 0.0, limit=0) == ()


def test_an_empty_gallery_has_no_candidates() -> None:
    index = Index.build([], MODEL)
    assert len(index) == 0
    assert index.search(units(1)[0], 0.0) == ()


def test_equal_scores_stand_in_the_order_of_their_ids() -> None:
    same = units(1)
    index = Index.build([reference(i, same) for i in (3, 1, 2)], MODEL)
    assert [c.entry_id[-1] for c in index.search(same[0], 0.0)] == ["1", "2", "3"]


def test_templates_of_another_model_are_an_error_and_never_a_score() -> None:
    with pytest.raises(GalleryError, match="made by net-0, this unit runs net-1"):
        Index.build([reference(1, units(1)), reference(2, units(1), model="net-0")], MODEL)


def test_templates_that_cannot_be_compared_are_refused() -> None:
    spoilt = units(1).copy()
    spoilt[0, 0] = np.nan
    for references, says in [
        ([reference(1, spoilt)], "not finite"),
        ([reference(1, units(1)), reference(2, units(1, dimension=64))], "differ in length"),
        ([reference(1, units(1)), reference(1, units(1))], "same id"),
    ]:
        with pytest.raises(GalleryError, match=says):
            Index.build(references, MODEL)


@pytest.mark.parametrize("probe", [np.nan, np.inf, 0.0, 1.0])
def test_a_probe_without_unit_length_is_refused(probe: float) -> None:
    for index in (Index.build([reference(1, units(1))], MODEL), Index.build([], MODEL)):
        with pytest.raises(GalleryError, match="unit length"):
            index.search(np.full(DIMENSION, probe, np.float32), 0.0)


def test_a_probe_of_another_shape_is_refused() -> None:
    index = Index.build([reference(1, units(1))], MODEL)
    for probe in (units(1, dimension=64)[0], units(1)):
        with pytest.raises(GalleryError, match="shape"):
            index.search(probe, 0.0)


def test_an_index_cannot_be_changed() -> None:
    index = Index.build([reference(1, units(1))], MODEL)
    for array in (index.templates, index.starts, index.valid_until):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@given(
    old=st.lists(st.integers(0, 11), unique=True, max_size=10),
    came=st.lists(st.integers(0, 11), unique=True, max_size=5),
    went=st.lists(st.integers(0, 13), unique=True, max_size=5),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_merged_index_is_the_one_that_would_be_built_anew(
    old: list[int], came: list[int], went: list[int], seed: int
) -> None:
    before = {n: reference(n, units(1 + n % 3, seed + n)) for n in old}
    new = {n: reference(n, units(1 + n % 2, seed + 50 + n), until=200.0) for n in came}
    after = {n: one for n, one in before.items() if n not in went} | new
    names = [f"{number:016x}" for number in went]
    gone = [name for name, n in zip(names, went, strict=True) if n not in new]
    parts = [Index.build(part, MODEL) for part in (before.values(), new.values())]
    found = Index.merged(parts, gone)
    wanted = Index.build(after.values(), MODEL)
    assert found.entry_ids == wanted.entry_ids
    assert found.categories == wanted.categories
    assert np.array_equal(found.starts, wanted.starts)
    assert np.array_equal(found.valid_until, wanted.valid_until)
    assert np.array_equal(found.templates, wanted.templates) or not after
    probe = units(1, seed)[0]
    assert found.search(probe, limit=20) == wanted.search(probe, limit=20)


def test_parts_of_different_lengths_are_refused() -> None:
    index = Index.build([reference(1, units(1))], MODEL)
    longer = Index.build([reference(2, units(1, dimension=2 * DIMENSION))], MODEL)
    with pytest.raises(GalleryError, match="two lengths"):
        Index.merged([index, longer])
