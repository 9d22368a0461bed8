"""How warm the machine is inside: a box behind a door's glass slows down in the sun."""

from pathlib import Path

ZONES = Path("/sys/class/thermal")
"""Where Linux tells it, in thousandths of a degree Celsius, one file for each sensor."""

_COLDEST, _WARMEST = -45.0, 150.0


def temperature(zones: Path = ZONES) -> float | None:
    """Give the temperature of the warmest sensor, degrees Celsius; None where none tells."""
    told = (_degrees(file) for file in zones.glob("thermal_zone*/temp"))
    plausible = (one for one in told if one is not None and _COLDEST < one < _WARMEST)
    return max(plausible, default=None)


def _degrees(file: Path) -> float | None:
    """Read one sensor; one that is broken tells nought, or cannot be read."""
    try:
        return int(file.read_text("ascii")) / 1000 or None
    except (OSError, ValueError):
        return None
