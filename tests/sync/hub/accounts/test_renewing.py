"""One's own account: a new password, a new authenticator, new codes; and an account's end."""

from collections.abc import Callable
from functools import partial

import pyotp
import pytest

from edge.attempts import FREE_TRIES
from hub_people import CHEAP, Member, Staff, half
from sync.hub.accounts.book import Accounts
from sync.hub.accounts.person import Role
from sync.hub.accounts.problem import AccountError, Problem, WaitError
from sync.hub.accounts.renewing import KEPT_MS
from sync.hub.accounts.second_factor import STEP_MS, new_secret
from sync.hub.accounts.stretching import Stretched, fresh_recipe, stretched

NEW = "a lamp over every door"


def problem(work: Callable[[], object]) -> Problem:
    with pytest.raises(AccountError) as refusal:
        work()
    return refusal.value.problem


def both(staff: Staff, member: Member, old: str = "") -> tuple[Stretched, Stretched]:
    recipe = staff.accounts.begin(member.login)
    return stretched(old or member.password, recipe), stretched(NEW, fresh_recipe(CHEAP))


def test_a_new_password_closes_the_venues_key_anew_and_ends_other_sessions(staff: Staff) -> None:
    ana = staff.joined("ana")
    old, person = staff.token(ana), staff.person(ana)
    fresh = staff.accounts.change_password(person, both(staff, ana), staff.now_ms)
    assert staff.accounts.present(old) is None
    assert staff.accounts.present(fresh)
    assert problem(lambda: half(staff.accounts, ana, staff.now_ms)) is Problem.WRONG
    token = half(staff.accounts, ana, staff.now_ms, NEW)
    session = staff.accounts.confirm(token, ana.code(staff.now_ms), staff.now_ms)
    assert staff.accounts.present(session).person.signer.seed == person.signer.seed


def test_the_old_password_is_asked_for(staff: Staff) -> None:
    ana = staff.joined("ana")
    person = staff.person(ana)
    given = both(staff, ana, "not her own")
    work = partial(staff.accounts.change_password, person, given, staff.now_ms)
    assert problem(work) is Problem.WRONG
    assert ("hub", "refuse-password") in staff.log()


def test_the_old_password_cannot_be_guessed_by_whoever_took_a_session(staff: Staff) -> None:
    ana = staff.joined("ana")
    person = staff.person(ana)
    for _ in range(FREE_TRIES):
        given = both(staff, ana, "guess")
        with pytest.raises(AccountError):
            staff.accounts.change_password(person, given, staff.now_ms)
    with pytest.raises(WaitError):
        both(staff, ana)


def test_an_administrator_without_a_venue_changes_the_password_too(staff: Staff) -> None:
    olivia = staff.joined("olivia", Role.ADMINISTRATOR)
    person = staff.person(olivia)
    assert person.signer is None
    assert staff.accounts.change_password(person, both(staff, olivia), staff.now_ms)


