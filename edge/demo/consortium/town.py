"""Six venues on one machine: a hub, its broker, and a real unit at each door.

Everything lies in one folder in memory that is gone afterwards. What an administrator or a
manager would type is run as the same commands; only reading is done directly.
"""

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self, TextIO

from edge.demo.clip import Clip
from edge.demo.consortium.cable import Cable
from edge.demo.evening import IN_MEMORY, DemoError, Evening, free_port
from edge.keys.file import KeyFile
from edge.supervisor import Child, supervise
from sync.hub.config import HubPlaces
from sync.hub.service import Service

VENUES = ("Anchor", "Blue Room", "Cellar", "Dome", "Electric", "Foundry")

JOINING_AT_ONCE = 2

Say = Callable[[str], None]
"""Shows one line."""


@dataclass(slots=True)
class Door:
    """One venue's door.

    Attributes:
        venue: The venue's name, also that of the unit.
        unit_id: The unit, as the hub knows it.
        evening: Its processes.
        cable: What joins it to the broker.
    """

    venue: str
    unit_id: str
    evening: Evening
    cable: Cable


@dataclass(slots=True)
class Town:
    """Hub, broker and doors; use it as a context.

    Attributes:
        walk: The clip of the first door: a person walks up, again and again.
        quiet: The clip of all others: nobody.
        log: Where the processes' own lines go.
        venues: The venues' names; the clip of the walk plays at the first.
        page_port: The port of the first door's staff page; 0 for none.
        doors: The doors, once they are open.
        port: The broker's.
        service: The hub's database, for reading.
    """

    walk: Clip
    quiet: Clip
    log: TextIO
    venues: Sequence[str] = VENUES
    page_port: int = 0
    doors: list[Door] = field(default_factory=list, init=False)
    port: int = field(default=0, init=False)
    service: Service = field(init=False)
    _folder: Path = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)
    _stopping: threading.Event = field(default_factory=threading.Event, init=False)

    def __enter__(self) -> Self:
        """Make the folder."""
        where = IN_MEMORY if IN_MEMORY.is_dir() else None
        made = TemporaryDirectory(prefix="doorwatch-", dir=where, ignore_cleanup_errors=True)
        self._folder = Path(self._stack.enter_context(made))
        self._phrase.write_text(secrets.token_urlsafe(12), encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every process and remove the folder."""
        self._stopping.set()
        self._stack.close()

    def found(self, say: Say) -> None:
        """Make the hub, its officers and venues, and start it with its broker.

        Raises:
            DemoError: A command refused; with its own sentence.
        """
        self.port = free_port(8883)
        say("$ doorwatch-hub init --officers officers")
        ports = ["--port", str(self.port), "--join-port", str(free_port(self.port + 1))]
        self.hub("init", "--officers", str(self._folder / "officers"), *ports)
        for venue in self.venues:
            say(f'$ doorwatch-hub venue add "{venue}" --key {slug(venue)}.key')
            self.hub("venue", "add", venue, "--key", str(self.key(venue)), *self._two_officers())
        say("$ doorwatch-hub run --with-broker")
        self.start("hub", "run", "--with-broker")
        places = self.places
        provider = KeyFile(places.key_file(places.load()))
        self.service = self._stack.enter_context(Service.open(places.database, provider))

    def open_doors(self, say: Say, most: int = len(VENUES)) -> None:
        """Invite a unit for each of the first venues, let it join and start it.

        Args:
            say: Shows one line.
            most: How many venues have a door.

        Raises:
            DemoError: A command refused; with its own sentence.
        """
        with ThreadPoolExecutor(JOINING_AT_ONCE) as pool:
            opened = pool.map(lambda venue: self._open(venue, say), self.venues[:most])
            self.doors = list(opened)

    def hub(self, *words: str) -> Any:
        """Run one command of the hub, as its administrator would, and give its JSON.

        Raises:
            DemoError: The command refused; with its own sentence.
        """
        done = subprocess.run(
            [*_HUB, *words, "--hub", str(self._hub), *self._unasked(words), "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise DemoError(said[-1])
        return json.loads(done.stdout)

    def key(self, venue: str) -> Path:
        """Name the key file of a venue's manager."""
        return self._folder / f"{slug(venue)}.key"

    def start(self, name: str, *words: str) -> None:
        """Run one command of the hub for as long as the town stands."""
        child = Child(name, (*_HUB, *words, "--hub", str(self._hub)))
        keeping = threading.Thread(
            target=supervise, args=([child], self._stopping, self.log), name=name
        )
        keeping.start()
        self._stack.callback(keeping.join)
        self._stack.callback(self._stopping.set)

    @property
    def places(self) -> HubPlaces:
        """The hub's files."""
        return HubPlaces.find(self._hub)

    @property
    def passphrase(self) -> str:
        """What opens every key file of the town."""
        return self._phrase.read_text(encoding="utf-8")

    def check(self) -> None:
        """Raise what ended a door's processes, if they were ended. Raises: DoorwatchError."""
        for door in self.doors:
            door.evening.check()

    @property
    def _hub(self) -> Path:
        return self._folder / "hub"

    @property
    def _phrase(self) -> Path:
        return self._folder / "passphrase"

    def _unasked(self, words: Sequence[str]) -> list[str]:
        """Answer what a person would be asked, for the commands that ask."""
        asking = {"init", "add", "approve", "lift", "contest", "reinstate"}
        return ["--passphrase-file", str(self._phrase)] if asking & set(words[:2]) else []

    def _two_officers(self) -> list[str]:
        files = (self._folder / "officers" / f"officer-{number}.key" for number in (1, 2))
        return [word for file in files for word in ("--officer", str(file))]

    def _open(self, venue: str, say: Say) -> Door:
        """Invite one unit, join it by its invitation, start it."""
        invited = self.hub("unit", "invite", venue)
        cable = self._stack.enter_context(Cable(self.port))
        first = venue == self.venues[0]
        clip = self.walk if first else self.quiet
        page = self.page_port if first else 0
        more = f'[vision]\nthreads = 1\n\n[consortium]\nbroker = "127.0.0.1:{cable.port}"\n'
        evening = Evening(
            f"video:{clip.path.absolute()}", loop=True, port=page, log=self.log, more=more
        )
        self._stack.enter_context(evening)
        say(f"{venue}$ doorwatch join {invited['invitation'][:16]}…")
        self._joined(evening, invited["invitation"])
        evening.start()
        return Door(venue, invited["unit_id"], evening, cable)

    def _joined(self, evening: Evening, invitation: str) -> None:
        """Join, as soon as the hub that was just started answers."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                evening.command("join", invitation)
            except DemoError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
            else:
                return


_HUB = (sys.executable, "-m", "sync.hub.cli")
_PATIENCE_S = 20.0


def slug(venue: str) -> str:
    """Spell a venue's name as the name of a file."""
    return venue.lower().replace(" ", "-")
