"""What stands on the list: one :class:`Entry` a person, and the rules of its validity.

Pure: no clock, no disk. Times are seconds since the Unix epoch, UTC, passed in.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

DAY_S = 86_400.0


class Category(StrEnum):
    """Why a person is looked for; it decides how a match is shown at the door."""

    BANNED = "banned"
    SELF_EXCLUDED = "self-excluded"
    WELFARE = "welfare"


class Reason(StrEnum):
    """The closed list of reason codes. There is no "other": what has no code is no ban."""

    VIOLENCE = "violence"
    THREATS = "threats"
    SEXUAL_HARASSMENT = "sexual-harassment"
    WEAPON = "weapon"
    DRUG_DEALING = "drug-dealing"
    THEFT = "theft"
    SPIKING = "spiking"
    DAMAGE = "damage"
    SELF_EXCLUSION = "self-exclusion"
    MISSING = "missing"
    VULNERABLE = "vulnerable"


LONGEST_DAYS: dict[Reason, int] = {
    Reason.VIOLENCE: 730,
    Reason.THREATS: 365,
    Reason.SEXUAL_HARASSMENT: 730,
    Reason.WEAPON: 730,
    Reason.DRUG_DEALING: 365,
    Reason.THEFT: 365,
    Reason.SPIKING: 730,
    Reason.DAMAGE: 180,
    Reason.SELF_EXCLUSION: 365,
    Reason.MISSING: 30,
    Reason.VULNERABLE: 90,
}
"""The longest an entry may stand, in days, by reason. Longer needs a new decision."""

REASONS_OF: dict[Category, tuple[Reason, ...]] = {
    Category.BANNED: (
        Reason.VIOLENCE,
        Reason.THREATS,
        Reason.SEXUAL_HARASSMENT,
        Reason.WEAPON,
        Reason.DRUG_DEALING,
        Reason.THEFT,
        Reason.SPIKING,
        Reason.DAMAGE,
    ),
    Category.SELF_EXCLUDED: (Reason.SELF_EXCLUSION,),
    Category.WELFARE: (Reason.MISSING, Reason.VULNERABLE),
}
"""Which reasons each category admits."""


def category_of(reason: Reason) -> Category:
    """Tell to which category a reason belongs; each belongs to one."""
    return next(category for category, reasons in REASONS_OF.items() if reason in reasons)


class EntryRefusedError(ValueError):
    """An entry that breaks a rule of the list; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on the list, without photo or templates.

    Attributes:
        entry_id: Random, 16 hexadecimal digits; says nothing about the person.
        category: How a match is shown.
        reason: Why, from the closed list.
        created_at: When it was entered, seconds since the epoch.
        valid_until: When it ends by itself, seconds since the epoch.
    """

    entry_id: str
    category: Category
    reason: Reason
    created_at: float
    valid_until: float

    def in_force(self, now: float) -> bool:
        """Tell whether the entry still counts at ``now`` (seconds since the epoch)."""
        return now < self.valid_until


def check_entry(entry: Entry) -> None:
    """Refuse an entry that breaks the rules of reason and term.

    Raises:
        EntryRefusedError: The reason does not fit the category, or the term is over or too long.
    """
    allowed = REASONS_OF[entry.category]
    if entry.reason not in allowed:
        raise EntryRefusedError(
            f"reason {entry.reason} does not fit category {entry.category}: "
            f"use one of {', '.join(allowed)}"
        )
    if not math.isfinite(entry.created_at) or not math.isfinite(entry.valid_until):
        raise EntryRefusedError("begin and end of an entry must be moments in time")
    days = (entry.valid_until - entry.created_at) / DAY_S
    if days <= 0:
        raise EntryRefusedError("the entry would end before it begins: give a later --until")
    longest = LONGEST_DAYS[entry.reason]
    if days > longest + 1:
        raise EntryRefusedError(
            f"{entry.reason} may stand for {longest} days at most: give an earlier --until"
        )
