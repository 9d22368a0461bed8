"""Numbers and verdicts in words that a tired person reads once."""

import pytest

from edge.preflight import Forecast, Grade, Strength
from edge.vision.face import Flaw
from sync.hub.drafts import Draft
from sync.hub.examining import Examined, FoundFace
from sync.hub.web.addview import listed, recognises, rings, rounded, share, shots


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.4, "1"),
        (7.6, "8"),
        (312.0, "310"),
        (8_960.0, "9,000"),
        (999_499.0, "1,000,000"),
    ],
)
def test_large_numbers_have_two_digits_that_count(number: float, written: str) -> None:
    assert rounded(number) == written


def test_no_share_is_rarer_than_anybody_has_measured() -> None:
    assert share(999_000.0) == "about 1 in 1,000,000"
    for one_in in (1e6, 3.8e6, 1e12):
        assert share(one_in) == "fewer than 1 in a million"
        said = rings(Forecast(one_in, one_in, 1.0, Grade.GOOD))
        assert said == "Fewer than 1 in a million strangers would ring: good."


def test_the_grade_chooses_the_words() -> None:
    good, fair, poor = (rings(Forecast(9_000, 800, 1.0, grade)) for grade in Grade)
    assert good == "About 1 in 9,000 strangers would ring: good."
    assert "acceptable" in fair
    assert "take another photo" in poor


def test_another_photo_is_praised_only_where_that_was_measured() -> None:
    assert recognises(Strength(1, 0.3, 0.18)).endswith(
        "70 times in 100. With one more different photo: 82."
    )
    assert "one more" not in recognises(Strength(3, 0.13, None))


def test_several_flaws_are_one_sentence() -> None:
    assert listed(["too dark"]) == "too dark"
    assert listed(["too dark", "blurred", "covered"]) == "too dark, blurred and covered"


def face(quality: float, *flaws: Flaw, template: bytes = b"x") -> FoundFace:
    return FoundFace(
        (0, 0, 9, 9), quality, flaws, background=False, template=template, photo_jpeg=b""
    )


def test_a_photo_that_is_only_usable_says_what_would_help() -> None:
    draft = Draft("id", "ana", "", 0.0)
    for one in (face(0.4), face(0.9, template=b"")):
        draft.add(Examined(10, 10, b"", "net-1", (one,)))
    fair, unencoded = shots(draft)
    assert (fair.tone, fair.quality) == ("soon", 40)
    assert fair.advice == ("Nearer, sharper, and facing the camera.",)
    assert (unencoded.tone, unencoded.quality) == ("bad", None)
    assert "cannot be compared" in unencoded.verdict


def test_every_flaw_is_named_and_has_its_advice() -> None:
    draft = Draft("id", "ana", "", 0.0)
    draft.add(Examined(10, 10, b"", "net-1", (face(0.1, Flaw.DARK, Flaw.BLURRED),)))
    (shown,) = shots(draft)
    assert "too dark and blurred" in shown.verdict
    assert len(shown.advice) == 2
