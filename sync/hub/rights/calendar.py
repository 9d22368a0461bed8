"""By which day a request has to be answered. Pure: days in, days out.

GDPR Article 12(3): without undue delay and within one month of receipt; two further months where
the request is complex, if the person is told so, and why, within the first. The month ends on the
same day of the next month, or on its last day where there is none; an end on a Saturday or Sunday
moves to the Monday (Regulation 1182/71, Article 3(4); public holidays differ from place to place
and are left to the reader). Complaints are acknowledged within 30 days (Data Protection Act 2018,
section 164A).
"""

import calendar
from datetime import date, timedelta

ANSWER_MONTHS = 1
FURTHER_MONTHS = 2
ACKNOWLEDGE_DAYS = 30

_SATURDAY = 5


def due_on(received_on: date, *, extended: bool = False) -> date:
    """Give the last day on which a request that came on ``received_on`` is answered in time."""
    months = ANSWER_MONTHS + (FURTHER_MONTHS if extended else 0)
    return _workday(months_later(received_on, months))


def acknowledged_by(received_on: date) -> date:
    """Give the last day on which a complaint is acknowledged in time."""
    return received_on + timedelta(days=ACKNOWLEDGE_DAYS)


def months_later(day: date, months: int) -> date:
    """Give the same day some months later, or the last day of that month if it has none."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= _SATURDAY else day
