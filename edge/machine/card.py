"""How worn the card is on which the unit keeps its list, and how much is written to it.

Sources: the kernel's documentation of ``/sys/block`` (``stat``: the seventh number counts written
sectors of 512 bytes) and of MMC devices (``life_time``: tenths of the life that is used up, and
``pre_eol_info``, after JEDEC eMMC 5.0). An SD card tells nothing of its life; there only what is
written can be judged.
"""

import os
from dataclasses import dataclass
from pathlib import Path

BLOCKS = Path("/sys/dev/block")
"""Where Linux lists block devices by their numbers."""

SECTOR = 512
"""Bytes that the kernel counts as one, whatever the card does."""

_CARDS = "mmcblk"  # how Linux names memory cards, and memory that is soldered on
_STEP = 10  # percent of life in one step of life_time
_WHOLE = 100
_URGENT = {2: 80, 3: 90}  # pre_eol_info: so many percent of the spare blocks are used up


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of it; None is what it does not tell.

    Attributes:
        wear: Percent of its life that is used up, rounded up to ten.
        written_bytes: Written since the machine was switched on.
    """

    wear: int | None = None
    written_bytes: int | None = None


def read_card_of(folder: Path, blocks: Path = BLOCKS) -> Card:
    """Read what is known of the card that a folder lies on; nothing of what is no card."""
    try:
        device = folder.stat().st_dev
    except OSError:
        return Card()
    found = blocks / f"{os.major(device)}:{os.minor(device)}"
    part = found.resolve()
    disk = part.parent if (part / "partition").exists() else part
    if not disk.name.startswith(_CARDS):  # a disk, memory, or layers of several file systems
        return Card()
    return Card(_wear(disk / "device"), _written(disk / "stat"))


def _wear(device: Path) -> int | None:
    """Give what the worse of its two kinds of memory has used up, or its spare blocks."""
    lives = [_STEP * step for step in _numbers(device / "life_time", 16)]
    spare = [_URGENT.get(state, 0) for state in _numbers(device / "pre_eol_info", 16)]
    told = max([*lives, *spare], default=0)
    return min(_WHOLE, told) or None


def _written(file: Path) -> int | None:
    numbers = _numbers(file, 10)
    return SECTOR * numbers[6] if len(numbers) > 6 else None


def _numbers(file: Path, base: int) -> list[int]:
    try:
        return [int(word, base) for word in file.read_text("ascii").split()]
    except (OSError, ValueError):
        return []
