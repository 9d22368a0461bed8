"""PINs of the staff page: how one is hashed, checked and kept."""

import os
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from edge.errors import DoorwatchError
from edge.plainfile import plain_content

SHORTEST, LONGEST = 6, 64
"""Characters of a PIN."""

_HASHER = PasswordHasher()
_MOST_BYTES = 1024


def hash_pin(pin: str) -> str:
    """Hash a PIN for the file that the page reads (Argon2id, the library's defaults).

    Raises:
        DoorwatchError: It is too short, too long, or one character over and over.
    """
    if not SHORTEST <= len(pin) <= LONGEST:
        raise DoorwatchError(f"a PIN has {SHORTEST} to {LONGEST} characters: choose another")
    if len(set(pin)) == 1 or pin in "01234567890" or pin in "09876543210":
        raise DoorwatchError("this PIN is the first anybody would try: choose another")
    return _HASHER.hash(pin)


def pin_matches(pin_hash: str, pin: str) -> bool:
    """Tell whether ``pin`` is the one that was hashed; takes some 0.1 s on purpose.

    Raises:
        DoorwatchError: ``pin_hash`` is no hash of a PIN.
    """
    try:
        return _HASHER.verify(pin_hash, pin)
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError) as error:
        raise DoorwatchError(
            "the file with the page's PIN is damaged: set it again with `doorwatch set-pin`"
        ) from error


@dataclass(frozen=True, slots=True)
class PinFile:
    """The file that holds the hash of the page's PIN.

    Attributes:
        path: Where it lies; closed to everybody but its owner.
    """

    path: Path

    def read(self, *, anybodys: bool = False) -> str | None:
        """Give the hash, or None while no PIN is set.

        Args:
            anybodys: Whether a file will do that is not this user's: only to compare with.

        Raises:
            DoorwatchError: The file is there and cannot be read, or another user laid it there.
        """
        try:
            owner = None if anybodys else os.geteuid()
            content = plain_content(self.path, _MOST_BYTES, owner)
            return content.decode("ascii", "replace").strip() or None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DoorwatchError(
                f"cannot read the page's PIN at {self.path} ({error.strerror}): "
                "is it this user's own file?"
            ) from error

    def write(self, pin: str) -> None:
        """Set the PIN: the file is replaced whole, mode 0600.

        Raises:
            DoorwatchError: The PIN is too weak, or the file cannot be written.
        """
        line, fresh = hash_pin(pin) + "\n", self.path.with_suffix(".new")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(
                os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
            ) as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            raise DoorwatchError(
                f"cannot write the page's PIN at {self.path}: {error.strerror}"
            ) from error
