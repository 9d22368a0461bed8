"""Has a version proved itself? Systemd is asked, and not the version.

Systemd notes when a unit last fed its watchdog, and what the engine last said of itself, which
begins with "screening" only while frames are compared with the list.
"""

import contextlib
import os
import subprocess
import time
from dataclasses import dataclass

from versions import RefusalError, Trial

UNITS = tuple(
    f"doorwatch-{name}.service" for name in ("lamp", "engine", "page", "sync", "hub", "hub-web")
)
TRIAL_UNIT = "doorwatch-trial.service"

DEADLINE_S = float(os.environ.get("DOORWATCH_TRIAL_S", "90"))
"""Seconds in which a version has to prove itself; with the way back it is two minutes at most."""

STEADY_S = DEADLINE_S / 10
"""Seconds for which everything has to run without a restart."""

FRESH_US = 5_000_000
"""Microseconds since its last sign of life for a unit to count as one that gives them."""

BEATS = 2
"""Signs of life after the first, which comes with the start."""

MOST_RESTARTS = 3

SCREENING = "screening"
"""How the engine's word begins while it does its work; others say nothing."""


@dataclass(frozen=True)
class Seen:
    """What systemd says about a unit.

    Attributes:
        state: "active", "activating", "failed" and so on.
        restarts: How often systemd started it again.
        run: Names this run of it.
        beat_us: When it last gave a sign of life; microseconds, monotonic.
        word: What it last said of itself.
    """

    state: str
    restarts: int
    run: str
    beat_us: int
    word: str

    @property
    def idle(self) -> bool:
        """Whether it says that it does something else than its work."""
        return bool(self.word) and not self.word.startswith(SCREENING)


def systemctl(*words: str) -> str:
    """Run systemctl and give what it says; "" where there is no systemd to ask."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            ["systemctl", *words], check=False, capture_output=True, text=True, timeout=60
        )
        return done.stdout
    return ""


def running() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the units that run, and those of them that give signs of life."""
    now_us = time.monotonic_ns() // 1000
    seen = {unit: _look(unit) for unit in UNITS}
    active = tuple(unit for unit in UNITS if seen[unit].state == "active")
    fresh = (unit for unit in active if now_us - seen[unit].beat_us < FRESH_US)
    return active, tuple(unit for unit in fresh if not seen[unit].idle)


def wait_for_proof(tried: Trial) -> None:
    """Wait until everything that ran before runs again.

    Raises:
        RefusalError: It does not in time, or it is hopeless.
    """
    proof, until = _Proof(tried), time.monotonic() + DEADLINE_S
    while missing := proof.missing():
        if time.monotonic() > until:
            raise RefusalError(f"{missing}, {DEADLINE_S:.0f} s after the switch")
        time.sleep(min(0.5, DEADLINE_S / 50))


class _Proof:
    """What was seen of each unit since the switch."""

    def __init__(self, tried: Trial) -> None:
        """Begin to watch the units of a trial."""
        self._tried = tried
        self._last: dict[str, Seen] = {}
        self._beats = dict.fromkeys(tried.units, 0)
        self._since = time.monotonic()

    def missing(self) -> str:
        """Look once, and say what is still missing; "" where nothing is. Raises: RefusalError."""
        for unit in self._tried.units:
            self._take(unit, _look(unit))
        lacking = [word for unit in self._tried.units if (word := self._lacks(unit))]
        if lacking:
            return lacking[0]
        return "" if time.monotonic() - self._since >= STEADY_S else "it has only just started"

    def _take(self, unit: str, seen: Seen) -> None:
        if seen.state == "failed" or seen.restarts >= MOST_RESTARTS:
            raise RefusalError(f"{unit} does not start")
        last = self._last.get(unit)
        broken = seen.state != "active" or (unit in self._tried.beating and seen.idle)
        if last is None or last.run != seen.run or broken:
            self._beats[unit], self._since = 0, time.monotonic()
        elif seen.beat_us != last.beat_us:
            self._beats[unit] += 1
        self._last[unit] = seen

    def _lacks(self, unit: str) -> str:
        if self._last[unit].state != "active":
            return f"{unit} does not run"
        if unit in self._tried.beating and self._beats[unit] < BEATS:
            return f"{unit} runs and does no work"
        return ""


def _look(unit: str) -> Seen:
    """Ask systemd about a unit."""
    wanted = "ActiveState,NRestarts,InvocationID,WatchdogTimestampMonotonic,StatusText"
    lines = systemctl("show", unit, f"--property={wanted}").splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    return Seen(
        said.get("ActiveState", ""),
        int(said.get("NRestarts") or 0),
        said.get("InvocationID", ""),
        int(said.get("WatchdogTimestampMonotonic") or 0),
        said.get("StatusText", ""),
    )
