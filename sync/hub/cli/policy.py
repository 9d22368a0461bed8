"""The consortium's own rules on the command line; two venues sign every change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.table import Table
from rich.text import Text

from sync.entries import LONGEST_DAYS, Category, Reason
from sync.errors import HubError
from sync.hub.cli.asking import PassphraseFiles, Passphrases, confirm
from sync.hub.cli.following import follow, refuse_second_signature
from sync.hub.cli.keys import Manager, manager, unlocked, whose
from sync.hub.cli.opening import Hub, changing, print_json, print_table, reading
from sync.hub.cli.words import count, duration
from sync.hub.hubclock import now_ms
from sync.signing import signed
from sync.statement.policy import DAY_MS, SECOND_MS, Policy
from sync.statement.proposal import PolicyProposal, parse_proposal

POLICY = ""
"""Stands for the policy where a proposal is named by its entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is to change; what is not named stays.

    Attributes:
        two_person: Categories whose entries for every door take two venues; "none" for none.
        max_days: A shorter longest term for a reason, as violence=180; once for each reason.
        lease_days: Days for which doors go on without hearing from the hub.
        head_every: Seconds between two signed statements of the newest state.
        report_every: Seconds between two reports of a unit.
        covers_per_day: Empty messages a day that hide when the list really changes.
    """

    two_person: tuple[str, ...] = ()
    max_days: tuple[str, ...] = ()
    lease_days: float | None = None
    head_every: float | None = None
    report_every: float | None = None
    covers_per_day: int | None = None

    def applied(self, policy: Policy) -> Policy:
        """Give the policy with these changes.

        Raises:
            HubError: Nothing changes, or a word is not known.
        """
        changed = replace(
            policy,
            two_person=_categories(self.two_person) if self.two_person else policy.two_person,
            max_days=_terms(self.max_days, policy),
            lease_ms=_ms(self.lease_days, DAY_MS, policy.lease_ms),
            head_every_ms=_ms(self.head_every, SECOND_MS, policy.head_every_ms),
            report_every_ms=_ms(self.report_every, SECOND_MS, policy.report_every_ms),
            covers_per_day=_given(self.covers_per_day, policy.covers_per_day),
        )
        if changed == policy:
            raise HubError("nothing would change: doorwatch-hub policy show says how it is")
        return changed


def register(app: App) -> None:
    """Add the commands of this file."""
    policy = App(name="policy", help="The rules that the venues agreed on.")
    policy.command(show)
    policy.command(change, name="set")
    policy.command(approve)
    app.command(policy)


def show(*, hub: Hub = None, json: bool = False) -> None:
    """Show the rules in force.

    Args:
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    with reading(hub) as opened:
        policy = opened.service.policy
    if json:
        print_json(_record(policy))
    else:
        print_table(_table(policy))


def change(
    *,
    rules: Annotated[Rules | None, Parameter(name="*")] = None,
    key: Manager,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Propose other rules; another venue's manager approves them with policy approve.

    Args:
        rules: What is to change.
        key: The proposing venue's key file.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        policy = (rules or Rules()).applied(opened.service.policy)
        venue, signer = manager(key, opened.service, Passphrases(passphrase_file))
        list_id = opened.service.list_id
        proposal = PolicyProposal(list_id, venue.venue_id, now_ms(), policy)
        outcome = opened.service.propose(proposal.signed(signer), now_ms())
        follow(opened, outcome, wait=0, json=json)


def approve(
    *,
    key: Manager,
    yes: bool = False,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Approve the rules that another venue proposed.

    Args:
        key: The approving venue's key file.
        yes: Don't show them first, don't ask.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        waiting, venue = opened.service.waiting(POLICY), whose(key, opened.service)
        refuse_second_signature(waiting, venue)
        proposed = parse_proposal(waiting.body)
        if not yes and isinstance(proposed, PolicyProposal):
            print_table(_table(proposed.policy))
        confirm(f"Does {venue.name} approve?", yes=yes)
        signer = unlocked(key, venue, Passphrases(passphrase_file))
        approval = signed(waiting.kind, waiting.body, signer)
        outcome = opened.service.approve(approval, now_ms())
        follow(opened, outcome, wait=0, json=json)


def _ms(span: float | None, unit_ms: int, present: int) -> int:
    return present if span is None else round(span * unit_ms)


def _given(number: int | None, present: int) -> int:
    return present if number is None else number


def _categories(words: Sequence[str]) -> frozenset[Category]:
    if tuple(words) == ("none",):
        return frozenset()
    try:
        return frozenset(Category(word) for word in words)
    except ValueError as error:
        known = ", ".join(Category)
        raise HubError(f"--two-person takes none, or some of {known}: {error}") from error


def _terms(words: Sequence[str], policy: Policy) -> frozenset[tuple[Reason, int]]:
    found = dict(policy.max_days)
    for word in words:
        reason, _, days = word.partition("=")
        if reason not in set(Reason) or not days.isdecimal():
            raise HubError(f"--max-days {word!r}: write it as violence=180, with a reason's code")
        longest = LONGEST_DAYS[Reason(reason)]
        if not 1 <= int(days) <= longest:
            raise HubError(f"--max-days {word!r}: {reason} may stand for 1 to {longest} days")
        found[Reason(reason)] = int(days)
    return frozenset(found.items())


def _record(policy: Policy) -> dict[str, Any]:
    return {
        "two_person": sorted(policy.two_person),
        "max_days": {reason.value: policy.longest_days(reason) for reason in Reason},
        "lease_ms": policy.lease_ms,
        "head_every_ms": policy.head_every_ms,
        "report_every_ms": policy.report_every_ms,
        "covers_per_day": policy.covers_per_day,
    }


def _table(policy: Policy) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    two = ", ".join(sorted(policy.two_person)) or "none: one venue's manager is enough"
    terms = ", ".join(f"{reason} {policy.longest_days(reason)}" for reason in Reason)
    for name, words in [
        ("two venues for", two),
        ("longest terms, days", terms),
        ("doors go on alone for", duration(policy.lease_ms)),
        ("signed state every", duration(policy.head_every_ms)),
        ("doors report every", duration(policy.report_every_ms)),
        ("empty messages", f"{count(policy.covers_per_day, 'cover')} a day"),
    ]:
        table.add_row(Text(name, style="dim"), words)
    return table
