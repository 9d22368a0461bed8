"""Breaks one function of ours for one call, with an exception that tells all the function knew."""

import errno
import gc
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import CodeType, FrameType, FunctionType
from typing import Any

ROOT = Path(__file__).parents[1]
OURS = tuple(f"{ROOT / package}{os.sep}" for package in ("edge", "sync"))
SPARED = str(ROOT / "edge/journal.py")
"""What writes the log is what is tried."""

TELLING = (RuntimeError, KeyError, ValueError, TypeError, AssertionError, LookupError, ImportError)
"""Exceptions that are raised with everything that the function was given in their words."""


@contextmanager
def called() -> Iterator[set[CodeType]]:
    """Collect the functions of ours that are called within the block, in whatever thread."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(OURS):
            seen.add(frame.f_code)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def breakable(seen: set[CodeType]) -> list[FunctionType]:
    """Find the functions behind their code, as far as another code can take its place."""
    found = {
        one.__code__: one
        for one in gc.get_objects()
        if isinstance(one, FunctionType) and one.__code__ in seen
    }
    plain = [code for code in found if not code.co_freevars and code.co_filename != SPARED]
    return [
        found[code]
        for code in sorted(plain, key=lambda code: (code.co_filename, code.co_firstlineno))
    ]


@dataclass
class Fault:
    """One function that fails at its next call, and is whole again then."""

    function: FunctionType
    chance: Random
    was: CodeType = field(init=False)
    fired: bool = False
    words: str = ""

    def __post_init__(self) -> None:
        self.was = self.function.__code__

    def fire(self, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Raise what a driver, a disk or a mistake of ours would, and then be out of the way."""
        self.mend()
        self.fired = True
        match self.chance.randrange(10):
            case 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            case 1:
                raise sqlite3.OperationalError("disk I/O error")
            case 2:
                raise MemoryError
        inside = [vars(one) for one in given if hasattr(one, "__dict__")]
        self.words = repr((given, named, inside))
        raise self.chance.choice(TELLING)(self.words)

    def mend(self) -> None:
        self.function.__code__ = self.was


_BROKEN: list[Fault] = []


def _fails(*given: Any, **named: Any) -> None:
    import broken_functions  # noqa: PLC0415 - this code runs with another module's names

    broken_functions._BROKEN[-1].fire(given, named)


@contextmanager
def broken(function: FunctionType, chance: Random) -> Iterator[Fault]:
    """Let a function fail at its next call within the block."""
    fault = Fault(function, chance)
    _BROKEN.append(fault)
    function.__code__ = _fails.__code__
    try:
        yield fault
    finally:
        fault.mend()
