"""The way in: both factors, one answer for every mistake, growing waits."""

import pytest

from edge.attempts import FREE_TRIES
from hub_people import Member, Staff, half
from sync.hub.accounts.person import Role
from sync.hub.accounts.problem import AccountError, Problem, WaitError
from sync.hub.accounts.second_factor import STEP_MS
from sync.hub.accounts.stretching import stretched


def wrong(staff: Staff, login: str, password: str) -> Problem:
    recipe = staff.accounts.begin(login)
    with pytest.raises(AccountError) as refusal:
        staff.accounts.enter(login, stretched(password, recipe), staff.now_ms)
    return refusal.value.problem


def confirm(staff: Staff, member: Member, code: str) -> Problem | None:
    token = half(staff.accounts, member, staff.now_ms)
    try:
        staff.accounts.confirm(token, code, staff.now_ms)
    except AccountError as refusal:
        return refusal.problem
    return None


def test_password_and_code_let_a_manager_in_with_the_venues_key(staff: Staff) -> None:
    ana = staff.joined("ana")
    token = half(staff.accounts, ana, staff.now_ms)
    assert staff.accounts.present(token) is None
    session_token = staff.accounts.confirm(token, ana.code(staff.now_ms), staff.now_ms)
    assert session_token != token
    person = staff.accounts.present(session_token).person
    assert (person.login, person.role, person.venue_id) == ("ana", Role.MANAGER, staff.anchor)
    assert person.signer.public == staff.key(staff.anchor).public
    assert ("user ana", "sign-in") in staff.log()
    assert staff.accounts.account(ana.account_id).signed_in_ms == staff.now_ms


def test_the_first_step_works_once(staff: Staff) -> None:
    ana = staff.joined("ana")
    token = half(staff.accounts, ana, staff.now_ms)
    staff.accounts.confirm(token, ana.code(staff.now_ms), staff.now_ms)
    with pytest.raises(AccountError) as refusal:
        staff.accounts.confirm(token, ana.code(staff.now_ms, 1), staff.now_ms)
    assert refusal.value.problem is Problem.LATE


def test_unknown_wrong_and_ended_get_the_same_answer(staff: Staff) -> None:
    ana, _ = staff.joined("ana"), staff.joined("olivia", Role.ADMINISTRATOR)
    lines = set()
    staff.accounts.end(ana.account_id, staff.console(), staff.now_ms)
    ben = staff.joined("ben")
    for login, password in (("ana", ana.password), ("ben", "not his own"), ("zoe", ben.password)):
        recipe = staff.accounts.begin(login)
        with pytest.raises(AccountError) as refusal:
            staff.accounts.enter(login, stretched(password, recipe), staff.now_ms)
        lines.add((str(refusal.value), refusal.value.problem, recipe.costs, len(recipe.salt)))
    assert len(lines) == 1


def test_the_recipe_of_an_unknown_login_stays_the_same(staff: Staff) -> None:
    first, second = staff.accounts.begin("zoe"), staff.accounts.begin(" ZOE ")
    assert first == second != staff.accounts.begin("zac")


def test_a_login_may_be_typed_with_capitals(staff: Staff) -> None:
    ana = staff.joined("ana")
    recipe = staff.accounts.begin(" Ana")
    assert staff.accounts.enter(" Ana", stretched(ana.password, recipe), staff.now_ms)


def test_five_wrong_passwords_are_free_and_then_the_wait_grows(staff: Staff) -> None:
    ana = staff.joined("ana")
    for _ in range(FREE_TRIES):
        assert wrong(staff, "ana", "guess") is Problem.WRONG
    with pytest.raises(WaitError) as refusal:
        staff.accounts.begin("ana")
    assert refusal.value.seconds == 15
    staff.seconds += 15
    wrong(staff, "ana", "guess")
    with pytest.raises(WaitError) as refusal:
        staff.accounts.begin("ana")
    assert refusal.value.seconds == 30
    assert staff.log().count(("hub", "refuse-sign-in")) == FREE_TRIES + 1
    staff.seconds += 30
    assert half(staff.accounts, ana, staff.now_ms)


def test_an_unknown_login_waits_just_as_long(staff: Staff) -> None:
    for _ in range(FREE_TRIES):
        wrong(staff, "zoe", "guess")
    with pytest.raises(WaitError):
        staff.accounts.begin("zoe")


