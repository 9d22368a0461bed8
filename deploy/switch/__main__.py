"""Which of the installed versions runs: ``doorwatch-switch to NAME | decide | settle | show``.

``doorwatch-switch upgrade FILE`` brings another one from a bundle, if the bundle is good.

Versions lie side by side in ``/opt/doorwatch/versions``; ``current`` is a link to the one in
force. A switch is a trial until systemd has seen the new version work: then it is good, else the
former version comes back. What is known of a trial is on the disk before anything is changed, so
a power cut at any moment ends in one version or the other, and ``settle`` finishes it at the next
start of the machine.

It needs nothing but Python: it has to work when a version does not. The installer packs it into
``/opt/doorwatch/bin/doorwatch-switch``.
"""

import json
import sqlite3
import sys
from dataclasses import asdict, replace
from pathlib import Path

from databases import (
    NOT_RESTORED,
    as_owner,
    copy_of,
    databases,
    forget_asides,
    forget_copies,
    forget_self_tests,
    keep_copy,
    put_back,
)
from proof import TRIAL_UNIT, running, systemctl, wait_for_proof
from upgrading import forget_bundle, upgrade
from versions import OPT, RefusalError, Trial, end, keep, point, pointed, prune, trial

MOST_BOOTS = 2
"""Starts of the machine in which a version may try to prove itself."""


def switch(name: str) -> None:
    """Put the version ``name`` into force, on trial where there is one to go back to."""
    if not (OPT / "versions" / name / "complete").exists():
        raise RefusalError(f"there is no whole version {name} here: run install.sh again")
    if trial() is not None:
        raise RefusalError("a switch is on trial already: wait for doorwatch-trial.service")
    former = pointed("current")
    if former in {"", name}:
        point("current", name)
        systemctl("daemon-reload")
        return
    for database in databases():
        if as_owner("keep-copy", database):
            raise RefusalError(f"{database} cannot be copied: make room and try again")
    units, beating = running()
    keep(Trial(name, former, pointed("previous"), units, beating))
    point("previous", former)
    point("current", name)
    systemctl("daemon-reload")
    systemctl("restart", "--no-block", *units)
    systemctl("start", "--no-block", TRIAL_UNIT)


def decide() -> None:
    """Wait until the version on trial has proved itself; else go back."""
    tried = trial()
    if tried is None:
        return
    try:
        wait_for_proof(tried)
    except RefusalError as refusal:
        go_back(tried, str(refusal))
        return
    forget_asides()
    end(tried, "good")
    forget_copies()  # not before: until that stands, it may still go back
    prune()


def go_back(tried: Trial, why: str) -> None:
    """Put the former version into force again; may be cut off anywhere and begun anew."""
    keep(replace(tried, why=why))
    systemctl("stop", *tried.units)
    for database in databases():
        status = as_owner("put-back", database) if copy_of(database).exists() else 0
        if status:
            end(tried, "stays", f"{why}, but {_obstacle(status)}, so it stays: see its log")
            forget_copies()
            systemctl("start", "--no-block", *tried.units)
            return
    point("current", tried.former)
    point("previous", tried.before)
    refused = OPT / "versions" / tried.to / "refused"
    if refused.parent.is_dir():
        refused.write_text(f"{why}\n", encoding="utf-8")
    systemctl("daemon-reload")
    systemctl("reset-failed", *tried.units)
    systemctl("start", "--no-block", *tried.units)
    forget_copies()
    end(tried, "returned", why)
    sys.stderr.write(f"doorwatch: {tried.to} went back to {tried.former}: {why}\n")


def _obstacle(status: int) -> str:
    """Say why the former version can't have its database."""
    if status == NOT_RESTORED:
        return "its ledger has grown since"
    return "the list of before cannot be put back (is the disk full?)"


def settle() -> None:
    """At a start of the machine, before anything else runs: finish what was cut off."""
    forget_self_tests()
    forget_bundle()
    tried = trial()
    if tried is None:
        forget_copies()
    elif tried.why:
        go_back(tried, tried.why)
    elif pointed("current") != tried.to:
        point("previous", tried.before)
        forget_copies()
        end(tried, "not switched", "the power went before it: run install.sh again")
    elif tried.boots >= MOST_BOOTS:
        go_back(tried, f"it did not prove itself in {MOST_BOOTS} starts of the machine")
    else:
        keep(replace(tried, boots=tried.boots + 1))


def show() -> None:
    """Print what is in force, what was before, and how the last switch ended."""
    outcome, tried = OPT / "outcome.json", trial()
    told = {
        "current": pointed("current"),
        "previous": pointed("previous"),
        "trial": asdict(tried) if tried else None,
        "outcome": json.loads(outcome.read_text(encoding="utf-8")) if outcome.exists() else None,
    }
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


def run(words: list[str]) -> int:
    """Run one verb and give an exit status. Raises: RefusalError, OSError, sqlite3.Error."""
    match words:
        case ["to", name] if name not in {".", ".."} and "/" not in name:
            switch(name)
        case ["decide"]:
            decide()
        case ["settle"]:
            settle()
        case ["show"]:
            show()
        case ["keep-copy", database]:
            keep_copy(Path(database))
        case ["put-back", database]:
            return put_back(Path(database))
        case ["upgrade", *more]:
            return _upgrade(more)
        case _:
            raise RefusalError("say one of: to NAME, decide, settle, show, upgrade FILE")
    return 0


def _upgrade(words: list[str]) -> int:
    """Upgrade by what was typed after the word. Raises: RefusalError."""
    options = {word for word in words if word.startswith("-")}
    files = [word for word in words if word not in options]
    if len(files) != 1 or options - {"--older", "--again"}:
        raise RefusalError(
            "say upgrade FILE.tar; --older takes an older version too, --again one that went back"
        )
    return upgrade(Path(files[0]), older="--older" in options, again="--again" in options)


def main() -> int:
    """Run what was typed; a refusal is one line on standard error."""
    try:
        return run(sys.argv[1:])
    except RefusalError as refusal:
        sys.stderr.write(f"doorwatch: {refusal}\n")
    except (OSError, ValueError, sqlite3.Error) as error:
        sys.stderr.write(f"doorwatch: {error}: check the disk, and that you are root\n")
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
