"""What the page says: one table for each thing that has to be put into plain words. Pure."""

from datetime import datetime
from typing import NamedTuple

from sync.entries import DAY_S, LONGEST_DAYS, Category, Reason

CATEGORY_WORDS: dict[str, str] = {
    Category.BANNED: "Banned",
    Category.SELF_EXCLUDED: "Self-excluded",
    Category.WELFARE: "Welfare",
}
"""How the page names a category."""

REASON_WORDS: dict[str, str] = {
    Reason.VIOLENCE: "Violence",
    Reason.THREATS: "Threats",
    Reason.SEXUAL_HARASSMENT: "Sexual harassment",
    Reason.WEAPON: "Carried a weapon",
    Reason.DRUG_DEALING: "Dealing drugs",
    Reason.THEFT: "Theft",
    Reason.SPIKING: "Spiking drinks",
    Reason.DAMAGE: "Damage to the venue",
    Reason.SELF_EXCLUSION: "Asked not to be let in",
    Reason.MISSING: "Reported missing",
    Reason.VULNERABLE: "May need help",
}
"""How the page says a reason code."""


class Ground(NamedTuple):
    """One reason that a manager may choose, with the longest term it admits.

    Attributes:
        code: Of the closed list.
        words: How the page says it.
        days: The longest term.
    """

    code: str
    words: str
    days: int


GROUNDS = tuple(Ground(one, REASON_WORDS[one], LONGEST_DAYS[one]) for one in Reason)
"""The closed list of reasons, for the manager's panel."""

CHECK_REASONS: dict[str, str] = {
    "look-again": "The lamp said: look again",
    "came-back": "Refused here before and came back",
    "described": "Fits a description I was given",
    "asked": "They ask whether they are on the list",
}
"""The closed list of reasons for a hand-held check."""

FLAW_WORDS: dict[str, str] = {
    "too small": "too far away",
    "blurred": "blurred",
    "dark": "too dark",
    "turned away": "turned away",
    "covered": "covered",
}
"""How the page says why a face could not be compared."""

DUTY_WORDS: dict[str, str] = {
    "first": "First: rings at once",
    "second": "Second: rings when nobody answers in 20 seconds",
    "watch": "Watch only: never rings",
}
"""What a phone may be there for."""

NOT_ANSWERING = "The unit is not answering. Nobody is being screened: check by hand."
"""The page's own fault: the engine gives no snapshot."""

NOT_ADVANCING = "The unit has stopped updating. Nobody is being screened: check by hand."
"""The page's own fault: the engine answers with an old snapshot."""

RAREST = 1e6
"""From here on a forecast is too far out to be told as a number."""

_MINUTE_S, _HOUR_S = 60.0, 3600.0


def span(seconds: float) -> str:
    """Say a length of time in its largest whole unit: ``2 hours``, ``1 day``."""
    for unit_s, name in ((DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        count = int(seconds // unit_s)
        if count:
            return plural(count, name)
    return "less than a minute"


def plural(count: int, noun: str, many: str = "") -> str:
    """Count things: ``1 person``, ``3 people``; ``many`` where it is not noun + s."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def day(moment: datetime) -> str:
    """Say a date as it is read aloud: ``3 March 2027``."""
    return f"{moment.day} {moment:%B %Y}"


def strangers(one_in: float) -> str:
    """Say how often strangers would be stopped, in round numbers: ``about 1 in 9,000``."""
    if one_in >= RAREST:
        return "fewer than 1 in a million"
    return f"about 1 in {max(1, int(float(f'{one_in:.1g}'))):,}"


def clock_time(moment: float, now: datetime) -> str:
    """Say a moment (seconds since the epoch) as the time of day in the door's time zone."""
    return f"at {datetime.fromtimestamp(moment, now.tzinfo):%H:%M}"


def expiry(valid_until: float, now: datetime) -> str:
    """Say when an entry ends.

    Args:
        valid_until: Seconds since the epoch.
        now: The present moment, in the door's time zone.
    """
    left_s = valid_until - now.timestamp()
    if left_s <= 0:
        return "has ended: let in"
    return f"until {day(datetime.fromtimestamp(valid_until, now.tzinfo))} ({span(left_s)} left)"
