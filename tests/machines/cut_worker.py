"""What an emulated machine does until its power goes; process 1 in it.

It says ``@@ready`` and waits. Told ``[kind, seed]``, it finds its disk as the cut left it, goes on
by itself, changes the list without end, and says of each change that it is acknowledged. Where
``kind`` is "upgrade", versions are switched all the while.
"""

import json
import os
import subprocess
import sys
import threading
import tty
from itertools import cycle
from pathlib import Path

from edge.indicator.lamp import TICK_S  # noqa: F401 - as in the unit: what it needs is loaded once
from simulator.shelf_samples import trusted
from simulator.shelf_worker import Worker, opened

DISK = Path("/state")
STATE, OPT = DISK / "doorwatch", DISK / "opt"
SWITCH = "/opt/switch"
VERSIONS = ("2.0-bbbbbbbb", "3.0-cccccccc", "4.0-dddddead", "1.0-aaaaaaaa")
"""The third never proves itself: it goes back."""

ENVIRON = {
    **os.environ,
    "PATH": "/opt/stand-in:/usr/bin:/usr/sbin",
    "DOORWATCH_OPT": str(OPT),
    "DOORWATCH_STATE": str(STATE),
    "DOORWATCH_TRIAL_S": "4",
}


def say(line: str) -> None:
    """Say a line on the console, whole."""
    os.write(1, f"{line}\n".encode())


def find_disk() -> None:
    """Mount the disk; its driver is loaded only now, so that nothing of it was ever in memory."""
    subprocess.run(["modprobe", "virtio_blk"], check=True)
    DISK.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "ext4", "/dev/vda", str(DISK)], check=True)


def switch(*words: str) -> None:
    """Run the program that switches versions, as the installer and the services do."""
    subprocess.run([sys.executable, "-I", SWITCH, *words], check=True, env=ENVIRON)


def settle() -> None:
    """Do what the services do at a start of the machine."""
    OPT.mkdir(exist_ok=True)
    switch("settle")
    switch("decide")
    current = (OPT / "current").readlink().name if (OPT / "current").is_symlink() else "none"
    say(f"@settled {current}")


def upgrade() -> None:
    """Switch from version to version without end."""
    for name in cycle(VERSIONS):
        folder = OPT / "versions" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "complete").touch()
        switch("to", name)
        say(f"@switched {name}")
        switch("decide")


def main() -> None:
    """Wait for the word, and work."""
    tty.setraw(0)
    say("@@ready")
    kind, seed = json.loads(sys.stdin.readline())
    find_disk()
    fresh = not STATE.exists()
    STATE.mkdir(exist_ok=True)
    if kind == "upgrade":
        settle()
    with opened(STATE) as shelf:
        if fresh:
            shelf.join(trusted())
        say(f"@found {shelf.trusted().ledger.chain.seq} {shelf.trusted().counter}")
        if kind == "upgrade":
            threading.Thread(target=upgrade, daemon=True).start()
        Worker(shelf, seed).work(lambda said: say(f"@acknowledged {said}"))


if __name__ == "__main__":
    main()