def test_one_persons_wait_does_not_keep_another_out(staff: Staff) -> None:
    ana, ben = staff.joined("ana"), staff.joined("ben")
    for _ in range(FREE_TRIES):
        wrong(staff, ana.login, "guess")
    assert half(staff.accounts, ben, staff.now_ms)


def test_the_right_password_alone_does_not_forgive_wrong_codes(staff: Staff) -> None:
    ana = staff.joined("ana")
    seen = [confirm(staff, ana, "000000") for _ in range(2)]
    assert seen == [Problem.CODE] * 2
    token = half(staff.accounts, ana, staff.now_ms)
    with pytest.raises(WaitError):
        staff.accounts.confirm(token, ana.code(staff.now_ms), staff.now_ms)


def test_a_full_sign_in_forgives(staff: Staff) -> None:
    ana = staff.joined("ana")
    for _ in range(3):
        wrong(staff, "ana", "guess")
    assert confirm(staff, ana, ana.code(staff.now_ms)) is None
    assert confirm(staff, ana, ana.code(staff.now_ms, 1)) is None


def test_no_code_works_twice(staff: Staff) -> None:
    ana = staff.joined("ana")
    code = ana.code(staff.now_ms)
    assert confirm(staff, ana, code) is None
    assert confirm(staff, ana, code) is Problem.CODE


def test_a_code_counts_half_a_minute_early_and_late_and_no_more(staff: Staff) -> None:
    ana = staff.joined("ana")
    staff.seconds += 10 * STEP_MS / 1000
    assert confirm(staff, ana, ana.code(staff.now_ms, -2)) is Problem.CODE
    assert confirm(staff, ana, ana.code(staff.now_ms, -1)) is None
    assert confirm(staff, ana, ana.code(staff.now_ms, 1)) is None
    assert confirm(staff, ana, ana.code(staff.now_ms)) is Problem.CODE


def test_a_recovery_code_stands_in_for_the_authenticator_once(staff: Staff) -> None:
    ana = staff.joined("ana")
    assert confirm(staff, ana, ana.codes[3].lower().replace("-", " ")) is None
    assert staff.accounts.account(ana.account_id).codes_left == 9
    assert confirm(staff, ana, ana.codes[3]) is Problem.CODE


def test_the_second_step_has_five_minutes(staff: Staff) -> None:
    ana = staff.joined("ana")
    token = half(staff.accounts, ana, staff.now_ms)
    staff.seconds += 5 * 60
    with pytest.raises(AccountError) as refusal:
        staff.accounts.confirm(token, ana.code(staff.now_ms), staff.now_ms)
    assert refusal.value.problem is Problem.LATE


def test_a_venue_that_left_lets_nobody_in_any_more(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = staff.joined("ana")
    token = staff.token(ana)
    monkeypatch.setattr("sync.hub.accounts.directory.venue_key", lambda *_: b"")
    assert staff.accounts.present(token) is None
    assert wrong(staff, "ana", ana.password) is Problem.WRONG


def test_a_venue_with_a_new_key_signs_nothing_with_the_old_one(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = staff.joined("ana")
    other = bytes(32)
    monkeypatch.setattr("sync.hub.accounts.directory.venue_key", lambda *_: other)
    assert staff.person(ana).signer is None
    assert not staff.accounts.account(ana.account_id).signs


def test_refusals_are_counted_for_whoever_looks_after_the_hub(staff: Staff) -> None:
    ana = staff.joined("ana")
    wrong(staff, "ana", "guess")
    wrong(staff, "zoe", "guess")
    confirm(staff, ana, "000000")
    assert staff.accounts.refusals(60) == 3
    staff.seconds += 61
    assert staff.accounts.refusals(60) == 0


def test_what_was_typed_is_not_written_down(staff: Staff) -> None:
    staff.joined("ana")
    wrong(staff, "my password in the wrong field", "another one")
    lines = list(staff.office.service.audit())
    assert "wrong field" not in repr(lines)


def test_a_code_that_another_process_took_meanwhile_counts_no_more(staff: Staff) -> None:
    ana = staff.joined("ana")
    read, code = staff.row(ana), ana.code(staff.now_ms)
    assert confirm(staff, ana, code) is None
    with pytest.raises(AccountError) as refusal:
        staff.accounts._entrance.check_code(ana.account_id, read, code, staff.now_ms)
    assert refusal.value.problem is Problem.LATE
