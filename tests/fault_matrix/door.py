"""One unit under fault, as a test sees it: its processes, its lamps, what it says."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from edge.config import Config
from edge.door import DoorState
from edge.errors import LinkError
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.link import Link
from edge.vision.models.card import read_card
from fault_matrix.disk import failing_disk
from fault_matrix.lamps import LampLog
from fault_matrix.switches import Switches
from sync.entries import DAY_S, Category, Entry, Reason

ROOT = Path(__file__).parents[2]
LISTED = 20
"""Entries on the list; none is of anybody in the picture."""

START_S = 60.0
"""Seconds in which a unit must be screening on a busy machine."""


class Door:
    """A unit that screens a made-up camera."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.state_folder = folder, folder / "state"
        self.config_file = folder / "door.toml"
        self.config_file.write_text(
            f"[camera]\nsource = 'folder:{folder}'\n[vision]\nthreads = 1\n"
            f"[paths]\nstate = '{self.state_folder}'\nrun = '{folder / 'run'}'\n"
            "[indicator]\npins = 'mock'\n"
        )
        self.places = Config.load(self.config_file).places({})
        self.switches = Switches(folder / "switches")
        self.lamps = LampLog(folder / "lamps")
        self.link = Link(self.places.engine_socket, timeout_s=1.0)
        self.process: subprocess.Popen[bytes] | None = None
        self.small_disk = False
        self._copies: dict[Path, bytes] = {}
        zone = folder / "zones" / "thermal_zone0"
        zone.mkdir(parents=True)
        self.warm(45)

    def on_a_small_disk(self) -> bool:
        """Put its state on a disk of its own, where this may be done; tell whether it is."""
        self.state_folder.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=700", "tmpfs"]
        done = subprocess.run([*mount, str(self.state_folder)], check=False, capture_output=True)
        self.small_disk = done.returncode == 0
        return self.small_disk

    def remount(self, mode: str) -> None:
        """Make its disk ``ro`` or ``rw``, also if that has to wait for whoever writes to it."""
        command = ["mount", "-o", f"remount,{mode}", str(self.state_folder)]
        while subprocess.run(command, check=False, capture_output=True).returncode:
            time.sleep(0.02)

    def start(self) -> None:
        """Start the unit, also again after somebody killed it."""
        if self.process is not None:
            self.process.wait(10)
        self.places.prepare()
        disk = failing_disk(self.state_folder, self.folder / "disk", self.folder)
        environ = {**disk, "OMP_NUM_THREADS": "1"}
        what = ["-m", "fault_matrix.child", "unit", str(self.config_file), str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *what], stdout=log, stderr=log, env=environ, cwd=ROOT
            )

    def stop(self) -> None:
        """End it, be it stopped or not."""
        if self.process is None:
            return
        for one in self.family():
            one.resume()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.small_disk:
            subprocess.run(["umount", "-l", str(self.state_folder)], check=True)

    def family(self) -> list[psutil.Process]:
        """Give all its processes, the supervisor first."""
        try:
            whole = psutil.Process(self.process.pid if self.process else -1)
            return [one for one in (whole, *whole.children()) if _lives(one)]
        except (psutil.NoSuchProcess, ValueError):
            return []

    def child(self, role: str) -> psutil.Process:
        """Give the lamp keeper or the engine."""
        return next(one for one in self.family()[1:] if role in one.cmdline())

    def pids(self) -> frozenset[int]:
        """Give the process ids of all that runs."""
        return frozenset(one.pid for one in self.family())

    def send(self, role: str, number: signal.Signals) -> None:
        """Send a signal to the lamp keeper or the engine."""
        self.child(role).send_signal(number)

    def store(self) -> Store:
        """Open its list, as another process does."""
        return Store.open(self.places.gallery, KeyFile(self.places.key_file))

    def fill(self) -> None:
        """Put people on the list whom nobody in the picture resembles."""
        templates = np.eye(LISTED, 192, dtype=np.float32)
        now, card = time.time(), read_card("embed")
        with self.store() as store:
            for number, template in enumerate(templates):
                until = now + 30 * DAY_S
                entry = Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, now, until)
                store.add(entry, b"\xff\xd8 a photo", template[None], card.model_id)

        with sqlite3.connect(self.places.gallery) as whole:
            whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole.close()
        self._copies = {path: path.read_bytes() for path in self.kept()}

    def kept(self) -> tuple[Path, Path]:
        """Give the files that it cannot do without: its list and the key to it."""
        return self.places.gallery, self.places.key_file

    def put_back(self) -> None:
        """Put back list and key, as from a copy."""
        for path, content in self._copies.items():
            self.put(path, content)

    def put(self, path: Path, content: bytes) -> None:
        """Put a file in the place of another, closed to others, and without its log."""
        draft = path.with_suffix(".draft")
        draft.touch(0o600)
        draft.write_bytes(content)
        for log in ("-wal", "-shm"):
            path.with_name(path.name + log).unlink(missing_ok=True)
        draft.replace(path)

    def changed(self, change: Callable[[bytearray], None]) -> None:
        """Put a list in place that differs from the right one."""
        content = bytearray(self._copies[self.places.gallery])
        change(content)
        self.put(self.places.gallery, bytes(content))

    def warm(self, degrees: float) -> None:
        """Set its temperature."""
        zone = self.folder / "zones" / "thermal_zone0"
        (zone / "type").write_text("cpu-thermal\n")
        (zone / "temp").write_text(f"{round(degrees * 1000)}\n")

    def state(self) -> DoorState | None:
        """Give what it says of itself, None while it does not answer."""
        try:
            return self.link.state()
        except LinkError:
            return None

    def says(self, sentence: str) -> bool:
        """Tell whether a fault's sentence is among those it shows."""
        state = self.state()
        return state is not None and any(one.startswith(sentence) for one in state.faults)

    def until(self, holds: Callable[[], object], seconds: float) -> float | None:
        """Wait until something holds; give the seconds that took, None if it never did."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > seconds:
                return None
            time.sleep(0.02)
        return time.monotonic() - began

    def until_green(self, since: float, seconds: float) -> float | None:
        """Wait for a green that went on after ``since``; give the seconds that took."""
        return self.until(lambda: self.lamps.greens(since), seconds)

    def log(self) -> str:
        """Give the end of what it wrote down."""
        return (self.folder / "log").read_text()[-3000:]


def _lives(process: psutil.Process) -> bool:
    """Tell whether a process is more than a name that nobody has asked for yet."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
