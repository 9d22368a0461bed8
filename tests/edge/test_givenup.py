"""Whoever asks a unit that was given up is told which part, and why."""

from pathlib import Path

from edge.givenup import forget, note, noted, reason


def test_the_part_and_the_reason_are_said_in_words() -> None:
    hung = {"MONITOR_UNIT": "doorwatch-engine.service", "MONITOR_SERVICE_RESULT": "watchdog"}
    assert reason(hung) == (
        "doorwatch-engine was started too often in vain (it hung): "
        "it is tried again within ten minutes"
    )
    assert reason({}).startswith("a part of the unit was started too often in vain")


def test_it_is_there_until_it_is_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "why"
    assert noted(file) is None
    note(file, "doorwatch-lamp was started too often in vain")
    assert noted(file) == "doorwatch-lamp was started too often in vain"
    forget(file)
    forget(file)
    assert noted(file) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_from_amber(tmp_path: Path) -> None:
    note(tmp_path / "missing" / "why", "words")
    assert noted(tmp_path / "missing" / "why") is None
