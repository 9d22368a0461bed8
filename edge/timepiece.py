"""Reads the clocks of the box; what they are worth is decided in ``sync.clock``."""

import ctypes
import os
import time
from functools import cache
from pathlib import Path

from sync.clock import Reading

_TOLD_BY_SYSTEMD = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd when it has set the clock; where ProtectClock= hides the kernel."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ASKED_ONLY = bytes(256)  # struct timex with no mode set: adjtimex(2) changes nothing then
_ERROR = 5  # TIME_ERROR: the wall clock is not synchronised; adjtimex gives -1 where not allowed


def read_clocks() -> Reading:
    """Read all clocks at one moment."""
    return Reading(
        wall_ms=time.time_ns() // 1_000_000,
        boot_ms=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000,
        boot_id=_boot_id(),
        synchronised=_synchronised(),
    )


@cache
def _boot_id() -> str:
    """Read the random name that the kernel gave this boot."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:  # no name: then no anchor of an earlier process is ever taken for this boot
        return os.urandom(16).hex()


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _synchronised() -> bool:
    """Ask the kernel whether something (NTP, PTP) keeps the wall clock right."""
    state = _libc().adjtimex(ctypes.create_string_buffer(_ASKED_ONLY))
    return _TOLD_BY_SYSTEMD.exists() if state == -1 else bool(state != _ERROR)
