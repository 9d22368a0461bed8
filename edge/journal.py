"""What the processes write down: one line for each event, in words, with a code that stays.

Under systemd a line goes to the journal with its priority; on a terminal it has time and level.
Nothing about a person is in it, by construction: only fields that are named here are written, of
an exception only its kind and place unless its sentence is one of ours, and of what a library
says only where it said it. Lines that repeat themselves all night are held back and counted.
deploy/logs.md lists every code.
"""

import contextlib
import faulthandler
import logging
import os
import re
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

FIELDS = frozenset(
    {
        # of every line
        *("event", "code", "level", "timestamp", "held_back"),
        # of what went wrong, see _told
        *("why", "error", "at", "library"),
        # of what it is about: units, lists and heads by their ids, and how many
        *("unit", "list", "mailbox", "record", "epoch", "sequence", "state", "network"),
        *("entries", "of", "people", "candidates", "refused", "size", "days_left"),
        *(
            "verdict",
            "answer",
            "process",
            "status",
            "in_s",
            "silent_s",
            "client",
            "account",
            "path",
        ),
        # of the machine itself
        *("fps", "degrees"),
    }
)
"""The fields that a line may have. None of them is about somebody on the list."""

BURST = 10
"""Lines with one code that are written at once."""

EVERY_S = 60.0
"""Seconds after which one more line with that code is written."""

_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_OURS = ("edge.", "sync.")
_MOST_PLACES = 8
_LONG_NUMBER = re.compile("[0-9a-fA-F]{16,}")
_STANDARD_ERROR = 2

_LOG = structlog.get_logger("journal")

Fields = MutableMapping[str, Any]


def begin(out: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Write one line for each event from here on, also for what nobody caught.

    Args:
        out: Where to; standard error by default.
        environ: Where systemd says that this is the journal.
    """
    stream = out or sys.stderr
    journal = is_journal(stream, environ)
    first: tuple[str, ...] = ("event", "code") if journal else ("timestamp", "level", "event")
    chain: list[Processor] = [
        structlog.processors.add_log_level,
        HoldBack(time.monotonic),
        tell_exception,
        withhold,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        with_priority if journal else structlog.processors.LogfmtRenderer(key_order=first),
    ]
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=lambda *_: Lines(stream),
    )


def hear_everything() -> None:
    """Have libraries' complaints, warnings and uncaught exceptions become lines as well.

    Left alone, each would write what it likes, and exceptions hold what they were about. A process
    that a watchdog ends, or a fault in a library, says where each of its threads stood.
    """
    faulthandler.enable(_STANDARD_ERROR)
    logging.basicConfig(handlers=[Libraries(logging.WARNING)], level=logging.WARNING, force=True)
    warnings.showwarning = _warned
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda lost: _lost(lost.exc_value)
    threading.excepthook = lambda ended: _lost(ended.exc_value)


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether what is written to a stream goes to systemd's journal."""
    named = environ.get("JOURNAL_STREAM", "")
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):  # closed, or no file at all
        return False
    return named == f"{found.st_dev}:{found.st_ino}"


class Lines:
    """Writes lines to a stream; where it cannot, the process goes on."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream."""
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write one line. A full disk or a dead journal must not end a door."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


@dataclass(slots=True)
class _Allowance:
    """How many lines one code has left, and since when."""

    left: float
    at_s: float
    held_back: int = 0


class HoldBack:
    """Lets ten lines of a code through, then one a minute, which tells how many were held back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with nothing said.

        Args:
            clock: Seconds that only grow.
        """
        self._clock = clock
        self._allowances: dict[str, _Allowance] = {}
        self._turn = threading.Lock()

    def __call__(self, _logger: object, _method: str, fields: Fields) -> Fields:
        """Let a line through or drop it.

        Raises:
            DropEvent: There were too many like it.
        """
        with self._turn:
            held_back = self._asked(str(fields.get("code")))
        if held_back:
            fields["held_back"] = held_back
        return fields

    def _asked(self, code: str) -> int:
        now = self._clock()
        had = self._allowances.setdefault(code, _Allowance(BURST, now))
        had.left, had.at_s = min(BURST, had.left + (now - had.at_s) / EVERY_S), now
        if had.left < 1:
            had.held_back += 1
            raise structlog.DropEvent
        had.left -= 1
        held_back, had.held_back = had.held_back, 0
        return held_back


def withhold(_logger: object, _method: str, fields: Fields) -> Fields:
    """Say that a field was there, and not what was in it, unless it is one of ``FIELDS``.

    Somebody's words, a hub's or a client's, are written as letters alone: one odd character, and
    the journal shows the line as a blob, or a terminal does what it says.
    """
    for name in fields.keys() - FIELDS:
        fields[name] = "withheld"
    if "why" in fields:  # a sentence of ours may name an entry, for whoever is at the command line
        fields["why"] = _LONG_NUMBER.sub("…", str(fields["why"]))
    for name, value in fields.items():
        if isinstance(value, str) and not value.isprintable():
            fields[name] = "".join(one if one.isprintable() else "?" for one in value)
    return fields


def tell_exception(_logger: object, _method: str, fields: Fields) -> Fields:
    """Turn an exception into its kind, its place, and our own sentence if it has one."""
    given = fields.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        fields.update(_told(error))
    return fields


def with_priority(_logger: object, _method: str, fields: Fields) -> str:
    """Write a line as the journal reads it from a stream: its priority first, no time."""
    priority = _PRIORITY.get(str(fields.pop("level", "info")), 6)
    fields.pop("timestamp", None)
    line = structlog.processors.LogfmtRenderer(key_order=("event", "code"))(None, "", fields)
    return f"<{priority}>{line}"


class Libraries(logging.Handler):
    """Writes where in a library something was said; the words may be about anybody."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line for what a library said."""
        fields: dict[str, Any] = {"library": record.name, "at": _place(record)}
        if record.exc_info and record.exc_info[1] is not None:
            fields |= _told(record.exc_info[1])
        said = _LOG.error if record.levelno >= logging.ERROR else _LOG.warning
        said("a library complains", code="library", **fields)


def _told(error: BaseException) -> dict[str, str]:
    """Give what may be written of an exception."""
    told = {"error": " from ".join(_kind(one) for one in _causes(error)), "at": _places(error)}
    if type(error).__module__.startswith(_OURS):
        return {**told, "why": str(error)}
    if isinstance(error, OSError) and error.errno is not None:
        return {**told, "why": os.strerror(error.errno)}
    return told


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    seen = set[int]()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        hidden = None if cause.__suppress_context__ else cause.__context__
        cause = cause.__cause__ or hidden


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _places(error: BaseException) -> str:
    """Name the innermost places, the last one first."""
    found = [
        f"{frame.f_globals.get('__name__', '?')}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return " < ".join(reversed(found[-_MOST_PLACES:]))


def _place(record: logging.LogRecord) -> str:
    return f"{record.module}:{record.lineno} {record.funcName}"


def _warned(  # noqa: PLR0913, PLR0917 - the signature that Python gives it
    message: Warning | str,  # noqa: ARG001 - not written: it may be about anybody
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    place = f"{Path(filename).stem}:{lineno}"
    _LOG.warning("a library warns", code="library-warns", error=category.__name__, at=place)


def _lost(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        _LOG.error("a thread ended by mistake", code="thread-ended", exc_info=error)


def _uncaught(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        _LOG.critical("the process ends by mistake", code="process-ended", exc_info=error)
