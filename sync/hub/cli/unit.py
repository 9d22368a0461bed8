"""Units on the command line: invite, list, revoke."""

import sys
from pathlib import Path
from typing import Annotated

import segno
from cyclopts import App, Parameter

from edge.keys.pairs import Share
from edge.keys.token import token_text
from sync.errors import HubError
from sync.hub.cli.asking import confirm
from sync.hub.cli.keys import venue_named
from sync.hub.cli.opening import (
    Hub,
    OpenHub,
    changing,
    how_to_start,
    is_narrow,
    print_json,
    print_table,
    reading,
    say,
)
from sync.hub.cli.units_shown import summary, unit_record, units_table
from sync.hub.cli.words import count, moment
from sync.hub.facts import UnitFacts
from sync.hub.hubclock import now_ms
from sync.hub.inviting import invitation
from sync.hub.watch import ENDING_MS

HOUR_MS = 3_600_000

Hours = Annotated[float, Parameter(name="--hours")]
"""For how long an invitation may be used."""


def register(app: App) -> None:
    """Add the commands of this file."""
    unit = App(name="unit", help="The boxes at the doors.")
    unit.command(invite)
    unit.command(list_units, name="list")
    unit.command(revoke)
    unit.command(share)
    app.command(unit)


def invite(
    venue: str,
    /,
    *,
    name: str = "",
    again: str = "",
    hours: Hours = 48.0,
    qr: Path | None = None,
    hub: Hub = None,
    json: bool = False,
) -> None:
    """Invite a new unit to a venue: one string, good for one unit, once.

    Args:
        venue: The venue's name or id.
        name: What to call the unit on tables; by default the venue's name.
        again: The id of a unit that was revoked, to take the same box back in.
        hours: For how long the invitation may be used.
        qr: Write the QR code to this SVG or PNG file as well.
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    if not 0 < hours <= 24 * 31:
        raise HubError("--hours must lie between 0 and 744: an invitation is a key, if a brief one")
    expires_ms = now_ms() + round(hours * HOUR_MS)
    with changing(hub) as opened:
        found = venue_named(venue, opened.service.root)
        unit_id, secret = _expected(opened, found.venue_id, name or found.name, again, expires_ms)
        parts = (opened.places, opened.config, opened.service)
        text = invitation(parts, unit_id, secret, expires_ms)
    if qr:
        _write_qr(text, qr)
    if json:
        print_json({"invitation": text, "unit_id": unit_id, "expires_ms": expires_ms})
        return
    if sys.stdout.isatty():
        segno.make(text, error="m").terminal(out=sys.stdout, compact=True)
    say(text, "", f"For one unit at {found.name}, once, until {moment(expires_ms)}. On the unit:")
    say("  sudo doorwatch join -    # it asks for the string, which so stands in no history")


def list_units(*, hub: Hub = None, json: bool = False) -> None:
    """List the units: how far each has the list, when it last spoke, what is wrong with it.

    Args:
        hub: The hub's folder.
        json: Print a JSON array for a script.
    """
    now = now_ms()
    with reading(hub) as opened:
        units = opened.service.units(now)
        root, recovery = opened.service.root, opened.service.recovery()
    venues = {venue.venue_id: venue.name for venue in root.venues}
    if json:
        print_json([unit_record(unit, venues, now) for unit in units])
        return
    if units:
        print_table(units_table(units, venues, now, narrow=is_narrow()))
        say("")
    say(summary(units))
    if recovery.needed:
        say(waiting_after_restore(len(recovery.unheard)))
    if root.expires_ms - now < ENDING_MS:
        say(
            f"The root counts until {moment(root.expires_ms)}: "
            "renew it with doorwatch-hub rotate-key"
        )


def revoke(unit: str, /, *, yes: bool = False, hub: Hub = None, json: bool = False) -> None:
    """Lock a unit out for good: stolen, lost, or no longer at its door.

    All other units get new keys at once; this one is told to destroy its own.

    Args:
        unit: The unit's name or id.
        yes: Don't ask.
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        found = _meant(unit, opened, "Revoke {}? Its list is destroyed.", yes=yes)
        opened.service.revoke(found.unit_id, opened.who, now_ms())
    if json:
        print_json({"unit_id": found.unit_id, "revoked": True})
        return
    say(
        f"{found.name} is revoked: it gets nothing more, and destroys its key when next heard.",
        "doorwatch-hub unit list shows its last word.",
    )


def share(unit: str, /, *, yes: bool = False, hub: Hub = None, json: bool = False) -> None:
    """Tell the hub's share of a door's key, for a door that cannot reach the hub.

    Somebody types the code in there (doorwatch unlock). Be sure who is on the telephone: with the
    device it opens the list. That it was told is a line of the audit log.

    Args:
        unit: The unit's name or id.
        yes: Don't ask.
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        found = _meant(unit, opened, "Tell the share of {}?", yes=yes)
        told = opened.service.tell_share(found.unit_id, opened.who, now_ms())
    code = token_text(Share.HUB, told)
    if json:
        print_json({"unit_id": found.unit_id, "share": code})
        return
    say(code, "", f"At {found.name}: doorwatch unlock, and type it in.")


def waiting_after_restore(unheard: int) -> str:
    """Say what a restored hub is waiting for."""
    return (
        f"This hub was restored and appends nothing until {count(unheard, 'more door')} told what "
        f"they hold: {how_to_start()}; doorwatch-hub resume goes on without them."
    )


def _expected(
    opened: OpenHub, venue_id: str, name: str, again: str, expires_ms: int
) -> tuple[str, bytes]:
    if not again:
        return opened.service.invite(venue_id, name, expires_ms, opened.who, now_ms())
    secret = opened.service.reinvite(again, expires_ms, opened.who, now_ms())
    return again, secret


def _meant(words: str, opened: OpenHub, question: str, *, yes: bool) -> UnitFacts:
    """Find the unit that is meant, and ask whether it is. Raises: HubError, NotConfirmedError."""
    found = _unit_named(words, opened)
    confirm(question.format(f"{found.name} ({found.unit_id})"), yes=yes)
    return found


def _unit_named(words: str, opened: OpenHub) -> UnitFacts:
    """Find a unit that is not revoked, by its id or its name.

    Raises:
        HubError: There is none, or the name is that of several.
    """
    standing = [unit for unit in opened.service.units(now_ms()) if not unit.revoked_ms]
    found = [one for one in standing if words.casefold() in {one.unit_id, one.name.casefold()}]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(unit.unit_id for unit in found)
        raise HubError(f"{len(found)} units are called {words!r}: name one by its id: {ids}")
    raise HubError(f"there is no unit {words!r} in good standing: doorwatch-hub unit list")


def _write_qr(text: str, path: Path) -> None:
    if path.suffix.lower() not in {".svg", ".png"}:
        raise HubError(f"--qr {path}: give a name that ends in .svg or .png")
    try:
        segno.make(text, error="m").save(str(path), scale=6)
    except OSError as error:
        raise HubError(f"cannot write {path}: {error.strerror}") from error
