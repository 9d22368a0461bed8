import io
import logging
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from edge import journal
from edge.errors import GalleryError

SECRET = "Ana Example"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What was written; structlog is left as it was."""
    stream = io.StringIO()
    journal.begin(stream)
    yield stream
    structlog.reset_defaults()


def log() -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger("test")
    return logger


def failing(error: BaseException) -> None:
    try:
        raise error
    except type(error):
        log().exception("it failed", code="failed")


def test_a_line_says_what_happened_and_has_its_code(out: io.StringIO) -> None:
    log().warning("broker lost", code="broker-lost", why="it hung up")
    assert out.getvalue().partition(" ")[2] == (
        'level=warning event="broker lost" code=broker-lost why="it hung up"\n'
    )


def test_a_field_that_is_not_listed_is_not_written(out: io.StringIO) -> None:
    log().info("ready", code="ready", name=SECRET, unit="u1")
    assert "name=withheld" in out.getvalue()
    assert "unit=u1" in out.getvalue()
    assert SECRET not in out.getvalue()


def test_of_an_exception_its_kind_and_place_are_told_and_not_its_words(out: io.StringIO) -> None:
    failing(KeyError(SECRET))
    assert "error=KeyError at=test_journal:" in out.getvalue().replace("tests.edge.", "")
    assert SECRET not in out.getvalue()


def test_a_sentence_of_ours_is_told_and_so_is_the_systems(out: io.StringIO) -> None:
    failing(GalleryError("the gallery is damaged: join again"))
    failing(OSError(28, SECRET, SECRET))
    assert 'why="the gallery is damaged: join again"' in out.getvalue()
    assert 'why="No space left on device"' in out.getvalue()
    assert SECRET not in out.getvalue()


def test_a_sentence_of_ours_is_told_without_the_entry_that_it_names(out: io.StringIO) -> None:
    failing(GalleryError("entry 02fa77a364d85fd3 is damaged: run doorwatch verify"))
    assert 'why="entry … is damaged: run doorwatch verify"' in out.getvalue()


@pytest.mark.parametrize("odd", ["\n", "\r", "\x1b[2J", "\u2028", "\x9b", "\0", "\u202e"])
def test_nobody_hides_a_line_or_speaks_to_a_terminal_by_what_is_told_of_him(
    out: io.StringIO, odd: str
) -> None:
    """The journal shows such a line as a blob, and a terminal does as it is told."""
    log().warning("refused", code="refused", client=f"192.0.2.9{odd}", why=f"not{odd}him")
    written = out.getvalue().removesuffix("\n")
    assert written.isprintable()
    assert "client=192.0.2.9" in written.replace('"', "")


def test_the_causes_of_an_exception_are_told_by_their_kinds(out: io.StringIO) -> None:
    error = ValueError(SECRET)
    error.__cause__ = KeyError(SECRET)
    error.__cause__.__context__ = error  # a ring must not be walked forever
    failing(error)
    assert 'error="ValueError from KeyError"' in out.getvalue()


def test_what_a_library_says_is_told_by_its_place_alone(out: io.StringIO) -> None:
    handler = journal.Libraries()
    record = logging.LogRecord("uvicorn", 40, "server.py", 12, f"{SECRET}", (), None, "run")
    handler.emit(record)
    assert 'library=uvicorn at="server:12 run"' in out.getvalue()
    assert SECRET not in out.getvalue()


def test_what_nobody_caught_is_one_line_each() -> None:
    program = f"""
        import logging, threading, warnings
        from edge import process
        process.begin()
        def fail(): raise ValueError({SECRET!r})
        thread = threading.Thread(target=fail); thread.start(); thread.join()
        logging.getLogger("asyncio").error("never retrieved: %s", {SECRET!r})
        warnings.warn({SECRET!r})
        class Odd:
            def __del__(self): fail()
        Odd()
        fail()
        """
    told = _ended(program)
    codes = [line.split("code=")[1].split()[0] for line in told.splitlines()]
    assert codes == ["thread-ended", "library", "library-warns", "thread-ended", "process-ended"]
    assert SECRET not in told


def test_a_process_that_hangs_says_at_its_end_where_it_stood_and_not_with_what() -> None:
    program = f"""
        import os, signal
        from edge import process
        process.begin()
        def hanging(secret): os.kill(os.getpid(), signal.SIGABRT)
        hanging({SECRET!r})
        """
    told = _ended(program)
    assert " in hanging" in told
    assert SECRET not in told


def _ended(program: str) -> str:
    """Run a program that ends badly; what it wrote."""
    command = [sys.executable, "-W", "default", "-c", textwrap.dedent(program)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_in_the_journal_a_line_begins_with_its_priority(tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w+") as stream:
        found = os.fstat(stream.fileno())
        journal.begin(stream, {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"})
        log().error("the gallery cannot be read", code="gallery-unreadable")
        log().info("ready", code="ready")
        structlog.reset_defaults()
        stream.seek(0)
        assert stream.read().splitlines() == [
            '<3>event="the gallery cannot be read" code=gallery-unreadable',
            "<6>event=ready code=ready",
        ]


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    full = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w")
    journal.begin(full)
    log().warning("no frames", code="no-frames")
    structlog.reset_defaults()
    with pytest.raises(OSError, match="No space left"):
        full.close()


class Clock:
    """Seconds, set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def let_through(hold_back: journal.HoldBack, code: str) -> int | None:
    try:
        return int(hold_back(None, "info", {"code": code}).get("held_back", 0))
    except structlog.DropEvent:
        return None


def test_a_camera_that_comes_and_goes_all_night_does_not_fill_the_journal() -> None:
    clock = Clock()
    hold_back = journal.HoldBack(clock)
    written = []
    for second in range(0, 8 * 3600, 2):
        clock.now = float(second)
        written.append(let_through(hold_back, "no-frames"))
    lines = [one for one in written if one is not None]
    assert len(lines) <= journal.BURST + 8 * 60
    assert sum(lines) >= len(written) - len(lines) - 30  # all but those after the last line


def test_one_code_that_repeats_itself_holds_back_no_other() -> None:
    hold_back = journal.HoldBack(Clock())
    assert [let_through(hold_back, "a") for _ in range(12)] == [0] * 10 + [None, None]
    assert let_through(hold_back, "b") == 0


@given(st.lists(st.floats(0, 600), min_size=1, max_size=60))
def test_never_more_than_ten_lines_and_one_a_minute(pauses: list[float]) -> None:
    clock = Clock()
    hold_back = journal.HoldBack(clock)
    through = 0
    for pause in pauses:
        clock.now += pause
        through += let_through(hold_back, "a") is not None
    assert through <= journal.BURST + sum(pauses) / journal.EVERY_S + 1
