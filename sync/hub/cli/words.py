"""Times and counts in the words of the command line. Pure but for the time zone."""

from datetime import datetime

_STEPS = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"))


def duration(span_ms: int) -> str:
    """Say how long something took or takes, by its largest unit, short times exactly."""
    if span_ms < 1000:
        return f"{max(0, span_ms)} ms"
    if span_ms < 10_000:
        return f"{span_ms / 1000:.1f} s"
    for step, name in _STEPS:
        if span_ms >= 2 * step or step == 1000:
            return count(span_ms // step, name)
    raise AssertionError("unreachable: every span has a step")  # pragma: no cover


def ago(span_ms: int) -> str:
    """Say how long ago something was."""
    return "just now" if span_ms < 2000 else f"{duration(span_ms)} ago"


def within(span_ms: int) -> str:
    """Say in how long something will be."""
    return f"in {duration(span_ms)}"


def moment(at_ms: int) -> str:
    """Say a moment (milliseconds since the epoch) as a local date and time."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M")


def count(number: int, what: str, several: str = "") -> str:
    """Count things; ``several`` where more of them are not just spelt with an s."""
    return f"{number} {what if number == 1 else several or what + 's'}"
