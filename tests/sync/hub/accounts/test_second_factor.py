"""Codes of the authenticator, after RFC 6238, and recovery codes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.hub.accounts.second_factor import (
    STEP_MS,
    address,
    code_digest,
    is_secret,
    new_codes,
    new_secret,
    step_of,
)

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (20000000000, "353130")],
)
def test_the_vectors_of_the_standard_hold(at_s: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1, the last six digits."""
    assert step_of(RFC_SECRET, code, 0, at_s * 1000) == at_s // 30


def test_blanks_in_a_code_do_not_matter_and_other_characters_do() -> None:
    assert step_of(RFC_SECRET, " 287 082 ", 0, 59_000) == 1
    for code in ("", "28708", "2870822", "٢٨٧٠٨٢", "287o82"):
        assert step_of(RFC_SECRET, code, 0, 59_000) is None


@given(st.integers(2, 2**33), st.integers(-4, 4))
def test_a_code_counts_next_to_its_time_and_after_the_last_one(step: int, off: int) -> None:
    import pyotp  # noqa: PLC0415 - the second opinion

    code = pyotp.TOTP(RFC_SECRET).generate_otp(step)
    found = step_of(RFC_SECRET, code, 0, (step + off) * STEP_MS)
    if abs(off) <= 1:
        assert found is not None
        assert step_of(RFC_SECRET, code, found, (step + off) * STEP_MS) in {None, found + 1}


def test_a_secret_is_as_long_as_it_should_be_and_nothing_else_is_one() -> None:
    assert is_secret(new_secret())
    assert new_secret() != new_secret()
    for bad in ("", "AAAA", "not base 32", "é", new_secret() + "AAAAAAAA"):
        assert not is_secret(bad)


def test_the_address_for_the_qr_code_names_hub_and_login() -> None:
    made = address(RFC_SECRET, "ana", "Harbour: Town")
    assert made.startswith("otpauth://totp/Harbour%20%20Town:ana?secret=")


def test_recovery_codes_are_long_and_typed_in_any_way() -> None:
    code = "0123-ABCD-EFGH-JKMN"
    same = {code_digest("a", one) for one in (code, "o123 abcd efgh jkmn", "oI23abcdefghjkmn")}
    assert len(same) == 1
    assert code_digest("b", code) not in same
    codes = new_codes()
    assert len(set(codes)) == 10
    assert all(len(one.replace("-", "")) * 5 == 80 for one in codes)
