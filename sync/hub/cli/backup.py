"""Copies of the hub on the command line, and the way back from one."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from sync.errors import HubError
from sync.hub.backup import KEPT, back_up
from sync.hub.backup import restore as restored
from sync.hub.cli.asking import confirm
from sync.hub.cli.opening import Hub, changing, how_to_start, print_json, say
from sync.hub.cli.words import count
from sync.hub.config import HubPlaces
from sync.hub.copies import Copies
from sync.hub.drill import drill as drilled
from sync.hub.hubclock import now_ms
from sync.hub.purging import MOST_COPIES

KeyPath = Annotated[Path, Parameter(name="--key")]
"""A copy of the hub's key file."""


def register(app: App) -> None:
    """Add the commands of this file."""
    app.command(backup)
    app.command(drill)
    app.command(restore)
    app.command(resume)


def backup(folder: Path, /, *, keep: int = KEPT, hub: Hub = None, json: bool = False) -> None:
    """Copy the hub, also while it runs; everything about people in the copy is sealed.

    Keep the hub's key file apart from it: the copy is worth nothing without that. What is erased
    later is erased in the copies too while they are in reach. Make one after every change of
    doors and keys: a copy older than the hub's key cannot be brought up to date.

    Args:
        folder: Where copies are collected.
        keep: How many of them stay.
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    _require_reach(keep)
    with changing(hub) as opened:
        copies = Copies(opened.places, folder, keep)
        made = back_up(opened.service, copies, opened.who, now_ms())
    if json:
        print_json({"backup": str(made)})
        return
    say(f"{made} is whole and on the disk; {count(len(copies.there()), 'copy', 'copies')} kept.")


def drill(folder: Path, /, *, keep: int = KEPT, hub: Hub = None, json: bool = False) -> None:
    """Copy the hub, restore the copy in memory and compare: what a backup is worth.

    Do this every night, also while the hub runs: systemd/doorwatch-hub-backup.timer does. A copy
    that does not become the same hub again is removed, and takes no older one's place.

    Args:
        folder: Where copies are collected.
        keep: How many of them stay.
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    _require_reach(keep)
    with changing(hub) as opened:
        copies = Copies(opened.places, folder, keep)
        found = drilled(opened.service, copies, opened.who, now_ms())
    if json:
        print_json({**asdict(found), "copy": str(found.copy), "live_root": found.live_root.hex()})
        return
    say(
        f"{found.copy} becomes this hub again: record {found.record} with the same Merkle root,",
        f"  {found.live_root.hex()}",
        f"{count(found.entries, 'entry', 'entries')}, {count(found.doors, 'door')}; "
        f"{count(found.rows, 'sealed row')} opened, {count(found.audit_lines, 'line')} of the "
        f"audit log checked, in {found.took_s:.1f} s.",
    )


def restore(copy: Path, /, *, key: KeyPath, hub: Hub = None, json: bool = False) -> None:
    """Make a hub from a copy; it listens to the doors first, which know what it has forgotten.

    Args:
        copy: The folder that backup made.
        key: A copy of the hub's key file.
        hub: The new hub's folder, empty or not there yet.
        json: Print one JSON object for a script.
    """
    places = HubPlaces.find(hub)
    restored(copy, places, key, now_ms())
    if json:
        print_json({"hub": str(places.folder)})
        return
    say(
        f"The hub is back in {places.folder}. It appends nothing until every door has told what it",
        f"holds: {how_to_start()}; doorwatch-hub unit list shows who is missing.",
    )


def resume(*, yes: bool = False, hub: Hub = None) -> None:
    """Let a restored hub append although some doors were not heard: those that are gone for good.

    Args:
        yes: Don't ask.
        hub: The hub's folder.
    """
    with changing(hub) as opened:
        found = opened.service.recovery()
        if not found.needed:
            raise HubError("this hub is not waiting for any door: nothing to resume")
        missing = count(len(found.unheard), "door")
        confirm(
            f"{missing} not heard. What only those know is lost, and a door that knows more than "
            "this hub will refuse it. Go on?",
            yes=yes,
        )
        opened.service.resume(opened.who, now_ms())
    say("The hub appends again.")


def _require_reach(keep: int) -> None:
    if keep < 1:
        raise HubError("--keep must be 1 at least: the new copy itself")
    if keep > MOST_COPIES:
        raise HubError(f"--keep must be {MOST_COPIES} at most: what is erased reaches no more")
