import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decision import (
    LEADS_TO,
    VERDICT_OF,
    Candidate,
    Decision,
    Evidence,
    Fault,
    Finding,
    Rules,
    Signal,
    Verdict,
    decide,
    worst,
)
from edge.errors import ConfigError
from sync.entries import Category

RULES = Rules(check=0.4, stop=0.5)
NO_FAULTS: frozenset[Fault] = frozenset()
BANNED, SELF_EXCLUDED, WELFARE = Category.BANNED, Category.SELF_EXCLUDED, Category.WELFARE

scores = st.floats(-1, 1)
candidates = st.builds(
    Candidate, st.sampled_from(["e1", "e2"]), st.sampled_from(Category), st.floats(0.4, 1)
)
faults = st.frozensets(st.sampled_from(Fault))
some_faults = st.frozensets(st.sampled_from(Fault), min_size=1)


@st.composite
def pieces_of_evidence(draw: st.DrawFn) -> Evidence:
    recent = draw(st.lists(st.none() | candidates, max_size=8))
    return Evidence(
        encounter=draw(st.integers(1, 5)),
        seen_s=draw(st.floats(0, 10)),
        compared=len(recent) + (draw(st.integers(0, 50)) if len(recent) == 8 else 0),
        recent=tuple(recent),
    )


evidence = pieces_of_evidence()
decisions = st.builds(decide, evidence, faults, st.just(RULES))


def seen(*scores: float | None, seen_s: float = 0.5, category: Category = BANNED) -> Evidence:
    recent = tuple(None if s is None else Candidate("e1", category, s) for s in scores)
    return Evidence(encounter=1, seen_s=seen_s, compared=len(recent), recent=recent)


def severity(decision: Decision) -> int:
    return int(decision.verdict or 0)


@pytest.mark.parametrize(
    ("shown", "verdict", "finding"),
    [
        (seen(), None, Finding.UNDECIDED),
        (seen(None, None), None, Finding.UNDECIDED),
        (seen(None, None, None), Verdict.CLEAR, Finding.CLEAR),
        (seen(seen_s=2.5), Verdict.CHECK, Finding.NOT_SEEN),
        (seen(None, None, seen_s=2.5), Verdict.CHECK, Finding.NOT_SEEN),
        (seen(0.45, 0.45), None, Finding.UNDECIDED),
        (seen(0.45, 0.45, 0.45), Verdict.CHECK, Finding.CANDIDATE),
        (seen(0.45, seen_s=2.5), Verdict.CHECK, Finding.CANDIDATE),
        (seen(0.45, None, None), Verdict.CLEAR, Finding.CLEAR),
        (seen(0.6), Verdict.CHECK, Finding.CANDIDATE),
        (seen(0.6, None, None), Verdict.CHECK, Finding.CANDIDATE),
        (seen(0.5, 0.5), Verdict.STOP, Finding.MATCH),
        (seen(0.6, None, None, None, 0.6), Verdict.STOP, Finding.MATCH),
        (seen(0.6, None, None, None, None, 0.6), Verdict.CHECK, Finding.CANDIDATE),
    ],
)
def test_the_table_says_what_the_design_says(
    shown: Evidence, verdict: Verdict | None, finding: Finding
) -> None:
    decision = decide(shown, NO_FAULTS, RULES)
    assert (decision.verdict, decision.finding) == (verdict, finding)
    assert decision.why == finding.value
    assert (decision.candidate is not None) == (finding in {Finding.CANDIDATE, Finding.MATCH})


def test_the_best_candidate_is_named_whatever_the_order() -> None:
    low, high = Candidate("e1", BANNED, 0.55), Candidate("e2", WELFARE, 0.7)
    for recent in ((low, high), (high, low)):
        assert decide(Evidence(1, 0.1, 2, recent), NO_FAULTS, RULES).candidate == high


@given(evidence, faults)
def test_clear_is_never_shown_without_enough_comparisons(
    shown: Evidence, wrong: frozenset[Fault]
) -> None:
    decision = decide(shown, wrong, RULES)
    if decision.verdict is Verdict.CLEAR:
        assert shown.compared >= RULES.usable_for_clear
        assert not wrong
        assert shown.recent[-1] is None


@given(st.floats(0, 100), faults)
def test_nobody_is_cleared_who_was_never_compared(seen_s: float, wrong: frozenset[Fault]) -> None:
    shown = Evidence(encounter=1, seen_s=seen_s, compared=0)
    assert decide(shown, wrong, RULES).verdict is not Verdict.CLEAR


@given(evidence, some_faults)
def test_fault_outranks_all_and_hides_no_stop(shown: Evidence, wrong: frozenset[Fault]) -> None:
    healthy, faulty = decide(shown, NO_FAULTS, RULES), decide(shown, wrong, RULES)
    stopped = healthy.verdict is Verdict.STOP
    assert faulty.verdict is (Verdict.STOP if stopped else Verdict.FAULT)
    signal = worst([faulty], wrong)
    assert signal.faults
    assert signal.verdict is (Verdict.STOP if stopped else Verdict.FAULT)


