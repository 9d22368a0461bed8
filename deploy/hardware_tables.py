"""Fill in the tables of hardware.md: ``python deploy/hardware_tables.py``.

Pin numbers come from the configuration's defaults, face sizes from lens and resolution.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from draw_wiring import HEADER, PINS, TAMPER

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "hardware.md"


FACE_M = 0.15
"""Metres: how wide a face is."""

DISTANCES_M = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0)


@dataclass(frozen=True, slots=True)
class Lens:
    """A camera and what it sees.

    Attributes:
        name: As sold.
        degrees: Horizontal angle of view.
    """

    name: str
    degrees: float

    def face_px(self, distance_m: float, width_px: int) -> float:
        """Give the width in pixels of a face in the middle of a frame ``width_px`` wide."""
        seen_m = 2 * distance_m * math.tan(math.radians(self.degrees) / 2)
        return width_px * FACE_M / seen_m


LENSES = (
    Lens("Camera Module 3", 66.0),
    Lens("Camera Module 3 Wide", 102.0),
    Lens("Camera Module 2", 62.2),
    Lens("HQ Camera, 6 mm", 2 * math.degrees(math.atan(6.287 / 2 / 6))),
    Lens("HQ Camera, 16 mm", 2 * math.degrees(math.atan(6.287 / 2 / 16))),
)


def pin_table() -> str:
    """Give the table of pins."""
    rows = [
        ("green lamp", PINS.green, "out", "1 kΩ, then the missing-pulse circuit"),
        ("amber lamp", PINS.amber, "out", "220 Ω to the gate, 10 kΩ from the gate **to 3.3 V**"),
        ("red lamp", PINS.red, "out", "220 Ω to the gate, 10 kΩ from the gate to ground"),
        ("buzzer", PINS.buzzer, "out", "220 Ω to the gate, 10 kΩ from the gate to ground"),
        ("acknowledge button", PINS.acknowledge, "in", "button to ground, pulled up inside"),
        ("test button", PINS.test, "in", "button to ground, pulled up inside"),
        ("tamper switch, if fitted", TAMPER, "in", "switch to ground, shut while the lid is on"),
    ]
    lines = [f"| {what} | {bcm} | {HEADER[bcm]} | {way} | {to} |" for what, bcm, way, to in rows]
    return "\n".join(
        ["| what | BCM | header pin | | wired to |", "| --- | --- | --- | --- | --- |", *lines]
    )


def face_table() -> str:
    """Give the table of face widths in pixels, by lens and distance."""
    heads = " | ".join(f"{distance:g} m" for distance in DISTANCES_M)
    lines = [
        f"| {lens.name}, {lens.degrees:.0f}° | {width} | "
        + " | ".join(f"{lens.face_px(distance, width):.0f}" for distance in DISTANCES_M)
        + " |"
        for lens in LENSES
        for width in (1280, 1920)
    ]
    rule = "| --- " * (2 + len(DISTANCES_M)) + "|"
    return "\n".join([f"| lens, angle of view | frame width | {heads} |", rule, *lines])


def guide(text: str) -> str:
    """Fill the tables into the text of the guide, each between its two marks."""
    for mark, table in (("pins", pin_table()), ("faces", face_table())):
        between = re.compile(f"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
        text = between.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)
    return text


if __name__ == "__main__":
    GUIDE.write_text(guide(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
