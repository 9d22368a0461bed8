"""Entries on the command line: proposed by one venue, approved by another, suspended, lifted."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.enrolment import Reference
from edge.errors import EnrolmentError
from edge.vision import load_engine
from sync.hub.cli import entries_listed, entry_shown
from sync.hub.cli.asking import PassphraseFiles, Passphrases, confirm
from sync.hub.cli.entry_photos import reference_of
from sync.hub.cli.following import Wait, follow, refuse_second_signature
from sync.hub.cli.keys import Manager, manager, unlocked, whose
from sync.hub.cli.opening import Hub, OpenHub, changing, checked_id, say
from sync.hub.facts import Outcome
from sync.hub.hubclock import now_ms
from sync.hub.reference import alike
from sync.hub.terms import Terms, drafted
from sync.signing import Signer, signed
from sync.statement.proposal import (
    ContestProposal,
    EntryProposal,
    ReinstateProposal,
    RemoveProposal,
    Why,
    parse_proposal,
)
from sync.statement.root import Venue


def register(app: App) -> None:
    """Add the commands of this file and of those that show entries."""
    entry = App(name="entry", help="The people on the list.")
    entry.command(add)
    entry.command(approve)
    entry.command(withdraw)
    entry.command(contest)
    entry.command(reinstate)
    entry.command(lift)
    entries_listed.register(entry)
    entry_shown.register(entry)
    app.command(entry)


def add(
    *photos: Path,
    terms: Annotated[Terms, Parameter(name="*")],
    key: Manager,
    yes: bool = False,
    wait: Wait = 3.0,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Propose one person for the list, from one photo or several.

    Args:
        photos: Photos of that person alone: JPEG, PNG, WebP, GIF or HEIC.
        terms: Why, where and until when.
        key: The proposing venue's key file.
        yes: Propose also where somebody on the list looks alike.
        wait: Seconds to wait for the doors' word.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    if not photos:
        raise EnrolmentError("name at least one photo of the person")
    terms.ends_ms(now_ms())
    with changing(hub) as opened:
        venue, signer = manager(key, opened.service, Passphrases(passphrase_file))
        reference = reference_of(photos, load_engine("cpu"))
        _warn_of_duplicates(opened, reference, yes=yes)
        list_id = opened.service.list_id
        proposal = drafted(terms, reference, venue.venue_id, list_id, now_ms())
        outcome = opened.service.propose(proposal.signed(signer), now_ms())
        follow(opened, outcome, wait=wait, json=json)


def approve(
    entry_id: str,
    /,
    *,
    key: Manager,
    yes: bool = False,
    wait: Wait = 3.0,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Approve what another venue proposed: an entry, a lift, a reinstatement.

    Args:
        entry_id: The entry, as entry list shows it.
        key: The approving venue's key file.
        yes: Don't show it first, don't ask.
        wait: Seconds to wait for the doors' word.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        waiting, venue = opened.service.waiting(checked_id(entry_id)), whose(key, opened.service)
        refuse_second_signature(waiting, venue)
        if not yes:
            entry_shown.show_proposal(parse_proposal(waiting.body), opened.service.root)
        confirm(f"Does {venue.name} approve?", yes=yes)
        signer = unlocked(key, venue, Passphrases(passphrase_file))
        approval = signed(waiting.kind, waiting.body, signer)
        outcome = opened.service.approve(approval, now_ms())
        follow(opened, outcome, wait=wait, json=json)


def withdraw(
    entry_id: str,
    /,
    *,
    yes: bool = False,
    hub: Hub = None,
) -> None:
    """Drop a proposal that still waits for its second venue; nothing of it is kept.

    Args:
        entry_id: The entry, as entry list shows it.
        yes: Don't ask.
        hub: The hub's folder.
    """
    with changing(hub) as opened:
        opened.service.waiting(checked_id(entry_id))
        confirm(f"Drop the proposal about {entry_id}?", yes=yes)
        opened.service.withdraw(entry_id, opened.who, now_ms())
    say(f"{entry_id}: withdrawn; nothing of it is kept.")


def lift(
    entry_id: str,
    /,
    *,
    key: Manager,
    erased: bool = False,
    yes: bool = False,
    wait: Wait = 3.0,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Propose to take one person off the list for good; each door signs that it is done.

    Args:
        entry_id: The entry, as entry list shows it.
        key: The proposing venue's key file.
        erased: The person asked for erasure, so say that on the receipts.
        yes: Don't ask.
        wait: Seconds to wait for the doors' word.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    why = Why.ERASED if erased else Why.LIFTED
    with changing(hub) as opened:
        opened.service.entry(checked_id(entry_id))
        confirm(f"Take {entry_id} off the list and erase all that is kept?", yes=yes)
        by = manager(key, opened.service, Passphrases(passphrase_file))
        outcome = _proposed(
            opened, by, lambda whose, who: RemoveProposal(whose, entry_id, who, why, now_ms())
        )
        follow(opened, outcome, wait=wait, json=json)


def contest(
    entry_id: str,
    /,
    *,
    key: Manager,
    wait: Wait = 3.0,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Suspend an entry at every door at once, while somebody looks into it; one venue is enough.

    Args:
        entry_id: The entry, as entry list shows it.
        key: The venue's key file.
        wait: Seconds to wait for the doors' word.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        checked_id(entry_id)
        by = manager(key, opened.service, Passphrases(passphrase_file))
        outcome = _proposed(
            opened, by, lambda whose, who: ContestProposal(whose, entry_id, who, now_ms())
        )
        follow(opened, outcome, wait=wait, json=json)


def reinstate(
    entry_id: str,
    /,
    *,
    key: Manager,
    wait: Wait = 3.0,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Propose that a contested entry counts again.

    Args:
        entry_id: The entry, as entry list shows it.
        key: The proposing venue's key file.
        wait: Seconds to wait for the doors' word.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        checked_id(entry_id)
        by = manager(key, opened.service, Passphrases(passphrase_file))
        outcome = _proposed(
            opened, by, lambda whose, who: ReinstateProposal(whose, entry_id, who, now_ms())
        )
        follow(opened, outcome, wait=wait, json=json)


def _proposed(
    opened: OpenHub, by: tuple[Venue, Signer], made: Callable[[str, str], EntryProposal]
) -> Outcome:
    """Propose what ``made`` makes of the list's id and the venue's, signed by that venue."""
    venue, signer = by
    proposal = made(opened.service.list_id, venue.venue_id)
    return opened.service.propose(proposal.signed(signer), now_ms())


def _warn_of_duplicates(opened: OpenHub, reference: Reference, *, yes: bool) -> None:
    found = alike(reference, opened.service.puts(), now_ms())
    if found:
        who = ", ".join(f"{one.entry_id} (score {one.score:.2f})" for one in found)
        confirm(f"Somebody on the list looks alike: {who}. Propose all the same?", yes=yes)