@given(some_faults)
def test_a_fault_is_said_in_a_fixed_order(wrong: frozenset[Fault]) -> None:
    why = decide(seen(), wrong, RULES).why
    assert why == " ".join(fault.value for fault in Fault if fault in wrong)


@given(evidence, st.data())
def test_verdicts_are_monotone_in_the_score(shown: Evidence, data: st.DataObject) -> None:
    raised = tuple(
        candidate
        if candidate is None
        else replace(candidate, score=data.draw(st.floats(candidate.score, 1)))
        for candidate in shown.recent
    )
    before = decide(shown, NO_FAULTS, RULES)
    after = decide(replace(shown, recent=raised), NO_FAULTS, RULES)
    assert severity(after) >= severity(before)


@given(evidence, candidates, st.data())
def test_a_candidate_more_never_softens(
    shown: Evidence, candidate: Candidate, data: st.DataObject
) -> None:
    """Where none was, one appears: nothing but an undecided person stays as they were."""
    if not shown.recent:
        return
    at = data.draw(st.integers(0, len(shown.recent) - 1))
    if shown.recent[at] is not None:
        return
    more = (*shown.recent[:at], candidate, *shown.recent[at + 1 :])
    before = decide(shown, NO_FAULTS, RULES)
    after = decide(replace(shown, recent=more), NO_FAULTS, RULES)
    assert severity(after) >= severity(before)


@given(st.lists(evidence, min_size=2, max_size=6), st.lists(faults, min_size=6, max_size=6))
def test_within_an_encounter_a_stop_stays_and_a_candidate_never_turns_green(
    history: list[Evidence], wrong: list[frozenset[Fault]]
) -> None:
    before: Decision | None = None
    for shown, fault in zip(history, wrong, strict=False):
        now = decide(shown, fault, RULES, before)
        if before is not None and before.finding is Finding.MATCH:
            assert now.verdict is Verdict.STOP
        if before is not None and before.finding is Finding.CANDIDATE:
            assert now.finding in {Finding.CANDIDATE, Finding.MATCH}
            assert now.candidate is not None
        before = now


@given(evidence, faults, decisions)
def test_a_green_is_never_kept(shown: Evidence, wrong: frozenset[Fault], before: Decision) -> None:
    decision = decide(shown, wrong, RULES, before)
    if decision.verdict is Verdict.CLEAR:
        assert decide(shown, wrong, RULES).verdict is Verdict.CLEAR


def test_a_person_who_looks_up_at_last_may_still_be_cleared() -> None:
    hidden = decide(seen(seen_s=3.0), NO_FAULTS, RULES)
    assert hidden.why == "Face not seen: ask them to look up."
    once = decide(seen(None, seen_s=3.1), NO_FAULTS, RULES, hidden)
    assert once.verdict is Verdict.CHECK
    looked = decide(seen(None, None, None, seen_s=3.3), NO_FAULTS, RULES, once)
    assert looked.verdict is Verdict.CLEAR


def test_a_stop_names_whom_it_was_raised_for_while_it_is_held() -> None:
    stopped = decide(seen(0.6, 0.7), NO_FAULTS, RULES)
    other = Evidence(1, 3.0, 9, (Candidate("other", WELFARE, 0.41),) * 5)
    assert decide(other, NO_FAULTS, RULES, stopped).candidate == stopped.candidate


def test_the_score_of_a_candidate_is_kept_up_to_date() -> None:
    first = decide(seen(0.41, 0.41, 0.41), NO_FAULTS, RULES)
    newer = decide(seen(0.41, 0.41, 0.41, 0.48), NO_FAULTS, RULES, first)
    assert newer.candidate is not None
    assert newer.candidate.score == pytest.approx(0.48)


@given(st.permutations([0, 1, 2, 3]), st.lists(decisions, min_size=4, max_size=4), faults)
def test_the_order_of_people_does_not_matter(
    order: list[int], people: list[Decision], wrong: frozenset[Fault]
) -> None:
    people = [replace(one, encounter=number) for number, one in enumerate(people)]
    assert worst([people[place] for place in order], wrong) == worst(people, wrong)


@given(st.lists(decisions, min_size=1, max_size=6))
def test_the_worst_shows(people: list[Decision]) -> None:
    shown = worst(people, NO_FAULTS)
    verdicts = {one.verdict for one in people}
    if Verdict.STOP in verdicts:
        assert shown.verdict is Verdict.STOP
        assert shown.faults is False
    elif Verdict.FAULT in verdicts:
        assert shown == Signal(Verdict.FAULT, faults=True)
    elif Verdict.CHECK in verdicts:
        assert shown.verdict is Verdict.CHECK
    else:
        assert shown.verdict is (None if None in verdicts else Verdict.CLEAR)


def test_nobody_in_view_shows_nothing_or_the_fault() -> None:
    assert worst([], NO_FAULTS) == Signal(None)
    assert worst([], frozenset({Fault.CLOCK})) == Signal(Verdict.FAULT, faults=True)


