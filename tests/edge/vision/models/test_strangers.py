"""Comparisons within groups: who is compared with whom, and how unequal the groups are."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.vision.models import tail
from edge.vision.models.faces import Templates
from edge.vision.models.groups import common_threshold, fairness
from edge.vision.models.strangers import Crowd, Group, LookedAt, crowd_of, read_looked_at

RNG = np.random.default_rng(4)
GROUPS = ("North Female", "North Male", "South Female", "South Male")


def templates(count: int, alike: float = 0.0) -> Templates:
    values = RNG.normal(0, 1, (count, 16)).astype(np.float32) + np.float32(alike)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return Templates(tuple(Path(f"deep/{number}.jpg") for number in range(count)), values)


def numbered(groups: list[str]) -> dict[str, str]:
    return {f"{number}.jpg": group for number, group in enumerate(groups)}


def pair(one: int, other: int) -> frozenset[str]:
    return frozenset({f"{one}.jpg", f"{other}.jpg"})


def counted(people: int, matching: int, undecided: int = 0) -> Group:
    """Make a group in which so many comparisons match, the first of them undecided."""
    pairs = np.argwhere(np.triu(np.ones((people, people), bool), 1))
    RNG.shuffle(pairs)
    place = np.arange(len(pairs))
    return Group(people, np.where(place < matching, 0.9, 0.1), pairs, place < undecided)


def flat(names: tuple[str, ...], rates: tuple[float, ...]) -> tail.Curves:
    """Draw curves that pass 0.5 at given rates."""
    logs = np.log(tail.RATES)
    likely = np.array([0.5 + (np.log(rate) - logs) / 10 for rate in rates])
    near = RNG.normal(0, 0.02, (50, len(names), 1))
    return tail.Curves(names, likely, likely + near)


def test_everybody_is_compared_once_with_everybody_of_their_own_group() -> None:
    found = templates(7)
    crowd = crowd_of(found, numbered(["A", "A", "A", "A", "B", "B"]), LookedAt())
    assert {name: len(one.scores) for name, one in crowd.groups.items()} == {"A": 6, "B": 1}
    highest = crowd.groups["A"]
    assert np.all(np.diff(highest.scores) <= 0)
    first, second = highest.pairs[0]
    assert highest.scores[0] == pytest.approx(float(found.values[first] @ found.values[second]))


def test_women_and_men_are_compared_and_the_highest_kept() -> None:
    found = templates(40)
    crowd = crowd_of(found, numbered([*GROUPS] * 10), LookedAt())
    north, south = GROUPS[:2], GROUPS[2:]
    cells = {(cell.first, cell.second): cell for cell in crowd.apart}
    assert list(cells) == [north, (north[0], south[1]), (north[1], south[0]), south]
    lowest = cells[south]
    assert (lowest.total, len(lowest.scores)) == (100, 20)
    assert np.all(np.diff(lowest.scores) <= 0)
    every = np.sort((found.values[2::4] @ found.values[3::4].T).ravel())
    assert lowest.scores == pytest.approx(every[:-21:-1])
    woman, man = lowest.pairs[0]
    likeness = float(found.values[2 + 4 * woman] @ found.values[3 + 4 * man])
    assert lowest.scores[0] == pytest.approx(likeness)


def test_groups_that_name_no_sex_are_not_compared_with_each_other() -> None:
    assert crowd_of(templates(8), numbered(["A", "B"] * 4), LookedAt()).apart == ()


def test_a_pair_of_one_person_is_no_comparison_of_two_people() -> None:
    looked_at = LookedAt(frozenset({pair(2, 1), pair(1, 99)}), frozenset({pair(3, 0)}))
    left = crowd_of(templates(4), numbered(["A"] * 4), looked_at).groups["A"]
    assert [1, 2] not in left.pairs.tolist()
    assert len(left.scores) == 5
    assert left.pairs[left.undecided].tolist() == [[0, 3]]


def test_a_group_counts_what_passes_a_threshold() -> None:
    some = counted(10, 5, undecided=2)
    assert [some.passing(at) for at in (0.0, 0.1, 0.5, 0.9, 0.95)] == [45, 45, 5, 5, 0]
    assert [some.settled(at) for at in (0.1, 0.5, 0.95)] == [43, 3, 0]
    assert some.score_at(0.5) == pytest.approx(0.1)


def test_the_worst_group_by_its_curve_comes_first() -> None:
    crowd = Crowd({"fair": counted(40, 20), "worse": counted(40, 2, undecided=1)}, ())
    found = fairness(crowd, flat(("fair", "worse"), (1e-4, 3e-4)), 0.5)
    assert [one.group for one in found.groups] == ["worse", "fair"]
    assert found.groups[0].curve == pytest.approx(3e-4)
    assert found.groups[0].settled == pytest.approx(1 / 780)
    assert found.curves.ratio == pytest.approx(1.5)
    assert found.counted.ratio == pytest.approx(20 / 11)
    for one in found.groups:
        assert one.rate.interval[0] < one.rate.value < one.rate.interval[1]
        assert one.curve_interval[0] < one.curve < one.curve_interval[1]
    assert "worse 3.0 (" in found.line()
    assert "counted 12.8 to 25.6;" in found.line()


def test_a_group_without_false_matches_is_not_said_to_have_none_in_truth() -> None:
    crowd = Crowd({"clean": counted(40, 0)}, ())
    clean = fairness(crowd, flat(("clean",), (1e-5,)), 0.5)
    assert clean.counted.ratio == clean.chance == 0
    assert clean.groups[0].rate.interval[1] == pytest.approx(3.7 / 780, rel=0.05)


@pytest.mark.parametrize("count", [2, 5])
def test_equal_groups_are_told_apart_by_chance_the_more_the_rarer_matches_are(count: int) -> None:
    names = tuple(str(one) for one in range(count))
    rare, often = (
        fairness(
            Crowd({name: counted(60, matching) for name in names}, ()),
            flat(names, (1e-3,) * count),
            0.5,
        )
        for matching in (3, 300)
    )
    assert (rare.counted.ratio, often.counted.ratio) == pytest.approx((1, 1))
    assert 1 < often.chance < rare.chance


def test_the_common_threshold_is_where_the_mean_of_the_groups_is_as_asked() -> None:
    curves = flat(("one", "other"), (1e-3, 1e-4))
    likely, _ = curves.rates_at(common_threshold(curves, 2e-4))
    assert likely.mean() == pytest.approx(2e-4, rel=1e-3)


def test_the_list_that_ships_names_pairs_of_photographs() -> None:
    looked_at = read_looked_at()
    assert min(len(looked_at.same), len(looked_at.undecided)) > 100
    assert not looked_at.same & looked_at.undecided
    named = frozenset().union(*looked_at.same, *looked_at.undecided)
    assert all(name.removesuffix(".jpg").isdecimal() for name in named)


@pytest.mark.parametrize(
    "line", ["a.jpg,same", "a.jpg,a.jpg,same", "a.jpg,b.jpg,perhaps", "a.jpg,b.jpg,same,x", ""]
)
def test_a_list_with_a_line_that_is_no_pair_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "same.csv").write_text(f"one.jpg,two.jpg,same\n{line}\n")
    with pytest.raises(ModelError, match="line 2"):
        read_looked_at(tmp_path / "same.csv")


def test_a_list_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_looked_at(tmp_path / "same.csv")
