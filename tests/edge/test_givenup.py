"""Whoever asks a unit that was given up is told which part, and why."""

import os
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


def test_whatever_else_stands_in_its_place_is_neither_followed_nor_waited_for(
    tmp_path: Path,
) -> None:
    """The lamp keeper's user writes that folder; others, and root's terminal, read it."""
    (tmp_path / "secret").write_text("the page's PIN")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    (tmp_path / "folder").mkdir()
    assert [noted(tmp_path / name) for name in ("link", "pipe", "folder")] == [None, None, None]
    os.close(writer)


def test_a_reason_is_one_line_without_a_word_for_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("it hung\x1b[2J\nall is well\r\n")
    assert noted(tmp_path / "note") == "it hung[2J all is well"
