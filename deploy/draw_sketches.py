"""Draw the header and the doorway of hardware.md: ``python deploy/draw_sketches.py``.

Pin numbers come from the configuration's defaults, the reach of the lens from its angle.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from draw_wiring import HEADER, PINS, TAMPER
from hardware_tables import FACE_M, LENSES

COLOURS = {
    "green": "#2e9e4f",
    "amber": "#e08a00",
    "red": "#d43a3a",
    "buzzer": "#7a4fc4",
    "acknowledge": "#2873c7",
    "test": "#2873c7",
    "tamper": "#2873c7",
}
GROUND, SUPPLY, UNUSED = "#333333", "#b4532a", "#d8d8d8"
GROUNDS = (6, 9, 14, 20, 25, 30, 34, 39)
SUPPLIES = {1: "3.3 V", 17: "3.3 V", 2: "5 V", 4: "5 V"}

CAMERA_M, TILT_DEGREES = 1.85, 8.0
"""Height of the camera above the floor and how far it looks down."""

FEWEST_PX, GOOD_PX, FRAME_PX = 64, 100, 1280
"""Width of a face that counts, of one that is compared well, and of the frame."""

SCALE = 170
"""Pixels of the sketch to a metre."""

CEILING, FLOOR, FAR_M = 40.0, 420.0, 5.3
"""Where the sketch of the doorway ends: two heights in its pixels, and a distance."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody in the sketch.

    Attributes:
        at_m: Distance from the camera.
        tall_m: Height.
        words: What is written above.
    """

    at_m: float
    tall_m: float
    words: str


class Sheet:
    """An SVG drawing that grows."""

    def __init__(self, width: int, height: int, title: str) -> None:
        """Begin a white sheet."""
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
            "<style>text { font: 13px sans-serif }</style>",
            f"<title>{title}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
        ]

    def text(self, x: float, y: float, words: str, *, anchor: str = "middle") -> None:
        """Write ``words`` with their middle, start or end at x, y."""
        self._parts.append(f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>')

    def line(self, *points: tuple[float, float], dashed: bool = False) -> None:
        """Draw a line from point to point."""
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="#333"{dashes}/>')

    def area(self, colour: str, *points: tuple[float, float]) -> None:
        """Fill the area between points."""
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        self._parts.append(f'<polygon points="{path}" fill="{colour}"/>')

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """Draw a disc."""
        self._parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{colour}"/>')

    def svg(self) -> str:
        """Give the finished drawing."""
        return "\n".join([*self._parts, "</svg>", ""])


def header() -> str:
    """Draw the 40 pins of the header as seen from above, the used ones in colour."""
    sheet = Sheet(560, 500, "The header of a Raspberry Pi, from above")
    sheet.text(280, 24, "USB sockets below, edge of the board on the right")
    used = {HEADER[getattr(PINS, name)]: name for name in COLOURS if name != "tamper"}
    used[HEADER[TAMPER]] = "tamper"
    for number in range(1, 41):
        left = number % 2 == 1
        x, y = (265 if left else 295), 52 + (number - 1) // 2 * 22
        name = used.get(number)
        sheet.disc(x, y, 9, _colour(number, name))
        words = _label(number, name)
        if words:
            sheet.text(x + (-18 if left else 18), y + 4.5, words, anchor="end" if left else "start")
    return sheet.svg()


def _colour(number: int, name: str | None) -> str:
    if name:
        return COLOURS[name]
    if number in GROUNDS:
        return GROUND
    return SUPPLY if number in SUPPLIES else UNUSED


def _label(number: int, name: str | None) -> str:
    if name:
        bcm = {pin: bcm for bcm, pin in HEADER.items()}[number]
        return f"{name}, pin {number} (BCM {bcm})"
    if number in GROUNDS:
        return f"ground, {number}"
    return f"{SUPPLIES[number]}, {number}" if number in SUPPLIES else ""


def doorway() -> str:
    """Draw the doorway from the side: camera, its view, and where faces are large enough."""
    lens = LENSES[0]
    sheet = Sheet(1000, 480, "Where to put the camera, from the side")
    camera_x = 70.0
    camera_y = FLOOR - CAMERA_M * SCALE
    good, fewest = (_reach_m(lens.degrees, px) for px in (GOOD_PX, FEWEST_PX))
    _stripes(sheet, camera_x, (good, fewest))
    _view(sheet, (camera_x, camera_y), lens.degrees)
    sheet.line((30, FLOOR), (980, FLOOR))
    sheet.line((camera_x - 14, FLOOR), (camera_x - 14, camera_y - 20))
    sheet.area("#222", *_box(camera_x, camera_y))
    words = f"camera at {CAMERA_M} m, {TILT_DEGREES:g}° down"
    sheet.text(camera_x - 14, camera_y - 28, words, anchor="start")
    for one in (
        Standing(1.2, 1.75, "people stop here"),
        Standing((good + fewest) / 2, 1.6, "found, compared worse"),
        Standing(fewest + 1.2, 1.85, "too small"),
    ):
        _person(sheet, camera_x, one)
    sheet.text(980, 24, f"{lens.name}, {lens.degrees:.0f}°, {FRAME_PX} pixels across", anchor="end")
    return sheet.svg()


def _reach_m(degrees: float, face_px: int) -> float:
    """Give the distance at which a face is ``face_px`` wide."""
    return FRAME_PX * FACE_M / (face_px * 2 * math.tan(math.radians(degrees) / 2))


def _stripes(sheet: Sheet, x: float, reach_m: tuple[float, float]) -> None:
    """Colour the floor by how large a face is there."""
    edges = (0.0, *reach_m, FAR_M)
    words = ("100 pixels and more", "64 to 100", "below 64")
    colours = ("#cfeed6", "#fdeccb", "#f3d3d3")
    for begin, end, colour, said in zip(edges, edges[1:], colours, words, strict=False):
        left, right = x + begin * SCALE, x + end * SCALE
        sheet.area(colour, (left, FLOOR), (right, FLOOR), (right, FLOOR + 22), (left, FLOOR + 22))
        sheet.text((left + right) / 2, FLOOR + 16, said)
        if end < FAR_M:
            sheet.text(right, FLOOR + 40, f"{end:.1f} m")


def _view(sheet: Sheet, eye: tuple[float, float], degrees: float) -> None:
    """Draw what the camera sees, in a picture of nine to sixteen."""
    half = math.degrees(math.atan(math.tan(math.radians(degrees / 2)) * 9 / 16))
    for turn, edge in ((-half, CEILING), (half, FLOOR)):
        steep = math.tan(math.radians(TILT_DEGREES + turn))
        sheet.line(eye, (eye[0] + (edge - eye[1]) / steep, edge), dashed=True)


def _box(x: float, y: float) -> list[tuple[float, float]]:
    return [(x - 14, y - 9), (x + 8, y - 9), (x + 8, y + 9), (x - 14, y + 9)]


def _person(sheet: Sheet, camera_x: float, one: Standing) -> None:
    x, head = camera_x + one.at_m * SCALE, FLOOR - (one.tall_m - 0.12) * SCALE
    sheet.disc(x, head, 0.12 * SCALE, "#8a8f98")
    half = 0.2 * SCALE
    top = head + 0.14 * SCALE
    feet = half * 0.6
    sheet.area("#b9bdc4", (x - half, top), (x + half, top), (x + feet, FLOOR), (x - feet, FLOOR))
    sheet.text(x, head - 0.19 * SCALE, one.words)


DRAWINGS = {"header.svg": header, "doorway.svg": doorway}
"""What this script draws, by file name."""

if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        Path(__file__).with_name(name).write_text(draw(), encoding="utf-8")
