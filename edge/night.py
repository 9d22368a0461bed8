"""When a night ends: at noon, when nobody is at the door. Pure: the time zone is passed in."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

NOON = time(12)
"""Local time at which what counts for one night is over."""


def night_end(now: datetime) -> datetime:
    """Give the next noon after ``now``, in its own time zone; at noon itself, that of tomorrow."""
    noon = datetime.combine(now.date(), NOON, now.tzinfo)
    return noon if now < noon else noon + timedelta(days=1)


def night_of(at_s: float, zone: tzinfo | None = None) -> date:
    """Name the night of a moment by the day on which it began.

    Args:
        at_s: Seconds since the epoch.
        zone: Where; by default the time zone of this machine.
    """
    there = datetime.fromtimestamp(at_s, UTC).astimezone(zone)
    return night_end(there).date() - timedelta(days=1)


def night_ends_s(at_s: float, zone: tzinfo | None = None) -> float:
    """Give the end of the night of a moment; both in seconds since the epoch."""
    return night_end(datetime.fromtimestamp(at_s, UTC).astimezone(zone)).timestamp()
