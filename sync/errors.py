"""The errors of the list, in one small family beside that of the unit.

Each message is one line that says whose fault it is and what to do next, and never holds
anything of an entry; foreign exceptions are turned into these at the adapter that met them.
"""

from enum import StrEnum


class Code(StrEnum):
    """Why something that came from elsewhere was refused; reported to the hub and counted.

    The names of attacks are those of The Update Framework, section 1.5.2.
    """

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    WRONG_LIST = "wrong-list"
    WRONG_UNIT = "wrong-unit"
    BAD_SIGNATURE = "bad-signature"
    TOO_FEW_SIGNATURES = "too-few-signatures"
    ROLLBACK = "rollback"
    FORK = "fork"
    GAP = "gap"
    FREEZE = "freeze"
    FUTURE = "future"
    MIX_AND_MATCH = "mix-and-match"
    FAST_FORWARD = "fast-forward"
    ROOT_VERSION = "root-version"
    ROOT_EXPIRED = "root-expired"
    WRONG_ROOT = "wrong-root"
    TOMBSTONE = "tombstone"
    NOT_OVER = "not-over"
    TERM = "term"
    RULE = "rule"
    UNKNOWN_KEY = "unknown-key"
    BAD_CIPHERTEXT = "bad-ciphertext"
    ENDLESS = "endless"
    SLOW = "slow"
    REVOKED = "revoked"
    REPLAY = "replay"
    STALE_EPOCH = "stale-epoch"
    INVITATION = "invitation"


class SyncError(Exception):
    """Anything that the list refuses or cannot do; the message is fit for an operator."""

    exit_status = 1


class Refused(SyncError):  # noqa: N818 - a verdict about what came in, not a failure of ours
    """Bytes from elsewhere that are not believed; ``code`` says why."""

    def __init__(self, code: Code, problem: str) -> None:
        """Refuse for ``code``; ``problem`` is one line without anything of an entry."""
        super().__init__(f"{code}: {problem}")
        self.code, self.problem = code, problem


def told(error: Exception) -> str:
    """Give the one line for a person: that of a refusal without its code, which is for counting."""
    return error.problem if isinstance(error, Refused) else str(error)


class HubError(SyncError):
    """The hub cannot do what was asked: its files, its keys, its rules."""


class TransportError(SyncError):
    """The broker cannot be reached, or the way to it failed."""


class KeyFileError(SyncError):
    """A person's key file is missing, damaged, or the passphrase is not its own."""
