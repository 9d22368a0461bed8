"""The alarm guard of one door: each rule by which red becomes amber, and each by which not."""

from datetime import UTC, date, datetime

from edge.door import Ring
from edge.guard import TWICE, Guard
from edge.night import night_of

EVENING = datetime(2031, 1, 31, 22, 0, tzinfo=UTC).timestamp()
HOUR = 3600.0


def night(at_s: float) -> date:
    return night_of(at_s, UTC)


def a_guard() -> Guard:
    return Guard(EVENING, night)


def ring(guard: Guard, at_s: float = EVENING, entry_id: str = "e1", answer: str = "") -> None:
    guard.rang(entry_id, at_s, red=True)
    if answer:
        guard.answered(entry_id, answer, at_s, red=True)  # type: ignore[arg-type]


def test_once_not_them_is_no_reason_to_hold_an_entry_back() -> None:
    guard = a_guard()
    ring(guard, answer="not them")
    assert guard.held_back(EVENING) == frozenset()


def test_twice_not_them_in_a_night_holds_an_entry_back_until_noon() -> None:
    guard = a_guard()
    for _ in range(TWICE):
        ring(guard, answer="not them")
    assert guard.held_back(EVENING) == {"e1"}
    assert guard.held_back(EVENING + 13.9 * HOUR) == {"e1"}
    assert guard.held_back(EVENING + 14 * HOUR) == frozenset()


def test_once_in_each_of_two_nights_is_not_twice_in_one() -> None:
    guard = a_guard()
    ring(guard, answer="not them")
    ring(guard, EVENING + 24 * HOUR, answer="not them")
    assert guard.held_back(EVENING + 24 * HOUR) == frozenset()


def test_midnight_does_not_part_a_night() -> None:
    guard = a_guard()
    ring(guard, answer="not them")
    ring(guard, EVENING + 5 * HOUR, answer="not them")
    assert guard.held_back(EVENING + 5 * HOUR) == {"e1"}


def test_no_number_of_unanswered_alerts_holds_an_entry_back_at_a_door() -> None:
    guard = a_guard()
    for _ in range(50):
        ring(guard)
    assert guard.held_back(EVENING) == frozenset()


def test_no_number_of_other_answers_holds_an_entry_back() -> None:
    guard = a_guard()
    for answer in ("refused", "let in") * 10:
        ring(guard, answer=answer)
    assert guard.held_back(EVENING) == frozenset()


def test_one_entry_is_not_held_back_for_another() -> None:
    guard = a_guard()
    ring(guard, entry_id="e1", answer="not them")
    ring(guard, entry_id="e2", answer="not them")
    assert guard.held_back(EVENING) == frozenset()


def test_a_clock_that_is_set_to_another_day_forgets_and_so_turns_red_again() -> None:
    guard = a_guard()
    for _ in range(TWICE):
        ring(guard, answer="not them")
    assert guard.held_back(EVENING - 48 * HOUR) == frozenset()
    assert guard.held_back(EVENING) == frozenset()


def test_what_rang_is_told_wrong_ones_first_and_forgotten_at_noon() -> None:
    guard = a_guard()
    for _ in range(3):
        ring(guard, entry_id="often")
    ring(guard, entry_id="wrong", answer="not them")
    ring(guard, entry_id="right", answer="refused")
    assert guard.rings(EVENING) == (
        Ring("wrong", 1, 0, 1), Ring("often", 3, 0, 0), Ring("right", 1, 1, 0),
    )  # fmt: skip
    assert guard.rings(EVENING + 14 * HOUR) == ()


def test_totals_go_on_over_the_night_and_keep_reds_apart() -> None:
    guard = a_guard()
    ring(guard, answer="refused")
    guard.rang("e2", EVENING, red=False)
    guard.answered("e2", "not them", EVENING, red=False)
    guard.rang("e3", EVENING + 24 * HOUR, red=False)
    guard.turned_red()
    guard.hand_held()
    assert +guard.totals == {
        "alerts": 3, "reds": 2, "refused": 1, "red-refused": 1, "not-them": 1, "hand-held": 1,
    }  # fmt: skip
    assert guard.since == int(EVENING)
