"""Where a unit keeps things: folders and files, worked out from two of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from edge.errors import ConfigError
from edge.machine.opening import SEEN

SYSTEM_STATE = Path("/var/lib/doorwatch")
"""Where a unit keeps things that runs as a service of the machine."""

SEALED_KEY = Path("/etc/credstore.encrypted/gallery.key")
"""Where systemd looks for that unit's key when it starts a service."""

LONGEST_SOCKET_PATH = 107
"""Bytes that Linux allows for the name of a Unix socket."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and files of one unit, all absolute.

    Attributes:
        state: Folder of everything kept.
        gallery: The encrypted gallery.
        pairs: Its key, wrapped for each two of three shares; there once it takes two to open it.
        grace: The hub's share, kept for a while, sealed.
        key_file: The key that opens it, where it lies in a file of its own.
        credential: The same, sealed by systemd.
        pin_file: The hash of the page's PIN.
        manager_pin_file: The hash of the PIN with which a manager puts people on the list.
        manager_key: The venue manager's key, closed by a passphrase, on a unit of a consortium.
        page_tls: Folder of the page's certificate, where it is served by https.
        unit: Folder of what the unit is in its consortium.
        identity: The file in it that makes the unit a member.
        run: Folder of the sockets; each lies in a folder of the process that listens at it.
        engine_socket: Where the engine answers.
        lamp_socket: Where the lamp keeper is fed.
        sync_socket: Where the sync process tells how it is.
        given_up: Why a part of the unit was given up, while it is; see ``edge.givenup``.
        opened: A file that is there once the box was opened, until a manager has seen to it.
        opened_seen: The same as the lamp keeper saw it, beside its socket.
    """

    state: Path
    gallery: Path
    pairs: Path
    grace: Path
    key_file: Path
    credential: Path
    pin_file: Path
    manager_pin_file: Path
    manager_key: Path
    page_tls: Path
    unit: Path
    identity: Path
    run: Path
    engine_socket: Path
    lamp_socket: Path
    sync_socket: Path
    given_up: Path
    opened: Path
    opened_seen: Path

    @classmethod
    def below(cls, state: Path, run: Path, key_file: Path) -> Self:
        """Name everything that lies in two folders.

        Args:
            state: Folder of everything kept.
            run: Folder of the sockets.
            key_file: The key that opens the gallery.

        Raises:
            ConfigError: The folder of the sockets has too long a name.
        """
        if len(os.fsencode(run / "engine" / "sock")) > LONGEST_SOCKET_PATH:
            raise ConfigError(f"the folder {run} has too long a name: set a shorter paths.run")
        return cls(
            state=state,
            gallery=state / "gallery.db",
            pairs=state / "gallery.pairs",
            grace=state / "gallery.grace",
            key_file=key_file,
            credential=SEALED_KEY if state == SYSTEM_STATE else state / "gallery.credential",
            pin_file=state / "page" / "pin",
            manager_pin_file=state / "manager.pin",
            manager_key=state / "manager.key",
            page_tls=state / "page" / "tls",
            unit=state / "unit",
            identity=state / "unit" / "identity",
            run=run,
            engine_socket=run / "engine" / "sock",
            lamp_socket=run / "lamp" / "sock",
            sync_socket=run / "sync" / "sock",
            given_up=run / "safe" / "why",
            opened=state / "box-opened",
            opened_seen=run / "lamp" / SEEN,
        )

    def prepare(self) -> None:
        """Make the folders that are missing, closed to everybody else.

        On an installed unit ``deploy/tmpfiles.conf`` has made them, for several users.

        Raises:
            ConfigError: A folder cannot be made.
        """
        inside = (self.engine_socket, self.lamp_socket, self.sync_socket, self.given_up)
        folders = (self.state, self.pin_file.parent, self.run, *(one.parent for one in inside))
        for folder in folders:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigError(
                    f"cannot make the folder {folder} ({error.strerror}): "
                    "give the unit a writable one under [paths]"
                ) from error


def usual_state(environ: Mapping[str, str]) -> Path:
    """Give the folder of everything kept, where neither the file nor systemd names one.

    Args:
        environ: The environment.
    """
    if os.geteuid() == 0:
        return SYSTEM_STATE
    base = environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser().absolute() / "doorwatch"
