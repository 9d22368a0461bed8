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
from sync.keyfile import passphrase_in

ENVIRONMENT = "DOORWATCH_PASSPHRASE_FILE"
"""Names a file, or several with colons between them, in place of ``--passphrase-file``."""

PassphraseFiles = Annotated[
    list[Path] | None, Parameter(name="--passphrase-file", negative=(), consume_multiple=False)
]
"""Files whose first lines are the passphrases, in the order of the keys; one may serve for all."""


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
            HubError: There is no file for this key, or nobody is there to ask.
            KeyFileError: The file cannot be read.
        """
        if self._files:
            return passphrase_in(self._file(whose))
        return _asked(f"Passphrase of {whose}: ")

    def fresh(self, whose: str) -> str:
        """Give the passphrase for a new key; a person types it twice.

        Raises:
            HubError: As ``known``; or the two are not the same.
            KeyFileError: As ``known``.
        """
        if self._files:
            return passphrase_in(self._file(whose))
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
