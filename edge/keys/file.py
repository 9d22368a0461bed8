"""The key in a file of its own: for the bench, and for whoever keeps it on another medium.

It protects a stolen card only if it does not lie on the same card.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Self

from edge.errors import KeyProviderError
from edge.gallery.keys import KEY_BYTES
from edge.keys.place import write_once

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFile:
    """A key in a file of its own, 64 hexadecimal digits, closed to everybody else."""

    def __init__(self, path: Path) -> None:
        """Take the key from ``path``; nothing is read or made yet."""
        self.path = path

    def at(self, path: Path) -> Self:
        """Make the same for a key at another place."""
        return type(self)(path)

    @property
    def there(self) -> bool:
        """Whether the file exists."""
        return os.path.lexists(self.path)

    def kek(self) -> bytes:
        """Read the key.

        Raises:
            KeyProviderError: It is missing, malformed, or open to other users.
        """
        try:
            with self.path.open("rb") as file:
                self._refuse_open_to_others(os.fstat(file.fileno()).st_mode)
                content = file.read(4 * KEY_BYTES)
        except FileNotFoundError as error:
            raise KeyProviderError(
                f"the key file {self.path} is missing and the gallery cannot be opened without "
                "it: put it back from your copy"
            ) from error
        except OSError as error:
            raise KeyProviderError(
                f"cannot read the key file {self.path}: {error.strerror}"
            ) from error
        return self._parsed(content)

    def provision(self) -> bytes:
        """Read the key, or make one where there is none yet.

        Raises:
            KeyProviderError: As ``kek``; or the file cannot be written.
        """
        if not self.there:
            write_once(self.path, secrets.token_hex(KEY_BYTES).encode() + b"\n")
        return self.kek()

    def _refuse_open_to_others(self, mode: int) -> None:
        if mode & _OTHERS:
            raise KeyProviderError(
                f"the key file {self.path} can be read or changed by other users: "
                f"run chmod 600 {self.path}"
            )

    def _parsed(self, content: bytes) -> bytes:
        key = key_of(content)
        if key is None:
            raise KeyProviderError(
                f"the key file {self.path} does not hold a key (64 hexadecimal digits): "
                "put it back from your copy"
            )
        return key


def key_of(content: bytes) -> bytes | None:
    """Read a key that is written as 64 hexadecimal digits; None if it is not."""
    try:
        key = bytes.fromhex(content.decode("ascii"))
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
