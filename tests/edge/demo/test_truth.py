from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from edge.demo.truth import Appearance, Box, Sighting, compare, overlap

LEFT = Appearance("listed", "left", "STOP", 10, ((0.1, 0.4, 0.2, 0.6),) * 5)
RIGHT = Appearance("stranger one", "right", "CLEAR", 10, ((0.7, 0.4, 0.8, 0.6),) * 5)


def sighting(
    number: int, verdict: str, box: Box, frames: Iterable[int] = range(11, 14)
) -> Sighting:
    return Sighting(number, dict.fromkeys(frames, box), tuple(verdict.split()), None, 1.0, 20.0)


def test_two_people_at_once_are_told_apart_by_where_they_are() -> None:
    seen = [sighting(1, "CLEAR", RIGHT.path[0]), sighting(2, "STOP", LEFT.path[0])]
    outcomes, nobody = compare([LEFT, RIGHT], seen)
    assert [outcome.sightings[0].number for outcome in outcomes] == [2, 1]
    assert all(outcome.is_right for outcome in outcomes)
    assert nobody == ()


def test_somebody_counted_twice_is_not_right() -> None:
    seen = [sighting(1, "STOP", LEFT.path[0]), sighting(2, "STOP", LEFT.path[0])]
    (outcome,), _ = compare([LEFT], seen)
    assert len(outcome.sightings) == 2
    assert not outcome.is_right


def test_somebody_never_seen_is_not_right() -> None:
    (outcome,), _ = compare([LEFT], [])
    assert not outcome.is_right


def test_a_wrong_verdict_is_not_right() -> None:
    (outcome,), _ = compare([LEFT], [sighting(1, "CLEAR", LEFT.path[0])])
    assert not outcome.is_right


def test_a_green_on_the_way_to_the_right_verdict_is_not_right() -> None:
    (outcome,), _ = compare([LEFT], [sighting(1, "CLEAR CHECK STOP", LEFT.path[0])])
    assert not outcome.is_right


def test_an_amber_on_the_way_to_the_right_verdict_is_right() -> None:
    (outcome,), _ = compare([LEFT], [sighting(1, "CHECK STOP", LEFT.path[0])])
    assert outcome.is_right


def test_a_face_where_nobody_is_counts_as_nobody() -> None:
    outcomes, nobody = compare([LEFT], [sighting(1, "CLEAR", (0.5, 0.1, 0.6, 0.2))])
    assert outcomes[0].sightings == ()
    assert [one.number for one in nobody] == [1]


def test_the_right_place_at_the_wrong_time_counts_as_nobody() -> None:
    _, nobody = compare([LEFT], [sighting(1, "STOP", LEFT.path[0], range(40, 44))])
    assert len(nobody) == 1


def test_an_encounter_without_any_place_counts_as_nobody() -> None:
    _, nobody = compare([LEFT], [sighting(1, "STOP", LEFT.path[0], ())])
    assert len(nobody) == 1


side = st.floats(0, 1, allow_nan=False)
boxes = st.tuples(side, side, side, side).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@given(boxes, boxes)
def test_overlap_is_a_part_and_does_not_depend_on_the_order(one: Box, other: Box) -> None:
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, other) == overlap(other, one)


def test_a_box_overlaps_itself_wholly() -> None:
    assert overlap(LEFT.path[0], LEFT.path[0]) == 1.0
