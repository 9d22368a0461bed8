"""PINs of the staff page: how one is hashed, checked, and how often it may be tried."""

import os
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from edge.errors import DoorwatchError

SHORTEST, LONGEST = 6, 64
"""Characters of a PIN."""

FREE_TRIES = 5
"""Wrong tries of one client before it has to wait."""

FREE_TRIES_IN_ALL = 25
"""Wrong tries of all clients together before everybody has to wait."""

FIRST_WAIT_S, LONGEST_WAIT_S = 15.0, 900.0
"""The first wait, doubled with each further wrong try, and the longest."""

FORGOTTEN_S = 3600.0
"""Seconds without a try after which the tries of a client are forgotten."""

MOST_CLIENTS = 1000
"""Clients remembered; the one quiet for longest goes first."""

EVERYBODY = "*"

_HASHER = PasswordHasher()


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


class Attempts:
    """Counts wrong tries and says how long to wait; time is passed in (seconds, monotonic)."""

    def __init__(self) -> None:
        """Start without any try."""
        self._tries: dict[str, tuple[int, float]] = {}

    def wait_s(self, client: str, now: float) -> float:
        """Give the seconds until ``client`` may try again; 0 if it may."""
        return max(
            self._left(client, FREE_TRIES, now), self._left(EVERYBODY, FREE_TRIES_IN_ALL, now), 0.0
        )

    def count(self, client: str, now: float) -> None:
        """Count a try before it is checked, so that tries at the same time count too."""
        for who in (client, EVERYBODY):
            tries, last = self._tries.pop(who, (0, now))
            self._tries[who] = (1 if now - last > FORGOTTEN_S else tries + 1), now
        while len(self._tries) > MOST_CLIENTS:
            del self._tries[next(one for one in self._tries if one != EVERYBODY)]

    def forgive(self, client: str) -> None:
        """Forget the tries of a client that gave the right PIN, and take that one off all's."""
        self._tries.pop(client, None)
        tries, last = self._tries.get(EVERYBODY, (0, 0.0))
        self._tries[EVERYBODY] = max(0, tries - 1), last

    def _left(self, who: str, free: int, now: float) -> float:
        tries, last = self._tries.get(who, (0, now))
        if tries < free or now - last > FORGOTTEN_S:
            return 0.0
        doublings = min(tries - free, 10)
        return last + min(FIRST_WAIT_S * 2.0**doublings, LONGEST_WAIT_S) - now


@dataclass(frozen=True, slots=True)
class PinFile:
    """The file that holds the hash of the page's PIN.

    Attributes:
        path: Where it lies; closed to everybody but its owner.
    """

    path: Path

    def read(self) -> str | None:
        """Give the hash, or None while no PIN is set.

        Raises:
            DoorwatchError: The file is there and cannot be read.
        """
        try:
            return self.path.read_text("ascii", "replace").strip() or None
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
