"""Whether the unit's box was opened, kept until a manager has seen to it.

The lamp keeper watches the switch and shows FAULT by itself. It leaves a file among the sockets,
which are gone when the power is; the engine keeps it beside the list, so that pulling the plug
does not undo it. A box that is opened while it has no power is not noticed.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from edge.errors import IndicatorError

SEEN = "box-opened"
"""Name of the lamp keeper's file, beside its socket."""

PATIENCE_S = 1.0
"""Seconds within which the lamp keeper agrees that the box is closed."""

_TICK_S = 0.02


def leave_word(seen: Path, *, opened: bool) -> None:
    """Have the engine know of a box that was opened; where it cannot, the lamps still tell."""
    with contextlib.suppress(OSError):
        if opened != seen.exists():
            seen.touch(mode=0o640) if opened else seen.unlink()


def opened_at(seen: Path, kept: Path) -> float | None:
    """Tell when the box was opened, seconds since the epoch; None where it was not.

    Args:
        seen: What the lamp keeper leaves.
        kept: Where it is kept beyond that.
    """
    now, before = _made_at(seen), _made_at(kept)
    if now is not None and before is None:
        with contextlib.suppress(OSError):  # a disk that is full is a fault of its own
            kept.touch(mode=0o600)
    return now if before is None else before


def forget_opening(seen: Path, kept: Path, closed: Callable[[], bool]) -> None:
    """Take back what was noted, now that the box is closed.

    Args:
        seen: What the lamp keeper leaves, and takes away where it finds the box closed.
        kept: Where it is kept beyond that.
        closed: Asks the lamp keeper; gives whether it could be asked.

    Raises:
        IndicatorError: The box is open, or the lamp keeper does not answer.
    """
    if not closed():
        raise IndicatorError("the lamp keeper does not answer: see its log")
    until = time.monotonic() + PATIENCE_S
    while seen.exists():
        if time.monotonic() > until:
            raise IndicatorError("the box is open: close it, then try again")
        time.sleep(_TICK_S)
    try:
        kept.unlink(missing_ok=True)
    except OSError as error:
        raise IndicatorError(f"cannot forget it in {kept}: {error.strerror}") from error


def _made_at(file: Path) -> float | None:
    try:
        return file.stat().st_mtime
    except OSError:
        return None
