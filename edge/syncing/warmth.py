"""How warm the machine is inside: a box behind a door's glass slows down in the sun."""

from pathlib import Path

ZONES = Path("/sys/class/thermal")
"""Where Linux tells it, in thousandths of a degree Celsius, one file for each sensor."""

_PLAUSIBLE = range(1, 150)


def temperature(zones: Path = ZONES) -> int | None:
    """Give the temperature of the warmest sensor, degrees Celsius; None where none tells."""
    told = [_degrees(file) for file in zones.glob("thermal_zone*/temp")]
    return max((degrees for degrees in told if degrees in _PLAUSIBLE), default=None)


def _degrees(file: Path) -> int:
    try:
        return round(int(file.read_text("ascii")) / 1000)
    except (OSError, ValueError):
        return 0
