"""Which version runs here, and how the last upgrade ended; written by ``doorwatch-switch``."""

import json
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SWITCH = Path("/opt/doorwatch/bin/doorwatch-switch")
"""What decides between versions, on a machine that was installed by deploy/install.sh."""

RETURNED = "returned"
"""How a switch ends whose version did not come up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last switch of versions ended.

    Attributes:
        ended: ``good``, ``returned``, ``stays`` or ``not switched``.
        former: The version before the switch.
        to: The version that was tried.
        why: Why it went back, one line, or nothing.
        at: When, seconds since the epoch.
    """

    ended: str
    former: str
    to: str
    why: str
    at: float

    @property
    def returned(self) -> bool:
        """Whether the version that was tried went back."""
        return self.ended == RETURNED


@dataclass(frozen=True, slots=True)
class Installed:
    """What runs here.

    Attributes:
        name: The version, with the digest of what was installed where it was installed by
            deploy/install.sh.
        on_trial: It was put into force a moment ago and has not proved itself yet.
        outcome: How the last switch ended; None where there was none.
    """

    name: str
    on_trial: bool = False
    outcome: Outcome | None = None


def installed(prefix: Path | None = None) -> Installed:
    """Tell what runs here.

    Args:
        prefix: The virtual environment; by default the one that this runs in.
    """
    home = (prefix or Path(sys.prefix)).resolve()
    if not by_installer(home):
        return Installed(version("doorwatch"))
    opt = home.parent.parent
    return Installed(home.name, (opt / "trial.json").exists(), _outcome(opt / "outcome.json"))


def by_installer(prefix: Path | None = None) -> bool:
    """Tell whether deploy/install.sh put this here: then services run, and commands take sudo.

    Args:
        prefix: The virtual environment; by default the one that this runs in.
    """
    return (prefix or Path(sys.prefix)).resolve().parent.name == "versions"


def _outcome(file: Path) -> Outcome | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Outcome(
            ended=str(told["ended"]),
            former=str(told["from"]),
            to=str(told["to"]),
            why=str(told["why"]),
            at=float(told["at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # for people only: nothing rests on it
