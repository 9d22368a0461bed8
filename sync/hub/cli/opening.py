"""Opens the hub for one command: its folder, its settings, its service, its clock."""

import getpass
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from edge.installed import by_installer
from sync.errors import HubError
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.hubkey import hub_key
from sync.hub.nudge import nudge
from sync.hub.service import Service

Hub = Annotated[Path | None, Parameter(name="--hub")]
"""The hub's folder; by default DOORWATCH_HUB, else the usual place of this user."""


FILE_WIDTH = 160
"""Characters of a line where a table goes into a file or a pipe."""

WIDE = 120
"""Characters of a terminal that shows every column of a table."""

_ENTRY_ID = re.compile("[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OpenHub:
    """One hub, open for one command.

    Attributes:
        places: Its files.
        config: Its settings.
        service: Its rules.
        who: The person at the keyboard, for the audit log.
    """

    places: HubPlaces
    config: HubConfig
    service: Service
    who: str


@contextmanager
def reading(folder: Path | None) -> Iterator[OpenHub]:
    """Open the hub to look at it.

    Raises:
        HubError: There is none, or it does not open.
    """
    places = HubPlaces.find(folder)
    config = places.load()
    with Service.open(places.database, hub_key(places, config)) as service:
        yield OpenHub(places, config, service, login())


@contextmanager
def changing(folder: Path | None) -> Iterator[OpenHub]:
    """Open the hub to change it; the running hub is told afterwards, so that it acts at once.

    Raises:
        HubError: There is none, or it does not open.
    """
    with reading(folder) as hub:
        yield hub
    nudge(hub.places.nudge)


def checked_id(entry_id: str) -> str:
    """Refuse what cannot be an entry's id, before anything is asked or looked up.

    Raises:
        HubError: It is not 16 hexadecimal digits.
    """
    if not _ENTRY_ID.fullmatch(entry_id):
        raise HubError(f"{entry_id!r} is no entry's id: doorwatch-hub entry list shows them")
    return entry_id


def login() -> str:
    """Name who is logged in, also behind sudo."""
    try:
        return f"login {os.environ.get('SUDO_USER') or getpass.getuser()}"
    except (KeyError, OSError):  # a user id without a name
        return f"login {os.getuid()}"


def say(*lines: str) -> None:
    """Print lines for a person."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def how_to_start() -> str:
    """Say how a hub is started here."""
    return "sudo systemctl restart doorwatch-hub" if by_installer() else "doorwatch-hub run"


def is_narrow() -> bool:
    """Tell whether a wide table would be cut at the terminal's edge."""
    return sys.stdout.isatty() and Console().width < WIDE


def print_table(table: Table) -> None:
    """Print a table: as wide as the terminal, or as it likes where the output is a file."""
    Console(width=None if sys.stdout.isatty() else FILE_WIDTH).print(table)


def print_json(content: object) -> None:
    """Print one line of JSON, for a script."""
    sys.stdout.write(msgspec.json.encode(content).decode() + "\n")
