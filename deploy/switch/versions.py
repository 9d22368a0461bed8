"""What is known of the versions: two links and, while a version is on trial, one file."""

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

OPT = Path(os.environ.get("DOORWATCH_OPT", "/opt/doorwatch"))


class RefusalError(Exception):
    """What is wrong, and what to do, in one line."""


@dataclass(frozen=True)
class Trial:
    """A version that has not proved itself yet.

    Attributes:
        to: Its name.
        former: The version to go back to.
        before: The one before that, "" for none.
        units: What ran before the switch.
        beating: Those of them that gave signs of life.
        boots: Starts of the machine since.
        why: Why it goes back; "" while it does not.
    """

    to: str
    former: str
    before: str = ""
    units: tuple[str, ...] = ()
    beating: tuple[str, ...] = ()
    boots: int = 0
    why: str = ""


def trial() -> Trial | None:
    """Give the trial that is on, if there is one."""
    try:
        kept = json.loads((OPT / "trial.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Trial(**{**kept, "units": tuple(kept["units"]), "beating": tuple(kept["beating"])})


def keep(tried: Trial) -> None:
    """Write down a trial."""
    _write(OPT / "trial.json", asdict(tried))


def end(tried: Trial, ended: str, why: str = "") -> None:
    """Write how a trial ended, for ``doorwatch status`` and the hub, and forget the trial."""
    told = {"ended": ended, "from": tried.former, "to": tried.to, "why": why, "at": time.time()}
    _write(OPT / "outcome.json", told)
    remove(OPT / "trial.json")


def pointed(link: str) -> str:
    """Give the version that ``current`` or ``previous`` means, "" for none."""
    place = OPT / link
    return place.readlink().name if place.is_symlink() else ""


def point(link: str, name: str) -> None:
    """Let ``current`` or ``previous`` mean the version ``name``; "" for none."""
    place, draft = OPT / link, OPT / f".{link}"
    if not name:
        remove(place)
        return
    draft.unlink(missing_ok=True)
    draft.symlink_to(Path("versions") / name)
    draft.replace(place)
    sync_folder(OPT)


def prune() -> None:
    """Remove every version but the one in force and the one before."""
    kept = {pointed("current"), pointed("previous")}
    for folder in (OPT / "versions").iterdir():
        if folder.name not in kept:
            (folder / "complete").unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove a file for good."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a file as a whole; everybody may read it, and nothing in it is secret."""
    draft = path.with_name(f".{path.name}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o644)
    draft.replace(path)
    sync_folder(path.parent)
