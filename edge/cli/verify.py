"""Checking the consortium's list on the command line."""

from dataclasses import asdict

from cyclopts import App
from rich.console import Console

from edge.cli.configured import ConfigFile
from edge.cli.listing import print_json
from edge.config import Config
from edge.gallery.shelf import GalleryShelf
from edge.keys.provider import key_provider
from edge.keys.shares import gallery_keys
from edge.syncing.identity import IdentityFolder
from edge.syncing.verification import Verification, verified
from edge.until import day

_SHOWN = 20


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(verify)


def verify(*, json: bool = False, config: ConfigFile = None) -> int:
    """Look through the whole list once more: rows, roots, hashes and signatures.

    The exit status is 0 only if all of it is as the consortium signed it.

    Args:
        json: Print one JSON object for a script.
        config: Configuration file.
    """
    settings = Config.load(config)
    places = settings.places()
    provider = key_provider(settings, places)
    IdentityFolder(places.unit, provider).load()
    with GalleryShelf.open(places.gallery, gallery_keys(settings, places, provider)) as shelf:
        found = verified(shelf)
    if json:
        print_json({**asdict(found), "live_root": found.live_root.hex()})
    else:
        Console(highlight=False, soft_wrap=True).print("\n".join(_lines(found)), markup=False)
    return 1 if found.problems else 0


def _lines(found: Verification) -> list[str]:
    waiting = f", {found.waiting} more made here and not in the ledger yet" * bool(found.waiting)
    about = (
        f"change {found.seq} of list {found.list_id[:8]}, {found.entries} entries{waiting}, "
        f"live root {found.live_root.hex()[:16]}, {found.records} records followed."
    )
    if found.problems:
        more = len(found.problems) - _SHOWN
        rest = [f"and {more} more"] if more > 0 else []
        return [
            f"NOT WHOLE: {about}",
            *found.problems[:_SHOWN],
            *rest,
            "What is missing here comes again from the hub by itself; if this stays, join anew.",
        ]
    age = "fresh" if found.fresh else "NOT FRESH"
    confirmed, until = day(found.issued_ms / 1000), day(found.lease_ms / 1000)
    return [f"WHOLE: {about}", f"Confirmed by the hub {confirmed}; {age}, until {until}."]
