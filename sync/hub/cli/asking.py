"""What is asked of the person at the keyboard: passphrases, and whether they are sure."""

import getpass
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.prompt import Confirm

from edge.errors import NotConfirmedError
from sync.errors import HubError

ENVIRONMENT = "DOORWATCH_PASSPHRASE_FILE"
"""Names a file, or several with colons between them, in place of ``--passphrase-file``."""

PassphraseFiles = Annotated[
    list[Path] | None, Parameter(name="--passphrase-file", negative=(), consume_multiple=False)
]
"""Files whose first lines are the passphrases, in the order of the keys; one may serve for all."""

MOST_BYTES = 4096
"""Bytes of a passphrase file that are looked at."""


class Passphrases:
    """Gives the passphrase of one key file after another, from files or from the keyboard."""

    def __init__(
        self, files: Sequence[Path] | None, environ: Mapping[str, str] | None = None
    ) -> None:
        """Take the files of ``--passphrase-file``, else those of the environment, else ask.

        Args:
            files: One for all keys, or one for each in the order in which they are asked for.
            environ: The environment; the process's own by default.
        """
        around = os.environ if environ is None else environ
        named = [Path(name) for name in around.get(ENVIRONMENT, "").split(os.pathsep) if name]
        self._files = list(files or named)
        self._next: Iterator[Path] = iter(self._files)

    def known(self, whose: str) -> str:
        """Give the passphrase that opens an existing key.

        Args:
            whose: The key, for the question.

        Raises:
            HubError: There is no file for this key, it cannot be read, or nobody is there to ask.
        """
        if self._files:
            return _first_line(self._file(whose))
        return _asked(f"Passphrase of {whose}: ")

    def fresh(self, whose: str) -> str:
        """Give the passphrase for a new key; a person types it twice.

        Raises:
            HubError: As ``known``; or the two are not the same.
        """
        if self._files:
            return _first_line(self._file(whose))
        chosen = _asked(f"New passphrase for {whose}: ")
        if _asked("Once more: ") != chosen:
            raise HubError("the two are not the same: nothing was made")
        return chosen

    def _file(self, whose: str) -> Path:
        if len(self._files) == 1:
            return self._files[0]
        try:
            return next(self._next)
        except StopIteration:
            raise HubError(
                f"there is no --passphrase-file left for {whose}: give one for all keys, or one "
                "for each in the order of the keys"
            ) from None


def confirm(question: str, *, yes: bool) -> None:
    """Ask on a terminal; elsewhere only ``--yes`` goes on.

    Raises:
        NotConfirmedError: Nobody said yes.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{question} Nothing was changed: say so with --yes")
    if not Confirm.ask(question, default=False, console=Console(stderr=True)):
        raise NotConfirmedError("nothing was changed")


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        raise HubError(
            f"{question.rstrip(': ')} is needed and nobody is there to ask: give it with "
            f"--passphrase-file FILE or {ENVIRONMENT}"
        )
    return getpass.getpass(question)


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            line = file.readline(MOST_BYTES).decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise HubError(f"cannot read the passphrase file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise HubError(f"the passphrase file {path} is not UTF-8 text: save it as such") from error
    if not line:
        raise HubError(f"the first line of the passphrase file {path} is empty: write it there")
    return line
