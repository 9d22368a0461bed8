"""Draw deploy/wiring.svg and fill in the tables of hardware.md: ``python deploy/draw_hardware.py``.

Pin numbers come from the configuration's defaults, face sizes from lens and resolution.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from edge.config import Indicator

ROOT = Path(__file__).parents[1]
DRAWING = ROOT / "deploy" / "wiring.svg"
GUIDE = ROOT / "hardware.md"

PINS = Indicator()
HEADER = {17: 11, 27: 13, 22: 15, 23: 16, 24: 18, 25: 22}
"""BCM number to the pin of the 40-pin header."""

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


class Sheet:
    """An SVG drawing that grows."""

    def __init__(self, width: int, height: int) -> None:
        """Begin a white sheet."""
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
            "<style>text { font: 13px sans-serif }</style>",
            "<title>Wiring of a Doorwatch unit</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
        ]

    def text(self, x: float, y: float, words: str, *, anchor: str = "middle") -> None:
        """Write ``words`` with their middle or start at x, y."""
        self._parts.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>')

    def wire(self, *points: tuple[float, float]) -> None:
        """Draw a wire from point to point."""
        path = " ".join(f"{x},{y}" for x, y in points)
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="black"/>')

    def dot(self, x: float, y: float) -> None:
        """Draw a junction."""
        self._parts.append(f'<circle cx="{x}" cy="{y}" r="3"/>')

    def part(self, x: float, y: float, words: str, *, width: float = 76) -> None:
        """Draw a part as a labelled box with its middle at x, y."""
        self._parts.append(
            f'<rect x="{x - width / 2}" y="{y - 13}" width="{width}" height="26" '
            'fill="#f4f4f4" stroke="black"/>'
        )
        self.text(x, y + 4.5, words)

    def ground(self, x: float, y: float) -> None:
        """Draw ground below x, y."""
        self.wire((x, y), (x, y + 8))
        for step, half in enumerate((10, 6, 2)):
            self.wire((x - half, y + 8 + 4 * step), (x + half, y + 8 + 4 * step))

    def svg(self) -> str:
        """Give the finished drawing."""
        return "\n".join([*self._parts, "</svg>", ""])


def drawing() -> str:
    """Draw the whole wiring: four outputs, two buttons."""
    sheet = Sheet(1000, 690)
    sheet.text(20, 30, "Raspberry Pi header", anchor="start")
    sheet.text(980, 30, "grounds of Pi and 12 V supply joined; 1 A fuse in the +12 V", anchor="end")
    sheet.text(450, 62, "missing-pulse circuit: only edges get through")
    _green(sheet, 90)
    _switched(sheet, 230, "red", "red lamp")
    _switched(sheet, 400, "amber", "amber lamp")
    _switched(sheet, 480, "buzzer", "sounder + 1N4007")
    _button(sheet, 590, "acknowledge")
    _button(sheet, 650, "test")
    return sheet.svg()


def _pin(sheet: Sheet, y: float, name: str) -> None:
    bcm = getattr(PINS, name)
    sheet.part(130, y, f"{name}: BCM {bcm}, pin {HEADER[bcm]}", width=220)


def _transistor(sheet: Sheet, y: float, gate_x: float, kind: str, load: str) -> None:
    """Draw a low-side switch whose gate is reached at ``gate_x``, and its load."""
    sheet.wire((gate_x, y), (700, y))
    sheet.part(740, y, kind, width=86)
    sheet.ground(740, y + 13)
    sheet.wire((783, y), (800, y))
    sheet.part(865, y, load, width=130)
    sheet.wire((930, y), (945, y))
    sheet.text(970, y + 4.5, "+12 V")


def _switched(sheet: Sheet, y: float, name: str, load: str) -> None:
    _pin(sheet, y, name)
    sheet.wire((240, y), (322, y))
    sheet.part(360, y, "220 Ω")
    sheet.dot(540, y)
    sheet.wire((398, y), (540, y))
    if name == "amber":
        sheet.wire((540, y), (540, y - 27))
        sheet.part(540, y - 40, "10 kΩ")
        sheet.wire((540, y - 53), (540, y - 62))
        sheet.text(540, y - 67, "3.3 V (pin 17): lit unless the unit says otherwise")
    else:
        sheet.wire((540, y), (540, y + 27))
        sheet.part(540, y + 40, "10 kΩ")
        sheet.ground(540, y + 53)
    _transistor(sheet, y, 540, "IRLZ44N", load)


def _green(sheet: Sheet, y: float) -> None:
    """Draw the missing-pulse circuit: only edges get through to the gate."""
    _pin(sheet, y, "green")
    sheet.wire((240, y), (262, y))
    sheet.part(300, y, "1 kΩ")
    sheet.wire((338, y), (352, y))
    sheet.part(390, y, "1 µF")
    sheet.wire((428, y), (482, y))
    sheet.part(520, y, "1N4148 →")
    sheet.wire((558, y), (700, y))
    sheet.dot(450, y)
    sheet.wire((450, y), (450, y + 27))
    sheet.part(450, y + 40, "BAT85 ↑")
    sheet.ground(450, y + 53)
    for x, words in ((580, "470 kΩ"), (665, "470 nF")):
        sheet.dot(x, y)
        sheet.wire((x, y), (x, y + 27))
        sheet.part(x, y + 40, words)
        sheet.ground(x, y + 53)
    _transistor(sheet, y, 690, "AO3400A", "green lamp")


def _button(sheet: Sheet, y: float, name: str) -> None:
    _pin(sheet, y, name)
    sheet.wire((240, y), (322, y))
    sheet.part(360, y, "button")
    sheet.wire((398, y), (450, y))
    sheet.ground(450, y)


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
    GUIDE.write_text(guide(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
