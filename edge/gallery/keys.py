"""Where the key that opens the gallery comes from.

The key that a provider gives (the KEK) opens nothing but the gallery's data key. A key file is
for the bench: it protects a stolen card only if it does not lie on the same card. Providers
for a systemd credential, a TPM or a hub fit the same two methods.
"""

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Protocol

from edge.errors import KeyProviderError

KEY_BYTES = 32
"""Length of a KEK and of every key made from it: AES-256."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyProvider(Protocol):
    """Gives the key-encryption key of one gallery."""

    def kek(self) -> bytes:
        """Give the key, 32 bytes.

        Raises:
            KeyProviderError: There is none, or it must not be used.
        """
        ...

    def provision(self) -> bytes:
        """Give the key for a gallery that is new: the one there is, else a fresh one.

        Raises:
            KeyProviderError: There is none and none can be made.
        """
        ...


class KeyFile:
    """A key in a file of its own, 64 hexadecimal digits, closed to everybody else."""

    def __init__(self, path: Path) -> None:
        """Take the key from ``path``; nothing is read or made yet."""
        self.path = path

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
        try:
            if not self.path.exists():
                self._make()
        except OSError as error:
            raise KeyProviderError(
                f"cannot make the key file {self.path}: {error.strerror}"
            ) from error
        return self.kek()

    def _make(self) -> None:
        """Write a fresh key beside its place and link it there: whole or not at all."""
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{self.path.name}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            # Another process may have been first; then its key is the key.
            with contextlib.suppress(FileExistsError):
                self.path.hardlink_to(draft)
        finally:
            draft.unlink()
        _sync_folder(folder)

    def _refuse_open_to_others(self, mode: int) -> None:
        if mode & _OTHERS:
            raise KeyProviderError(
                f"the key file {self.path} can be read or changed by other users: "
                f"run chmod 600 {self.path}"
            )

    def _parsed(self, content: bytes) -> bytes:
        try:
            key = bytes.fromhex(content.decode("ascii"))
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyProviderError(
                f"the key file {self.path} does not hold a key (64 hexadecimal digits): "
                "put it back from your copy"
            )
        return key


def _sync_folder(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