def test_a_new_authenticator_takes_the_password_and_its_own_code(staff: Staff) -> None:
    ana, secret = staff.joined("ana"), new_secret()
    person, (given, _) = staff.person(ana), both(staff, ana)
    for bad in ("", "AAAA", secret):
        proof = (given, bad, "000000")
        work = partial(staff.accounts.change_second_factor, person, proof, staff.now_ms)
        assert problem(work) is Problem.CODE
    code = pyotp.TOTP(secret).generate_otp(staff.now_ms // STEP_MS)
    assert staff.accounts.change_second_factor(person, (given, secret, code), staff.now_ms)
    assert staff.row(ana).totp == secret
    later = staff.accounts.begin("ana")
    bad_password = (stretched("guess", later), secret, code)
    work = partial(staff.accounts.change_second_factor, person, bad_password, staff.now_ms)
    assert problem(work) is Problem.WRONG


def test_new_recovery_codes_make_the_old_ones_worthless(staff: Staff) -> None:
    ana = staff.joined("ana")
    person = staff.person(ana)
    assert problem(lambda: staff.accounts.renew_codes(person, "000000", 0)) is Problem.CODE
    codes = staff.accounts.renew_codes(person, ana.codes[0], staff.now_ms)
    assert len(set(codes) - set(ana.codes)) == 10
    token = half(staff.accounts, ana, staff.now_ms)
    work = partial(staff.accounts.confirm, token, ana.codes[1], staff.now_ms)
    assert problem(work) is Problem.CODE
    assert staff.accounts.confirm(token, codes[1], staff.now_ms)


def test_an_account_that_ended_holds_no_secret_and_its_sessions_end(staff: Staff) -> None:
    ana, olivia = staff.joined("ana"), staff.joined("olivia", Role.ADMINISTRATOR)
    token, boss = staff.token(ana), staff.person(olivia)
    staff.accounts.end(ana.account_id, boss, staff.now_ms)
    assert staff.accounts.present(token) is None
    row = staff.row(ana)
    assert (row.verifier, row.wrapped, row.totp, row.codes, row.recipe) == (b"", b"", "", (), None)
    assert ("user olivia", "end-user") in staff.log()
    assert staff.accounts.account(ana.account_id).ended_ms == staff.now_ms


def test_the_name_of_an_account_that_ended_goes_after_thirteen_months(staff: Staff) -> None:
    ana = staff.joined("ana")
    staff.accounts.end(ana.account_id, staff.console(), staff.now_ms)
    staff.seconds += KEPT_MS / 1000 - 1
    staff.accounts.tidy(staff.now_ms)
    assert [one.name for one in staff.accounts.accounts()] == ["Ana"]
    staff.seconds += 1
    staff.accounts.tidy(staff.now_ms)
    assert staff.accounts.accounts() == ()
    assert ("hub", "forget-user") in staff.log()


def test_what_another_process_ends_ends_here_too(staff: Staff) -> None:
    ana = staff.joined("ana")
    token = staff.token(ana)
    Accounts(staff.office.service.desk, CHEAP).end(ana.account_id, staff.console(), staff.now_ms)
    assert staff.accounts.present(token) is None


def test_the_last_administrator_and_oneself_cannot_be_ended(staff: Staff) -> None:
    olivia = staff.joined("olivia", Role.ADMINISTRATOR)
    work = partial(staff.accounts.end, olivia.account_id, staff.console(), staff.now_ms)
    assert problem(work) is Problem.LAST
    other = staff.joined("otto", Role.ADMINISTRATOR)
    me = staff.person(olivia)
    assert problem(lambda: staff.accounts.end(me.account_id, me, 0)) is Problem.ONESELF
    staff.accounts.end(other.account_id, me, staff.now_ms)
    assert problem(lambda: staff.accounts.end("0" * 16, me, 0)) is Problem.UNKNOWN


def test_a_manager_cannot_end_another_venues_account(staff: Staff) -> None:
    ana, ben = staff.joined("ana"), staff.joined("ben", venue_id=staff.cellar)
    me = staff.person(ana)
    assert problem(lambda: staff.accounts.end(ben.account_id, me, 0)) is Problem.POWER


def test_leaving_ends_one_session_and_leaving_everywhere_all_others(staff: Staff) -> None:
    ana = staff.joined("ana")
    first, second, third = (staff.token(ana) for _ in range(3))
    staff.accounts.leave(first, staff.now_ms)
    staff.accounts.leave("nobody's", staff.now_ms)
    assert staff.accounts.present(first) is None
    session = staff.accounts.present(second)
    fresh = staff.accounts.leave_everywhere(session.person, session.turns, staff.now_ms)
    assert [bool(staff.accounts.present(one)) for one in (second, third, fresh)] == [0, 0, 1]
    assert ("user ana", "sign-out") in staff.log()


def test_an_account_that_another_process_ends_meanwhile_stays_ended(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = staff.joined("ana")
    person, given = staff.person(ana), both(staff, ana)

    def end(*_: object) -> None:
        staff.accounts.end(ana.account_id, staff.console(), staff.now_ms)

    monkeypatch.setattr(staff.accounts._entrance, "check_password", end)
    change = partial(staff.accounts.change_password, person, given, staff.now_ms)
    assert problem(change) is Problem.LATE
    assert staff.accounts.account(ana.account_id).ended_ms
