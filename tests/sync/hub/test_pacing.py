"""Each sender has its own allowance, which comes back with time."""

from sync.hub.pacing import Allowances


def test_an_allowance_is_spent_and_comes_back() -> None:
    made = Allowances(most=2, per_s=1)
    assert [made.spend("a", 1, 0) for _ in range(3)] == [True, True, False]
    assert made.spend("b", 2, 0)
    assert not made.spend("a", 1, 999)
    assert made.spend("a", 1, 1_000)
    assert made.refused == {"a": 2}


def test_it_never_grows_beyond_its_most_and_no_clock_takes_it_away() -> None:
    made = Allowances(most=2, per_s=1)
    made.spend("a", 2, 1_000_000)
    assert not made.spend("a", 1, 0)
    assert made.spend("a", 2, 10**9)
    assert not made.spend("a", 1, 10**9)


def test_a_dear_answer_leaves_a_debt_that_time_pays() -> None:
    made = Allowances(most=2, per_s=1)
    assert made.spend("a", 1, 0)
    made.charge("a", 4)
    assert not made.spend("a", 1, 3_000)
    assert made.spend("a", 1, 4_000)
