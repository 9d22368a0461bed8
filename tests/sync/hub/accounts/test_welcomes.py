"""Invitations: once, in time, by those who may, and never the venue's key in the open."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pyotp
import pytest

from hub_people import CHEAP, Member, Staff
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.powers import Console, Wanted, may_end, may_invite
from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.second_factor import STEP_MS, new_secret
from sync.hub.accounts.stretching import fresh_recipe, stretched
from sync.hub.accounts.welcomes import WELCOME_MS, Chosen


def chosen(staff: Staff, code: str = "", secret: str = "") -> Chosen:
    secret = secret or new_secret()
    code = code or pyotp.TOTP(secret).generate_otp(staff.now_ms // STEP_MS)
    return Chosen(stretched("seven doors and a lamp", fresh_recipe(CHEAP)), secret, code)


def refused(work: Callable[[], object]) -> Problem:
    with pytest.raises(AccountError) as refusal:
        work()
    return refusal.value.problem


def wanted(staff: Staff, login: str = "ana", role: Role = Role.MANAGER, **changes: str) -> Wanted:
    venue_id = staff.anchor if role is Role.MANAGER else ""
    return Wanted(login, changes.get("name", "Ana"), role, changes.get("venue_id", venue_id))


def invited(staff: Staff, **changes: Any) -> str:
    one = wanted(staff, **changes)
    return staff.accounts.invite(one, staff.console(one.venue_id), staff.now_ms)


def test_an_invitation_works_once(staff: Staff) -> None:
    token = invited(staff)
    session, codes = staff.accounts.accept(token, chosen(staff), staff.now_ms)
    assert staff.accounts.present(session).person.signer is not None
    assert len(set(codes)) == 10
    work = partial(staff.accounts.accept, token, chosen(staff), staff.now_ms)
    assert refused(work) is Problem.WELCOME


def test_an_invitation_runs_out_and_is_forgotten(staff: Staff) -> None:
    token = invited(staff)
    staff.seconds += WELCOME_MS / 1000
    assert refused(lambda: staff.accounts.welcome(token, staff.now_ms)) is Problem.WELCOME
    assert staff.accounts.waiting(staff.now_ms) == ()
    staff.accounts.tidy(staff.now_ms)
    assert not staff.office.service.desk.store.rows("SELECT 1 FROM welcome")


@pytest.mark.parametrize("token", ["", "00", "zz" * 32, "é" * 64, "0" * 64, "../" * 20])
def test_a_link_that_nobody_sent_opens_nothing(staff: Staff, token: str) -> None:
    invited(staff)
    assert refused(lambda: staff.accounts.welcome(token, staff.now_ms)) is Problem.WELCOME


def test_a_wrong_code_leaves_the_invitation_as_it_is(staff: Staff) -> None:
    token = invited(staff)
    bad = chosen(staff, code="000000")
    assert refused(lambda: staff.accounts.accept(token, bad, staff.now_ms)) is Problem.CODE
    short = chosen(staff, secret="AAAA", code="000000")
    assert refused(lambda: staff.accounts.accept(token, short, staff.now_ms)) is Problem.CODE
    assert staff.accounts.accept(token, chosen(staff), staff.now_ms)


def test_the_newest_invitation_of_a_login_counts(staff: Staff) -> None:
    first, second = invited(staff), invited(staff)
    assert refused(lambda: staff.accounts.welcome(first, staff.now_ms)) is Problem.WELCOME
    assert staff.accounts.welcome(second, staff.now_ms).login == "ana"


def test_an_invitation_can_be_withdrawn_by_whoever_could_have_sent_it(staff: Staff) -> None:
    ben = staff.person(staff.joined("ben", venue_id=staff.cellar))
    token = invited(staff)
    (waiting,) = staff.accounts.waiting(staff.now_ms)
    work = partial(staff.accounts.withdraw, waiting.welcome_id, ben, staff.now_ms)
    assert refused(work) is Problem.POWER
    staff.accounts.withdraw(waiting.welcome_id, staff.console(), staff.now_ms)
    assert refused(lambda: staff.accounts.welcome(token, staff.now_ms)) is Problem.WELCOME


def test_a_thief_of_disk_and_hub_key_finds_no_venues_key(staff: Staff) -> None:
    seed = staff.key(staff.anchor).seed
    invited(staff, login="bob")
    ana = staff.joined("ana")
    held = staff.everything()
    assert staff.key(staff.anchor).public in held
    assert seed not in held
    opener = stretched(ana.password, staff.row(ana).recipe).opener
    assert opener not in held


def test_the_links_secret_is_nowhere_on_the_disk(staff: Staff) -> None:
    token = invited(staff)
    assert bytes.fromhex(token) not in staff.everything()
    assert not staff.office.service.desk.store.rows(
        "SELECT 1 FROM welcome WHERE digest = ?", (token,)
    )


def test_a_manager_lets_a_colleague_in_who_can_sign_as_well(staff: Staff) -> None:
    ana = staff.person(staff.joined("ana"))
    token = staff.accounts.invite(wanted(staff, "amy"), ana, staff.now_ms)
    session, _ = staff.accounts.accept(token, chosen(staff), staff.now_ms)
    amy = staff.accounts.present(session).person
    assert amy.signer.seed == ana.signer.seed


def test_a_forgotten_password_takes_a_new_invitation_which_ends_sessions(staff: Staff) -> None:
    member = staff.joined("ana")
    old = staff.token(member)
    again = staff.accounts.invite_again(
        member.account_id, staff.console(staff.anchor), staff.now_ms
    )
    assert staff.accounts.present(old)
    session, _ = staff.accounts.accept(again, chosen(staff), staff.now_ms)
    assert staff.accounts.present(old) is None
    assert staff.accounts.present(session).person.account_id == member.account_id
    assert len(staff.accounts.accounts()) == 1


def test_a_key_of_another_venue_or_none_invites_nobody(staff: Staff) -> None:
    for console in (staff.console(), staff.console(staff.cellar)):
        work = partial(staff.accounts.invite, wanted(staff), console, staff.now_ms)
        assert refused(work) is Problem.KEY


def test_a_login_that_is_taken_or_no_login_is_refused(staff: Staff) -> None:
    staff.joined("ana")
    assert refused(lambda: invited(staff)) is Problem.TAKEN
    for login in ("", "a", "a b", "-ana", "ana@x", "x" * 33, "anä"):
        assert refused(lambda name=login: invited(staff, login=name)) is Problem.LOGIN
    for name in ("", " ", "x" * 61, "a\nb"):
        assert refused(lambda name=name: invited(staff, login="bob", name=name)) is Problem.NAME


def test_a_login_that_was_given_away_meanwhile_is_refused(staff: Staff) -> None:
    ana, _ = staff.joined("ana"), staff.joined("olivia", Role.ADMINISTRATOR)
    staff.accounts.end(ana.account_id, staff.console(), staff.now_ms)
    staff.joined("ana")
    key = staff.console(staff.anchor)
    work = partial(staff.accounts.invite_again, ana.account_id, key, staff.now_ms)
    assert refused(work) is Problem.TAKEN


@pytest.mark.parametrize(("role", "at_venue"), [(Role.MANAGER, False), (Role.AUDITOR, True)])
def test_a_role_at_the_wrong_place_is_refused(staff: Staff, role: Role, at_venue: bool) -> None:  # noqa: FBT001 - pytest
    venue_id = staff.anchor if at_venue else ""
    work = partial(invited, staff, role=role, venue_id=venue_id)
    assert refused(work) is Problem.VENUE


def someone(role: Role, venue_id: str = "", signer: object = None) -> Person:
    return Person("1" * 16, "me", "Me", role, venue_id, signer)  # type: ignore[arg-type]


def test_only_somebody_with_a_venues_key_lets_anybody_join_it() -> None:
    key, venues = object(), ("", "a", "b")
    allowed = {
        (by.role, by.venue_id, bool(by.signer), role, venue_id)
        for by in (
            someone(Role.AUDITOR),
            someone(Role.MANAGER, "a"),
            someone(Role.MANAGER, "a", key),
            someone(Role.ADMINISTRATOR),
            someone(Role.ADMINISTRATOR, "a", key),
        )
        for role, venue_id in itertools.product(Role, venues)
        if may_invite(by, role, venue_id)
    }
    assert {one for one in allowed if one[4]} == {
        (Role.MANAGER, "a", True, Role.MANAGER, "a"),
        *((Role.ADMINISTRATOR, "a", True, role, "a") for role in Role),
    }
    assert {one[0] for one in allowed} == {Role.MANAGER, Role.ADMINISTRATOR}


def test_nobody_ends_the_own_account_and_managers_only_colleagues(staff: Staff) -> None:
    ana, amy = staff.joined("ana"), staff.joined("amy")
    ben = staff.joined("ben", venue_id=staff.cellar)
    olivia = staff.joined("olivia", Role.ADMINISTRATOR)
    able = {
        (by.login, one.login)
        for by in map(staff.person, (ana, olivia))
        for one in staff.accounts.accounts()
        if may_end(by, one)
    }
    assert able == {("ana", "amy"), ("olivia", "ana"), ("olivia", "amy"), ("olivia", "ben")}
    assert may_end(Console("login root"), staff.accounts.account(ben.account_id))
    assert isinstance(amy, Member)
