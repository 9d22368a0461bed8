"""An invitation as one string: it comes back, and a typo is found and named."""

import textwrap
from dataclasses import replace

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import Code, Refused
from sync.invitation import Invitation

INVITATION = Invitation(
    bytes(range(8)),
    "hub.example.org",
    8884,
    bytes(range(32)),
    bytes(range(32, 64)),
    bytes(range(100, 116)),
    1_800_000_000_000,
)
TEXT = INVITATION.text()
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

hosts = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=120)


@given(hosts, st.integers(1, 65_535), st.binary(min_size=16, max_size=16))
def test_an_invitation_comes_back_from_its_string(host: str, port: int, secret: bytes) -> None:
    made = replace(INVITATION, host=host, port=port, secret=secret)
    assert Invitation.of_text(made.text()) == made
    assert made.unit_id == "0001020304050607"


@pytest.mark.parametrize(
    "written",
    [TEXT.lower(), f"  {TEXT}\n", TEXT.replace("-", " - "), TEXT.replace("0", "O"),
     TEXT.replace("1", "l").replace("DWl", "DW1"), "\n".join(textwrap.wrap(TEXT, 40))],
)  # fmt: skip
def test_it_is_read_however_people_write_it(written: str) -> None:
    assert Invitation.of_text(written) == INVITATION


def test_every_single_wrong_character_is_found_and_its_group_named() -> None:
    for at in range(4, len(TEXT)):
        if TEXT[at] == "-":
            continue
        group = TEXT[:at].count("-")
        for wrong in DIGITS:
            if wrong == TEXT[at]:
                continue
            with pytest.raises(Refused, match=rf"group {group} after DW1 is mistyped") as refused:
                Invitation.of_text(TEXT[:at] + wrong + TEXT[at + 1 :])
            assert refused.value.code == Code.INVITATION


def test_every_exchange_of_neighbours_is_found() -> None:
    for at in range(4, len(TEXT) - 1):
        if "-" in TEXT[at : at + 2] or TEXT[at] == TEXT[at + 1]:
            continue
        with pytest.raises(Refused, match=f"group {TEXT[:at].count('-')} "):
            Invitation.of_text(TEXT[:at] + TEXT[at + 1] + TEXT[at] + TEXT[at + 2 :])


def test_missing_and_exchanged_groups_are_found() -> None:
    title, *groups = TEXT.split("-")
    for at in range(len(groups)):
        with pytest.raises(Refused):
            Invitation.of_text("-".join([title, *groups[:at], *groups[at + 1 :]]))
    for at in range(len(groups) - 1):
        swapped = [*groups[:at], groups[at + 1], groups[at], *groups[at + 2 :]]
        with pytest.raises(Refused):
            Invitation.of_text("-".join([title, *swapped]))


@pytest.mark.parametrize("size", range(len(TEXT)))
def test_a_string_that_is_cut_is_refused(size: int) -> None:
    with pytest.raises(Refused) as refused:
        Invitation.of_text(TEXT[:size])
    assert "\n" not in str(refused.value)


@given(st.text(max_size=1_100))
def test_any_text_is_read_or_refused_by_code(text: str) -> None:
    for written in (text, "DW1-" + text):
        with pytest.raises(Refused) as refused:
            Invitation.of_text(written)
        assert refused.value.code == Code.INVITATION


def test_it_fits_a_qr_code_that_a_terminal_can_show() -> None:
    assert segno.make(TEXT, error="m").symbol_size(border=0)[0] <= 61
    assert len(TEXT) < 320
