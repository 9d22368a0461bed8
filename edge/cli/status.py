"""How the unit is, and the PIN of its page."""

import getpass
import sys
import time
from datetime import UTC, datetime

import msgspec
from cyclopts import App
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from edge.budget import expected_fnir
from edge.cli.configured import ConfigFile
from edge.cli.machine import machine_rows
from edge.cli.member import consortium_rows
from edge.config import Budget, Config
from edge.curves import mated_curve
from edge.door import DoorState, ListView, SyncView
from edge.errors import ConfigError, LinkError
from edge.givenup import noted
from edge.installed import Installed, installed
from edge.link import Link
from edge.pin import PinFile, pin_matches
from edge.places import Places
from edge.vision.models.card import read_card

_STYLES = {"fault": "bold red", "soon": "yellow"}


class _Status(Struct):
    """What ``--json`` prints: the door's state, the budget its thresholds come from, the list's."""

    state: DoorState
    budget: Budget
    consortium: SyncView | None


def register(app: App) -> None:
    """Add the commands of this file."""
    app.command(status)
    app.command(set_pin, name="set-pin")


def status(*, config: ConfigFile = None, json: bool = False) -> None:
    """Show how the unit is: verdict, faults, list, thresholds and what they cost.

    Args:
        config: Configuration file.
        json: Print one JSON object for a script.
    """
    settings = Config.load(config)
    places = settings.places()
    state = _engine(places)
    member = places.identity.exists()
    view = _consortium(Link(places.sync_socket, timeout_s=1.0)) if member else None
    if json:
        told = _Status(state, settings.budget, view)
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        return
    table = _table(state, settings)
    for name, words in consortium_rows(view, time.time()) if member else ():
        table.add_row(name, words)
    Console().print(table)


def set_pin(*, manager: bool = False, config: ConfigFile = None) -> None:
    """Set a PIN of the staff page; asked for twice, or read from standard input.

    With a manager's PIN a person who stood at this door within the last minute can be put on
    its list from the page. Until one is set, the door remembers nobody for that.

    Args:
        manager: Set the manager's PIN instead of the one that staff sign in with.
        config: Configuration file.
    """
    places = Config.load(config).places()
    places.prepare()
    pin = _asked_pin() if sys.stdin.isatty() else sys.stdin.readline().strip()
    if manager:
        if (staff := PinFile(places.pin_file).read(anybodys=True)) and pin_matches(staff, pin):
            raise ConfigError("this is the PIN of all staff: choose another for the manager")
        PinFile(places.manager_pin_file).write(pin)
        sys.stdout.write(f"the manager's PIN is set in {places.manager_pin_file}\n")
        return
    PinFile(places.pin_file).write(pin)
    sys.stdout.write(f"PIN set in {places.pin_file}; it counts at once, and signs everybody out\n")


def _engine(places: Places) -> DoorState:
    """Ask the engine; who asks one that was given up is told why. Raises: LinkError."""
    try:
        return Link(places.engine_socket).state()
    except LinkError as error:
        told = noted(places.given_up)
        raise LinkError(f"{told} ({error})" if told else str(error)) from error


def _consortium(link: Link) -> SyncView | None:
    """Ask the sync process; None while it does not answer."""
    try:
        return link.standing()
    except LinkError:
        return None


def _asked_pin() -> str:
    pin = getpass.getpass("New PIN: ")
    if getpass.getpass("Once more: ") != pin:
        raise ConfigError("the two are not the same: nothing was changed")
    return pin


def _table(state: DoorState, settings: Config) -> Table:
    table = Table(title="Doorwatch", show_header=False, title_justify="left")
    for name, words in _rows(state, settings):
        table.add_row(name, words, style=_STYLES.get(name))
    return table


def _rows(state: DoorState, settings: Config) -> list[tuple[str, str]]:
    counts = ", ".join(f"{count} {name}" for name, count in state.counts.items() if count)
    stages = ", ".join(f"{name} {ms:.1f}" for name, ms in state.stages_ms.items())
    return [
        ("verdict", state.verdict or "idle"),
        *(("fault", sentence) for sentence in state.faults),
        *(("soon", note.value) for note in state.machine.notes),
        ("list", list_words(state.gallery)),
        *_budget_rows(state, settings),
        ("tonight", counts or "nobody yet"),
        ("frames", f"{state.fps:.1f} a second screened, {state.dropped} dropped"),
        ("latency", f"{state.latency_ms:.0f} ms ({stages})"),
        *machine_rows(state.machine),
        ("software", software_words(installed())),
    ]


def software_words(software: Installed) -> str:
    """Say which version runs, and how the last upgrade ended where it went back."""
    last = software.outcome
    if software.on_trial:
        return f"{software.name}, on trial: it has yet to prove itself"
    if last is None or not last.returned:
        return software.name
    when = datetime.fromtimestamp(last.at, UTC).astimezone()
    return f"{software.name}; {last.to} went back on {when:%d %b %H:%M}: {last.why}"


def list_words(gallery: ListView | None) -> str:
    """Say what is on the list and how fresh it is; of a new one, what it waits for."""
    if gallery is None:
        return "not readable"
    if not gallery.sequence:
        return "new, and nobody has said that it is right: doorwatch affirm, enrol or join"
    age_h = (time.time() - gallery.issued_at) / 3600
    until = datetime.fromtimestamp(gallery.expires_at, UTC).astimezone()
    return (
        f"{gallery.entries} entries, {gallery.templates} templates of {gallery.model_id}; "
        f"change {gallery.sequence}, confirmed {age_h:.1f} h ago, fresh until {until:%d %b %H:%M}"
    )


def _budget_rows(state: DoorState, settings: Config) -> list[tuple[str, str]]:
    budget = settings.budget
    accepted = (
        f"{budget.stops_per_night:g} false stops and {budget.checks_per_night:g} false checks "
        f"among {budget.entrants_per_night} people a night"
    )
    if state.thresholds is None:
        return [("budget", accepted)]
    check, stop = state.thresholds
    return [
        ("budget", accepted),
        ("thresholds", f"check {check:.3f}, stop {stop:.3f}"),
        ("misses", _misses(check, stop)),
    ]


def _misses(check: float, stop: float) -> str:
    """Say what the budget costs, by the embedder's card."""
    card = read_card("embed")
    curve = mated_curve(card)
    unstopped, unseen = (expected_fnir(curve, threshold) for threshold in (stop, check))
    return (
        f"of those on the list {unstopped:.1%} would not be stopped, {unseen:.1%} not even "
        f"checked, by one usable face against one photo ({card.model_id}: "
        f"{card.curve('mated').about}); several faces of one encounter make it fewer"
    )
