"""Dates as people type them at the door, and as they read them. Pure but for the time zone."""

import re
from datetime import date, datetime, time, timedelta

from edge.errors import EnrolmentError

_TERM = re.compile(r"(\d{1,4})\s*([dwmy])")
_ADVICE = "give a date such as 2031-01-31, or a term such as 30d, 6w, 6m or 1y"


def until(text: str, now: float) -> float:
    """Work out when an entry ends.

    Args:
        text: A date, the last day on which the entry counts; or a term from now in days, weeks,
            months or years.
        now: Seconds since the epoch.

    Returns:
        Seconds since the epoch.

    Raises:
        EnrolmentError: It is neither, or not in the future.
    """
    begins = datetime.fromtimestamp(now).astimezone()
    try:
        ends = _from_term(text, begins) or _end_of(date.fromisoformat(text.strip()))
        moment = ends.timestamp()
    except (ValueError, OverflowError) as error:
        raise EnrolmentError(f"--until {text!r} is no date: {_ADVICE}") from error
    if moment <= now:
        raise EnrolmentError(f"--until {text!r} is over already: {_ADVICE}")
    return moment


def day(moment: float) -> str:
    """Say a moment (seconds since the epoch) as a local date and time."""
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def _from_term(text: str, begins: datetime) -> datetime | None:
    found = _TERM.fullmatch(text.strip().lower())
    if found is None:
        return None
    count, unit = int(found[1]), found[2]
    if unit in "dw":
        return begins + timedelta(days=count * (7 if unit == "w" else 1))
    return _months_later(begins, count * (12 if unit == "y" else 1))


def _months_later(begins: datetime, months: int) -> datetime:
    """Go on by calendar months; the 31st becomes the last day of a shorter month."""
    year, month = divmod(begins.year * 12 + begins.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return begins.replace(year=year, month=month + 1, day=min(begins.day, last))


def _end_of(last: date) -> datetime:
    return datetime.combine(last + timedelta(days=1), time()).astimezone()
