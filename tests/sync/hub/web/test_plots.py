"""Plots as numbers: what is drawn adds up, and stays inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.hub.web.plots import HEIGHT, MOST_LABELS, round_top, span, stacked

ROWS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=70)


@given(ROWS)
def test_blocks_stand_on_each_other_and_stay_inside(rows: list[tuple[int, int]]) -> None:
    plot = stacked("p", ("low", "high"), [(heights, "x", "said") for heights in rows])
    assert len(plot.bars) == len(rows)
    assert plot.empty == (not any(map(sum, rows)))
    for bar, heights in zip(plot.bars, rows, strict=True):
        assert [block.kind for block in bar.blocks] == [
            kind for kind, count in zip(("low", "high"), heights, strict=True) if count
        ]
        if bar.blocks:
            assert bar.blocks[0].y + bar.blocks[0].height == pytest.approx(HEIGHT, abs=0.02)
            assert bar.blocks[-1].y >= -0.02
            assert 0 <= bar.blocks[0].x <= bar.blocks[0].x + bar.blocks[0].width <= 100.01


@given(st.integers(1, 400))
def test_labels_are_few_and_the_last_bar_has_one(count: int) -> None:
    plot = stacked("p", ("k",), [((1,), str(number), "") for number in range(count)])
    assert 1 <= len(plot.across) <= MOST_LABELS
    assert plot.across[-1].words == str(count - 1)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.2, 1), (1, 1), (1.2, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 20),
                      (41, 60), (850, 1000), (1000, 1000)],
)  # fmt: skip
def test_a_scale_ends_at_a_round_number(most: float, top: int) -> None:
    assert round_top(most) == top


def test_a_scale_without_anything_has_one_line_at_nothing() -> None:
    plot = stacked("p", ("k",), [])
    assert plot.empty
    assert [mark.words for mark in plot.down] == ["0", "1"]


def test_an_interval_lies_on_its_line() -> None:
    assert span(0.5, 0.25, 1.0, 1.0, 2.0) == span(1, 0.5, 2, 2, 4)
    placed = span(0.5, 0.25, 1.0, 3.0, 2.0)
    assert (placed.low, placed.value, placed.high, placed.limit) == (12.5, 25.0, 50.0, 100.0)
