"""The demonstration of the hub's pages from start to Ctrl-C."""

import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NoReturn, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from edge.demo.consortium.preparing import Prepared, prepared
from edge.demo.consortium.town import Town
from edge.demo.evening import free_port
from edge.demo.pages.listed import fill
from edge.demo.pages.staff import STEP_S, Member, let_in, members, table
from edge.demo.run import KEPT
from edge.demo.samples import Samples
from sync import keyfile
from sync.hub.accounts.book import Accounts
from sync.hub.nudge import nudge
from sync.seal import SigningKey

VENUES = ("Anchor", "Blue Room", "Cellar")
DOORS = 1
"""Real units, at the first venues: each takes a core."""

HOST = "127.0.0.1"


def run_pages(console: Console, port: int) -> int:
    """Found a small town, open its pages, and say how to sign in until Ctrl-C.

    Args:
        console: Where that is said.
        port: The first port tried for the pages.

    Raises:
        DoorwatchError: It cannot start, or a part of it ended.
        SyncError: There is no broker on this machine, or the hub does not open.
    """
    made = prepared(console)
    with (KEPT / "hub.log").open("w", encoding="utf-8") as log:
        return _run(console, port, made, log)


def _run(console: Console, port: int, made: Prepared, log: TextIO) -> int:
    door_port = free_port(8080)
    with Town(made.walk, made.quiet, log, VENUES, door_port) as town:
        console.print("a hub with three officers, three venues, a broker …")
        town.found(lambda words: console.print(words, style="dim"))
        people = _peopled(town, made.samples, console)
        at = free_port(port)
        where = ("--listen", HOST, "--port", str(at))
        town.start("pages", "web", "--plain", *where)
        console.print("a unit joins at the first door …")
        town.open_doors(lambda words: console.print(words, style="dim"), DOORS)
        pin = town.doors[0].evening.pin
        with suppress(KeyboardInterrupt):  # the way to end it
            _show(town, people, console, (f"http://{HOST}:{at}", f"http://{HOST}:{door_port}", pin))
    return 0


def _peopled(town: Town, samples: Samples, console: Console) -> tuple[Member, ...]:
    """Let everybody in, and fill the list."""
    console.print("five people get an account, some twenty get on the list …")

    @lru_cache
    def key(venue: str) -> SigningKey:
        return keyfile.open_key_file(town.key(venue), town.passphrase)

    accounts, people = Accounts(town.service.desk), members(VENUES)
    venues = town.service.root.venues
    ids = {venue.name: venue.venue_id for venue in venues}
    for one in people:
        let_in(accounts, one, ids.get(one.venue, ""), key)
    fill(town.service, venues, key)
    _list_portrait(town, samples.listed)
    nudge(town.places.nudge)
    return people


def _list_portrait(town: Town, photo: Path) -> None:
    """Put the person of the clip on the list of all doors: this one will ring.

    As somebody who asked for it: the portrait is of a real person, who did nothing wrong.
    """
    terms = ("--reason", "self-exclusion", "--incident", "2026-11-01", "--until", "3m")
    proposer, approver = (("--key", str(town.key(venue))) for venue in VENUES[:2])
    added = town.hub("entry", "add", str(photo), *terms, "--declared", *proposer, "--wait", "0")
    town.hub("entry", "approve", added["entry_id"], *approver, "--yes", "--wait", "0")


def _show(
    town: Town, people: tuple[Member, ...], console: Console, where: tuple[str, str, str]
) -> None:
    """Say where the pages are and who may sign in, with the codes of the moment."""
    pages, door, pin = where
    head = Text.assemble(
        ("The hub's pages: ", "bold"), (pages, "bold cyan"),
        f"\nThe page of the first door: {door} (PIN {pin})\nCtrl-C ends everything.",
    )  # fmt: skip
    if not console.is_terminal:
        _print_codes(town, people, console, head)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            town.check()
            live.update(Group(head, table(people)), refresh=True)
            time.sleep(1)


def _print_codes(town: Town, people: tuple[Member, ...], console: Console, head: Text) -> NoReturn:
    """Write the codes into a file or a pipe, each time that they change."""
    console.print(head)
    while True:
        console.print(table(people))
        until = time.time() // STEP_S * STEP_S + STEP_S
        while time.time() < until:
            town.check()
            time.sleep(1)
