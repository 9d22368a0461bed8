"""Which part of the unit systemd has given up for a while, and why: for whoever asks the unit.

Written by ``doorwatch-safe@.service``, which systemd starts in place of a part that does not stay
up; gone when that part is tried again.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from edge.plainfile import plain_content

_LONGEST = 500

_WORDS = {
    "watchdog": "it hung",
    "exit-code": "it ended with an error",
    "signal": "it was killed",
    "core-dump": "it crashed",
    "oom-kill": "the memory ran out",
    "timeout": "it took too long to start or to end",
}


def reason(environ: Mapping[str, str]) -> str:
    """Put into words what systemd says about the part that it gave up.

    Args:
        environ: With ``MONITOR_UNIT`` and ``MONITOR_SERVICE_RESULT``, see systemd.exec(5).
    """
    unit = environ.get("MONITOR_UNIT", "").removesuffix(".service") or "a part of the unit"
    why = _WORDS.get(environ.get("MONITOR_SERVICE_RESULT", ""), "it did not stay up")
    return f"{unit} was started too often in vain ({why}): it is tried again within ten minutes"


def note(file: Path, words: str) -> None:
    """Leave a reason for others to read; a disk that is full must not keep amber away."""
    with contextlib.suppress(OSError):
        file.write_text(words + "\n", encoding="utf-8")


def forget(file: Path) -> None:
    """Take the reason back."""
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)


def noted(file: Path) -> str | None:
    """Give the reason that was left, in one line; None where nothing was given up.

    Its folder is the lamp keeper's: nothing that is no file is followed or waited for, and what
    would speak to a terminal is left out.
    """
    try:
        words = plain_content(file, _LONGEST).decode("utf-8", "replace").split()
    except OSError:
        return None
    return "".join(one for one in " ".join(words) if one.isprintable()) or None
