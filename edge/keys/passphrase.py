"""The key in a file that a passphrase closes: for the bench, and for a unit that somebody starts.

The file is like that of an officer or manager (:mod:`sync.keyfile`, Argon2id with 64 MiB): what
the passphrase opens are 32 random bytes, which are taken as the key and never sign anything.
"""

import getpass
import os
import sys
from pathlib import Path
from typing import Self

from edge.errors import KeyProviderError
from sync.errors import KeyFileError
from sync.keyfile import make_key_file, open_key_file, passphrase_in


class PassphraseKey:
    """A key that a passphrase opens."""

    def __init__(self, path: Path, passphrase_file: Path | None = None) -> None:
        """Take the key from ``path``; nothing is read or made yet.

        Args:
            path: The closed file.
            passphrase_file: File whose first line is the passphrase; by default it is asked for.
        """
        self.path = path
        self._passphrase_file = passphrase_file
        self._key = b""

    def at(self, path: Path) -> Self:
        """Make the same for a key at another place."""
        return type(self)(path, self._passphrase_file)

    @property
    def there(self) -> bool:
        """Whether the file exists."""
        return os.path.lexists(self.path)

    def kek(self) -> bytes:
        """Open the key, once for this process: each time takes 64 MiB for a moment.

        Raises:
            KeyProviderError: The file is missing or damaged, or the passphrase is wrong.
        """
        if not self._key:
            try:
                self._key = open_key_file(self.path, self._passphrase()).seed
            except KeyFileError as error:
                raise KeyProviderError(str(error)) from error
        return self._key

    def provision(self) -> bytes:
        """Open the key, or make one where there is none yet.

        Raises:
            KeyProviderError: As ``kek``; or the file cannot be written.
        """
        if not self.there:
            try:
                self._key = make_key_file(self.path, self._passphrase()).seed
            except KeyFileError as error:
                raise KeyProviderError(str(error)) from error
        return self.kek()

    def _passphrase(self) -> str:
        if self._passphrase_file is not None:
            return passphrase_in(self._passphrase_file)
        if not sys.stdin.isatty():
            raise KeyProviderError(
                "nobody is here to type the passphrase of this unit's key: name a file with it as "
                "keys.passphrase_file"
            )
        return getpass.getpass("Passphrase of this unit's key: ")
