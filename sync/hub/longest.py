"""The longest terms that the venues agree on: what is proposed, and what that changes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sync.entries import LONGEST_DAYS, Reason
from sync.statement.policy import Policy


@dataclass(frozen=True, slots=True)
class Shift:
    """One reason whose longest term changes.

    Attributes:
        reason: Which.
        before: Days that hold now.
        after: Days that would hold.
    """

    reason: Reason
    before: int
    after: int


def with_longest(policy: Policy, days: Mapping[Reason, int]) -> Policy:
    """Give a policy with these longest terms; none is longer than the software admits.

    Args:
        policy: The rules in force.
        days: The longest term by reason; what is not named stays.
    """
    wanted = {reason: days.get(reason, policy.longest_days(reason)) for reason in Reason}
    shorter = {
        (reason, longest) for reason, longest in wanted.items() if longest < LONGEST_DAYS[reason]
    }
    return replace(policy, max_days=frozenset(shorter))


def shifts(before: Policy, after: Policy) -> tuple[Shift, ...]:
    """Tell for which reasons the longest term differs between two policies."""
    return tuple(
        Shift(reason, before.longest_days(reason), after.longest_days(reason))
        for reason in Reason
        if before.longest_days(reason) != after.longest_days(reason)
    )
