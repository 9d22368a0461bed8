"""Times in the words of the pages; the hub's own time zone, which is that of its venues."""

from datetime import date, datetime

from sync.hub.web.texts import t

_STEPS = ((86_400_000, "days"), (3_600_000, "hours"), (60_000, "minutes"), (1000, "seconds"))


def duration(span_ms: float) -> str:
    """Say how long something takes, by its largest unit."""
    for step, name in _STEPS:
        if span_ms >= step or step == 1000:
            return t(f"times.{name}", count=max(0, int(span_ms // step)))
    raise AssertionError("unreachable: the last step takes all")  # pragma: no cover


def ago(span_ms: float) -> str:
    """Say how long ago something was."""
    if span_ms < 2000:
        return t("times.now")
    return t("times.ago", duration=duration(span_ms))


def day(when: int | str) -> str:
    """Say a day, of milliseconds since the epoch or of YYYY-MM-DD: 3 May 2031."""
    at = date.fromisoformat(when) if isinstance(when, str) else _local(when).date()
    return f"{at.day} {t(f'times.month.{at.month}')} {at.year}"


def short_day(at: date) -> str:
    """Say a day without its year: 3 May."""
    return f"{at.day} {t(f'times.month.{at.month}')}"


def clock(at_ms: int) -> str:
    """Say the time of a day: 23:05."""
    return f"{_local(at_ms):%H:%M}"


def moment(at_ms: int) -> str:
    """Say a day and the time of it."""
    return f"{day(at_ms)}, {clock(at_ms)}"


def _local(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000).astimezone()
