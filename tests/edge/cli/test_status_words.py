"""What ``doorwatch status`` says about the software, and about a new list."""

from edge.cli.status import list_words, software_words
from edge.door import ListView
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


def test_of_a_list_that_nobody_has_confirmed_it_says_what_to_do() -> None:
    new = ListView(0, 0, 0, issued_at=1.0, expires_at=1.0, model_id="embed-00")
    assert "doorwatch affirm" in list_words(new)
    confirmed = ListView(0, 0, 1, issued_at=1.0, expires_at=1.0, model_id="embed-00")
    assert "fresh until" in list_words(confirmed)
