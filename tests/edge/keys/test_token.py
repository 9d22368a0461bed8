"""Codes that people copy by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import KeyProviderError
from edge.keys.pairs import SHARE_BYTES, Share
from edge.keys.token import new_token, shares_of, token_text

CODE = token_text(Share.TOKEN, bytes(range(16)))


@given(st.binary(min_size=16, max_size=16))
def test_a_token_comes_back_from_its_code(token: bytes) -> None:
    assert shares_of(token_text(Share.TOKEN, token).lower()) == {Share.TOKEN: token}


def test_the_hubs_share_has_a_code_of_its_own() -> None:
    assert shares_of(token_text(Share.HUB, bytes(32))) == {Share.HUB: bytes(32)}


def test_both_are_read_one_after_the_other() -> None:
    both = {Share.HUB: bytes(32), Share.TOKEN: bytes(range(16))}
    text = f"{CODE.lower()}\n {token_text(Share.HUB, bytes(32))}"
    assert shares_of(text) == both


def test_each_token_is_another_one() -> None:
    assert len({new_token() for _ in range(20)}) == 20
    assert len(new_token()) == SHARE_BYTES[Share.TOKEN]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "has to begin with DWT1-"),
        ("DW1-0000", "has to begin with DWT1-"),
        (CODE[:-9], "do not belong together|in the middle|mistyped"),
        (CODE.replace("-0", "-1", 1), "group 1 after DWT1 is mistyped"),
        (token_text(Share.TOKEN, bytes(3)), "too short or too long"),
    ],
)
def test_a_mistyped_code_is_refused_with_what_is_wrong(typed: str, problem: str) -> None:
    with pytest.raises(KeyProviderError, match=problem):
        shares_of(typed)
