"""What ``doorwatch status`` says about the software."""

from edge.cli.status import software_words
from edge.installed import Installed, Outcome


def test_a_version_that_went_back_is_told_with_its_reason() -> None:
    outcome = Outcome("returned", "1.0-aaaaaaaa", "2.0-bbbbbbbb", "it does not start", 0.0)
    words = software_words(Installed("1.0-aaaaaaaa", outcome=outcome))
    assert words.startswith("1.0-aaaaaaaa; 2.0-bbbbbbbb went back on ")
    assert words.endswith(": it does not start")


def test_a_version_on_trial_says_so() -> None:
    assert "on trial" in software_words(Installed("2.0-bbbbbbbb", on_trial=True))


def test_a_version_in_force_is_its_name() -> None:
    good = Outcome("good", "1.0-aaaaaaaa", "2.0-bbbbbbbb", "", 0.0)
    assert software_words(Installed("2.0-bbbbbbbb", outcome=good)) == "2.0-bbbbbbbb"
