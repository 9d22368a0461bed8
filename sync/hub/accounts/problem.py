"""What can be wrong with what somebody typed about an account."""

from enum import StrEnum

from sync.errors import HubError


class Problem(StrEnum):
    """Names a refusal, so that a page finds its own words for it."""

    LOGIN = "login"
    TAKEN = "taken"
    NAME = "name"
    VENUE = "venue"
    KEY = "key"
    POWER = "power"
    ONESELF = "oneself"
    LAST = "last"
    UNKNOWN = "unknown"
    WELCOME = "welcome"
    WRONG = "wrong"
    CODE = "code"
    LATE = "late"
    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    NAMED = "named"
    AGAIN = "again"


class AccountError(HubError):
    """An account, an invitation or a sign-in is refused; ``problem`` says why."""

    def __init__(self, problem: Problem, line: str) -> None:
        """Refuse for ``problem``; ``line`` is for the command line."""
        super().__init__(line)
        self.problem = problem


class WaitError(HubError):
    """There were too many wrong tries; ``seconds`` have to pass first (ASVS 2.2.1)."""

    def __init__(self, seconds: float) -> None:
        """Refuse for so many seconds."""
        super().__init__(f"too many wrong tries: wait {seconds:.0f} seconds")
        self.seconds = seconds
