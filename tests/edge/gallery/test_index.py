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


def plain(references: list[StoredReference], probe: FloatArray) -> dict[str, float]:
    """The score of each entry by the plain product, as the nearest float32."""
    found = {}
    for one in references:
        scores = one.templates.astype(np.float64) @ probe.astype(np.float64)
        found[one.entry.entry_id] = float(scores.max().astype(np.float32))
    return found


def at(cosines: FloatArray, probe: FloatArray, seed: int) -> FloatArray:
    """Directions that have these cosines with the probe, as nearly as float32 can say it."""
    across = units(len(cosines), seed, len(probe)).astype(np.float64)
    across -= (across @ probe)[:, None] * probe
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    along = cosines.astype(np.float64)[:, None]
    return (along * probe + np.sqrt(1 - along**2) * across).astype(np.float32)


@given(
    threshold=st.one_of(st.floats(0.05, 0.9), st.floats(-0.9, -0.05)),
    apart=st.sampled_from((1e-8, 1e-7, 1e-6, 1e-4, 1e-2)),
    each=st.integers(1, 3),
    limit=st.integers(1, 60),
    seed=st.integers(0, 2**32 - 1),
)
def test_scores_that_nearly_tie_with_the_threshold_fall_on_the_side_of_the_plain_product(
    threshold: float, apart: float, each: int, limit: int, seed: int
) -> None:
    rng, probe = np.random.default_rng(seed), units(1, seed, 192)[0]
    cosines = np.float32(threshold) + apart * rng.integers(-9, 10, 60 * each)
    rows = at(cosines.astype(np.float32), probe, seed + 1)
    references = [reference(i, rows[i * each : (i + 1) * each]) for i in range(60)]
    wanted = plain(references, probe)
    index = Index.build(references, MODEL)
    for cut in (threshold, rng.choice(list(wanted.values()))):
        listed = [(-score, name) for name, score in wanted.items() if score >= np.float32(cut)]
        found = index.search(probe, threshold=cut, limit=limit)
        assert [(-one.score, one.entry_id) for one in found] == sorted(listed)[:limit]


@given(
    entries=st.integers(200, 1500),
    limit=st.sampled_from((1, 3, 10)),
    now=st.sampled_from((-np.inf, 0.0, 50.0)),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_long_list_is_searched_as_by_the_plain_product(
    entries: int, limit: int, now: float, seed: int
) -> None:
    rows, probe = units(2 * entries, seed), units(1, seed + 1)[0]
    references = [
        reference(i, rows[2 * i : 2 * i + 2], until=100.0 if i % 3 else 40.0)
        for i in range(entries)
    ]
    wanted = plain([one for one in references if one.entry.in_force(now)], probe)
    ranked = sorted((-score, name) for name, score in wanted.items())[:limit]
    found = Index.build(references, MODEL).search(probe, now, limit=limit)
    assert [(-one.score, one.entry_id) for one in found] == ranked


def test_a_score_does_not_depend_on_where_its_row_stands() -> None:
    same, probe = units(1, 3, 192), units(1, 4, 192)[0]
    references = [reference(i, same) for i in range(1003)]
    found = Index.build(references, MODEL).search(probe, limit=1003)
    assert len({one.score for one in found}) == 1
    assert [one.entry_id for one in found] == [one.entry.entry_id for one in references]


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
