"""Passwords: long ones of any kind, none that is guessed early; and what they become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_people import CHEAP
from sync.hub.accounts.keyring import unwrap, wrap
from sync.hub.accounts.passwords import LONGEST, SHORTEST, check_password, choose
from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.stretching import STRONG, Recipe, fresh_recipe, stretched
from sync.seal import SigningKey

KNOWN = ("ana", "Ana Anders", "The Anchor")


def problem(password: str) -> Problem | None:
    try:
        check_password(password, *KNOWN)
    except AccountError as refusal:
        return refusal.problem
    return None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "ich mag Kartoffeln sehr",
        "hX9!kd02mZq1",
        "  Leerzeichen vorn  ",
        "три кота живут здесь",
        "夜の扉の前に立つ猫は三匹いる",
        "blue door friday night",
        "x" + "aZ3kp" * 3 + "mondlicht",
    ],
)
def test_long_passwords_of_any_kind_are_taken(password: str) -> None:
    assert problem(password) is None


@pytest.mark.parametrize("password", ["", "eleven char", "x" * (SHORTEST - 1)])
def test_short_ones_are_refused(password: str) -> None:
    assert problem(password) is Problem.SHORT


def test_length_ends_somewhere() -> None:
    assert problem("abc defg hijkl mno " * 7) is Problem.LONG
    assert problem(("quiet river over " * 9)[:LONGEST]) is None


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "111111111111",
        "2026-11-21-2026",
        "qwertyuiop[]",
        "1qaz2wsx3edc",
        "zaq1xsw2cde3",
        "abcdefghijkl",
        "asdfghjkl123",
        "password1234",
        "P@ssw0rd!2026",
        "Administrator1!",
        "letmeinletmein",
        "monkeymonkey99",
        "familiyafamiliya",
        "doorwatch2026!",
        "iloveyou iloveyou",
        "aaaaaabbbbbb",
    ],
)
def test_what_guessers_try_first_is_refused(password: str) -> None:
    assert problem(password) is Problem.COMMON


@pytest.mark.parametrize("password", ["ana.anders.1990", "TheAnchor-2026!", "anchor anders 77"])
def test_what_others_know_is_refused(password: str) -> None:
    assert problem(password) is Problem.NAMED


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(password: str) -> None:
    assert problem(password) in {None, *Problem}


def test_the_same_password_becomes_the_same_keys_and_another_salt_others() -> None:
    recipe = fresh_recipe(CHEAP)
    one, same = stretched("seven doors", recipe), stretched("seven doors", recipe)
    assert (one.verifier, one.opener) == (same.verifier, same.opener)
    assert one.verifier != one.opener
    assert stretched("seven doors", fresh_recipe(CHEAP)).verifier != one.verifier
    assert stretched("Seven doors", recipe).verifier != one.verifier


def test_a_letter_typed_in_another_way_is_the_same_letter() -> None:
    recipe = fresh_recipe(CHEAP)
    assert stretched("cafe\u0301", recipe).verifier == stretched("caf\u00e9", recipe).verifier


def test_only_a_password_that_was_looked_at_is_chosen() -> None:
    assert choose("quiet river over stones", CHEAP, *KNOWN).verifier
    with pytest.raises(AccountError):
        choose("password1234", CHEAP, *KNOWN)


def test_a_guess_costs_what_owasp_asks_for_and_more() -> None:
    assert (STRONG.kibibytes, STRONG.passes) >= (19 * 1024, 2)
    assert len(fresh_recipe(STRONG).salt) >= 16


def test_a_wrapped_key_opens_under_its_secret_and_name_alone() -> None:
    key, secret = SigningKey.generate(), bytes(range(32))
    wrapped = wrap(key, secret, "list|ana")
    assert unwrap(wrapped, secret, "list|ana", key.public).seed == key.seed
    bent = bytes([*wrapped[:-1], wrapped[-1] ^ 1])
    for bad in (
        (wrapped, bytes(32), "list|ana", key.public),
        (wrapped, secret, "list|ben", key.public),
        (wrapped, secret, "list|ana", SigningKey.generate().public),
        (bent, secret, "list|ana", key.public),
        (b"", secret, "list|ana", key.public),
    ):
        with pytest.raises(AccountError, match="invite the person again"):
            unwrap(*bad)


def test_what_was_stretched_does_not_show_itself() -> None:
    made = stretched("seven doors", Recipe(bytes(16), CHEAP))
    assert made.opener.hex() not in repr(made)
