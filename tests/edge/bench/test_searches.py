"""Searches of galleries."""

from pathlib import Path

import pytest

from edge.bench import searches
from edge.bench.child import BenchError
from edge.bench.matching import MatchAnswer, Matched, MatchJob

ROWS = [
    Matched("doorwatch", "float32", 1000, [0.001, 0.001], 1.0),
    Matched("faiss 1", "float32", 1000, [0.002, 0.002], 1.0),
    Matched("doorwatch", "float32", 10_000, [0.004, 0.004], 1.0),
    Matched("doorwatch", "int8", 10_000, [0.004, 0.004], 0.99),
    Matched("third", "float16", 10_000, [0.002, 0.002], 0.98),
    Matched("faiss 1", "int8", 10_000, [0.002, 0.002], 0.98),
]


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[MatchJob]:
    """Collect what is asked for, on a machine with memory for 1,000 templates of 192 numbers."""
    seen: list[MatchJob] = []

    def asked(_module: str, job: MatchJob, answer: type[MatchAnswer], _threads: int) -> MatchAnswer:
        seen.append(job)
        return answer(ROWS[:2], ["usearch is not installed"])

    monkeypatch.setattr(searches, "asked", asked)
    monkeypatch.setattr(searches, "available_bytes", lambda: 1000 * 192 * 4 * 6)
    return seen


def test_a_gallery_that_does_not_fit_into_memory_is_left_out_with_the_reason(
    jobs: list[MatchJob],
) -> None:
    answer = searches.searches((10_000, 1_000, 1_000), 192, 2, 9)
    assert jobs == [MatchJob(sizes=(1_000,), dimension=192, threads=2, runs=9)]
    assert answer.absent == [
        "usearch is not installed",
        "a gallery of 10,000: there is memory for 1,000 templates",
    ]


def test_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "asked", lambda *_: MatchAnswer([], [], "no index at all"))
    with pytest.raises(BenchError, match="no index at all"):
        searches.searches((10,), 192, 1, 1)


def test_memory_is_read_from_the_kernel(tmp_path: Path) -> None:
    assert searches.available_bytes() > 2**20
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   2048 kB\n")
    assert searches.available_bytes(tmp_path / "meminfo") == 2**21


def test_each_index_keeps_its_recall() -> None:
    found = searches.galleries(ROWS, 1)
    assert [(one.system, one.numbers, one.templates, one.recall) for one in found] == [
        (row.system, row.numbers, row.templates, row.recall) for row in ROWS
    ]
    assert found[0].timing.median_ms == pytest.approx(1.0)


def test_each_index_stands_beside_the_unit_s_own_of_the_same_size_and_numbers() -> None:
    found = searches.ratios_of_galleries(ROWS, 1)
    assert [(one.one, one.other, one.what) for one in found] == [
        ("faiss 1", "doorwatch", "search 1,000, float32"),
        ("faiss 1", "doorwatch", "search 10,000, int8"),
    ]
    assert [one.ratio.times for one in found] == pytest.approx([2.0, 0.5])


def test_nothing_searched_is_nothing_to_compare() -> None:
    assert searches.ratios_of_galleries([], 1) == []