def test_somebody_undecided_holds_the_green_of_the_others_back() -> None:
    cleared = decide(seen(None, None, None), NO_FAULTS, RULES)
    undecided = decide(seen(), NO_FAULTS, RULES)
    assert worst([cleared], NO_FAULTS).verdict is Verdict.CLEAR
    assert worst([cleared, undecided], NO_FAULTS) == Signal(None)


def test_of_several_stops_the_loudest_category_shows_with_its_own_encounter() -> None:
    stops = [
        replace(decide(seen(0.6, 0.6, category=category), NO_FAULTS, RULES), encounter=number)
        for number, category in enumerate([WELFARE, BANNED, SELF_EXCLUDED], start=1)
    ]
    assert worst(stops, NO_FAULTS) == Signal(Verdict.STOP, BANNED, encounter=2)
    assert worst([stops[0], stops[2]], NO_FAULTS) == Signal(
        Verdict.STOP, SELF_EXCLUDED, encounter=3
    )
    assert worst([stops[0]], NO_FAULTS) == Signal(Verdict.STOP, WELFARE, encounter=1)


def test_of_two_equal_stops_the_newer_person_shows() -> None:
    stop = decide(seen(0.6, 0.6), NO_FAULTS, RULES)
    assert worst([stop, replace(stop, encounter=7)], NO_FAULTS).encounter == 7


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"check": 0.6, "stop": 0.5}, "budget"),
        ({"check": float("nan"), "stop": 0.5}, "budget"),
        ({"check": 0.4, "stop": 0.5, "usable_for_clear": 0}, "usable_for_clear"),
        ({"check": 0.4, "stop": 0.5, "stop_hits": 0}, "stop_hits"),
        ({"check": 0.4, "stop": 0.5, "stop_hits": 6}, "stop_window"),
    ],
)
def test_rules_under_which_a_verdict_means_nothing_are_refused(
    numbers: dict[str, float], says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        Rules(**numbers)  # type: ignore[arg-type]


def test_every_finding_has_its_verdict_and_its_ways_on() -> None:
    assert set(VERDICT_OF) == set(LEADS_TO) == set(Finding)


def test_the_page_of_the_rules_is_drawn_from_the_table() -> None:
    root = Path(__file__).parents[2]
    spec = importlib.util.spec_from_file_location("drawing", root / "deploy/draw_decision.py")
    assert spec is not None
    assert spec.loader is not None
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    drawn = (root / "edge/DECISION.md").read_text(encoding="utf-8")
    assert drawn == drawing.text(), "run python deploy/draw_decision.py"


def test_an_entry_that_is_held_back_is_a_check_however_often_it_passes_the_upper_threshold() -> (
    None
):
    wrong = Candidate("e1", BANNED, 0.9, held_back=True)
    for count in range(1, 6):
        decision = decide(Evidence(1, 0.1, count, (wrong,) * count), NO_FAULTS, RULES)
        assert decision.verdict is Verdict.CHECK
        assert decision.candidate == wrong


def test_an_entry_that_is_held_back_is_never_less_than_a_check_once_it_passed() -> None:
    wrong = Candidate("e1", BANNED, 0.9, held_back=True)
    decision = decide(Evidence(1, 0.1, 3, (wrong, None, None)), NO_FAULTS, RULES)
    assert decision.verdict is Verdict.CHECK


def test_between_the_thresholds_holding_back_changes_nothing() -> None:
    for recent in ((0.45, 0.45, 0.45), (0.45, None, None)):
        shown = seen(*recent)
        held = replace(
            shown, recent=tuple(one and replace(one, held_back=True) for one in shown.recent)
        )
        plain, back = (decide(one, NO_FAULTS, RULES) for one in (shown, held))
        assert (plain.verdict, plain.finding) == (back.verdict, back.finding)


def test_a_stop_names_whom_to_stop_for_and_not_the_entry_that_is_held_back() -> None:
    wrong, right = Candidate("e1", BANNED, 0.9, held_back=True), Candidate("e2", BANNED, 0.6)
    decision = decide(Evidence(1, 0.1, 4, (right, wrong, wrong, right)), NO_FAULTS, RULES)
    assert (decision.verdict, decision.candidate) == (Verdict.STOP, right)


def test_who_stands_there_as_a_stop_stays_one_when_the_entry_is_held_back_meanwhile() -> None:
    before = decide(seen(0.6, 0.6), NO_FAULTS, RULES)
    wrong = Candidate("e1", BANNED, 0.9, held_back=True)
    after = decide(Evidence(1, 2.0, 9, (wrong,) * 5), NO_FAULTS, RULES, before)
    assert after.verdict is Verdict.STOP


@given(evidence, faults)
def test_holding_back_never_turns_an_alert_green(shown: Evidence, wrong: frozenset[Fault]) -> None:
    held = replace(
        shown, recent=tuple(one and replace(one, held_back=True) for one in shown.recent)
    )
    plain, back = decide(shown, wrong, RULES), decide(held, wrong, RULES)
    assert back.verdict is not Verdict.STOP
    assert plain.finding in {Finding.MATCH, back.finding}
    assert plain.finding is not Finding.MATCH or back.finding is Finding.CANDIDATE
