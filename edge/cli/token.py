"""The staff token on the command line: made, taken away, typed in."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.cli.configured import ConfigFile
from edge.config import Config
from edge.errors import ConfigError, LinkError
from edge.keys.provider import key_provider
from edge.link import Link
from edge.places import Places
from edge.syncing.resharing import make_token, remove_token
from sync.authority import write_private

CodeFile = Annotated[Path | None, Parameter(name="--file")]
"""A file with the code of a token, as on a USB stick."""

_LONGEST = 1_024


def register(app: App) -> None:
    """Add the commands of this file."""
    token = App(name="token", help="The staff token: one of three shares that open the list.")
    token.command(make)
    token.command(remove)
    app.command(token)
    app.command(unlock)


def make(*, out: Path | None = None, old: Path | None = None, config: ConfigFile = None) -> None:
    """Let the list open only by two of three: this device, the hub, a staff token.

    Makes the token, and the one before worthless. Print the code, or keep it on a stick; never
    beside this device. The hub has to be reachable.

    Args:
        out: Write the code to this new file instead of the terminal.
        old: File with the token before, where the hub's share alone does not open the list.
        config: Configuration file.
    """
    settings = Config.load(config)
    places = settings.places()
    device = key_provider(settings, places)
    former = read_code(old) if old else ""
    if out is not None:
        _try_to_write(out)
    code = make_token(settings, places, device, former)
    if out is not None:
        _write(out, code)
        sys.stdout.write(f"The staff token is in {out}. Keep it away from this device.\n")
        return
    sys.stdout.write(
        f"{code}\n\nThis is the staff token. It is shown once: print it, and keep it away from "
        "this device.\nWhen the hub is out of reach for long: doorwatch unlock\n"
    )


def remove(*, old: Path | None = None, config: ConfigFile = None) -> None:
    """Let this device's key alone open the list again; the token becomes worthless.

    Args:
        old: File with the token, where the hub's share is not here.
        config: Configuration file.
    """
    settings = Config.load(config)
    places = settings.places()
    device = key_provider(settings, places)
    remove_token(settings, places, device, read_code(old) if old else "")
    sys.stdout.write("This device's key alone opens the list from now on.\n")


def unlock(*, file: CodeFile = None, config: ConfigFile = None) -> None:
    """Open a list that waits for the hub's share: by the staff token, or a code from the hub.

    It stays open until the device is started anew. The code is asked for, or read from standard
    input or a file, so that it stands in no history.

    Args:
        file: File with the code.
        config: Configuration file.
    """
    places = Config.load(config).places()
    _unlock(places, read_code(file) if file else _typed())
    sys.stdout.write("The list is open.\n")


def read_code(path: Path) -> str:
    """Read the code in a file. Raises: ConfigError."""
    try:
        with path.open("r", encoding="ascii") as file:
            return file.read(_LONGEST).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the code in {path}: check the file") from error


def _unlock(places: Places, code: str) -> None:
    """Give the code to both processes that need the list; one of them is enough to go on.

    Raises:
        LinkError: Neither took it.
    """
    refusals: list[LinkError] = []
    for socket in (places.engine_socket, places.sync_socket):
        try:
            Link(socket).token(code)
        except LinkError as refusal:
            refusals.append(refusal)
    if len(refusals) > 1:
        raise refusals[0]


def _typed() -> str:
    if sys.stdin.isatty():
        return input("Code of the token (DWT1-…): ")
    return sys.stdin.read(_LONGEST)


def _try_to_write(path: Path) -> None:
    """Find out before anything is changed: a token that cannot be kept is made for nothing.

    Raises:
        ConfigError: It cannot be written, or holds something, perhaps the token that counts.
    """
    if path.exists() and read_code(path):
        raise ConfigError(f"{path} holds something, perhaps the token before: name another file")
    _write(path, "")


def _write(path: Path, code: str) -> None:
    try:
        write_private(path, f"{code}\n".encode())
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
