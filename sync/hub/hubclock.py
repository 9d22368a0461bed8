"""The hub's clock: this machine's, which is looked after by NTP as any server's is."""

import time
from datetime import date, datetime


def now_ms() -> int:
    """Give the time, milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def day_of(at_ms: int) -> date:
    """Give the day of a moment where the hub stands, which is where its venues are."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().date()
