"""Draw deploy/wiring.svg, the unit's circuit, by schemdraw: ``python deploy/draw_wiring.py``.

Pin numbers come from the configuration's defaults.
"""

import re
from pathlib import Path

import schemdraw
from schemdraw import elements as elm

from edge.config import Indicator

PINS = Indicator()
HEADER = {17: 11, 27: 13, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37}
"""BCM number to the pin of the 40-pin header."""

TAMPER = 26
"""BCM number that the tamper switch is drawn at; the configuration leaves it out by default."""

GROUNDS = "grounds of the Pi and of the 12 V supply joined at one point; 1 A fuse in the +12 V"

GATE_X, BUTTON_X = 11.0, 4.4
DOWN, LOAD = 1.8, 3.2
MARGIN = 24


def drawing() -> str:
    """Draw the whole wiring: four outputs, two buttons, the tamper switch."""
    schemdraw.use("svg")
    schemdraw.svgconfig.text = "text"
    sheet = schemdraw.Drawing(show=False, fontsize=12, unit=2.2, font="sans-serif")
    sheet.config(bgcolor="white")
    _green(sheet, 0.0)
    _switched(sheet, -4.6, "red", _lamp("red lamp"))
    _switched(sheet, -10.0, "amber", _lamp("amber lamp"))
    _switched(sheet, -14.6, "buzzer", elm.RBox().label("sounder", "bottom"))
    _input(sheet, -18.6, f"acknowledge: {_pin(PINS.acknowledge)}", elm.Button())
    _input(sheet, -20.3, f"test: {_pin(PINS.test)}", elm.Button())
    sheet.add(elm.Label().at((9.6, 3.4)).label(GROUNDS, "left"))
    lid = elm.SwitchReed().label("shut while the lid is on", "right", ofst=(0.8, 0))
    _input(sheet, -22.0, f"tamper: {_pin(TAMPER)}", lid)
    return _framed(sheet.get_imagedata("svg").decode())


def _pin(bcm: int) -> str:
    return f"BCM {bcm}, pin {HEADER[bcm]}"


def _lamp(words: str) -> elm.Element2Term:
    return elm.Lamp().label(words)


def _enter(sheet: schemdraw.Drawing, y: float, words: str) -> None:
    """Begin a row at the header, with its name on the left."""
    sheet.add(elm.Line().at((0, y)).right().length(0.8).label(words, "left"))


def _hang(sheet: schemdraw.Drawing, part: elm.Element2Term, words: str) -> None:
    """Hang a part between here and ground, and come back."""
    sheet.add(elm.Dot())
    sheet.push()
    sheet.add(part.down().length(DOWN).label(words, "bottom"))
    sheet.add(elm.Ground())
    sheet.pop()


def _switch(sheet: schemdraw.Drawing, kind: str, load: elm.Element2Term) -> None:
    """Draw the transistor between load and ground whose gate is reached from here."""
    sheet.add(elm.Line().tox(GATE_X))
    transistor = sheet.add(elm.AnalogNFet().theta(0).reverse().anchor("gate"))
    sheet.add(elm.Ground().at(transistor.source))
    sheet.add(
        elm.Label().at((transistor.source[0] + 0.25, transistor.source[1])).label(kind, "right")
    )
    sheet.add(elm.Line().at(transistor.drain).up().length(0.3))
    sheet.push()
    sheet.add(load.right().length(LOAD))
    sheet.add(elm.Dot(open=True).label("+12 V", "right"))
    sheet.pop()


def _switched(sheet: schemdraw.Drawing, y: float, name: str, load: elm.Element2Term) -> None:
    """Draw a lamp or the sounder; amber's gate is pulled up, the others' down."""
    _enter(sheet, y, f"{name}: {_pin(getattr(PINS, name))}")
    sheet.add(elm.ResistorIEC().right().length(2.4).label("220 Ω"))
    sheet.add(elm.Line().right().length(2))
    if name == "amber":
        sheet.add(elm.Dot())
        sheet.push()
        sheet.add(elm.ResistorIEC().up().length(DOWN).label("10 kΩ", "bottom"))
        sheet.add(elm.Vdd().label("3.3 V, pin 17: lit unless the unit says otherwise"))
        sheet.pop()
    else:
        _hang(sheet, elm.ResistorIEC(), "10 kΩ")
    _switch(sheet, "IRLZ44N", load)
    if name == "buzzer":
        sheet.add(elm.Line().up().length(0.9))
        sheet.add(elm.Diode().right().length(LOAD).label("1N4007"))
        sheet.add(elm.Line().down().length(0.9))


def _green(sheet: schemdraw.Drawing, y: float) -> None:
    """Draw the missing-pulse circuit: only edges get through to the gate."""
    _enter(sheet, y, f"green: {_pin(PINS.green)}")
    sheet.add(elm.Label().at((4.5, y + 1.2)).label("missing-pulse circuit: only edges get through"))
    sheet.add(elm.ResistorIEC().right().length(2).label("1 kΩ"))
    sheet.add(elm.Capacitor().right().length(1.6).label("1 µF"))
    _hang(sheet, elm.Schottky().reverse(), "BAT85")
    sheet.add(elm.Diode().right().length(2).label("1N4148"))
    _hang(sheet, elm.ResistorIEC(), "470 kΩ")
    sheet.add(elm.Line().right().length(2))
    _hang(sheet, elm.Capacitor(), "470 nF")
    _switch(sheet, "AO3400A", _lamp("green lamp"))


def _input(sheet: schemdraw.Drawing, y: float, words: str, part: elm.Element2Term) -> None:
    _enter(sheet, y, words)
    sheet.add(elm.Line().tox(BUTTON_X - 1.6))
    sheet.add(part.right().length(1.6))
    sheet.add(elm.Line().right().length(0.5))
    sheet.add(elm.Ground())


def _framed(svg: str) -> str:
    """Widen the picture to the left and right, where it does not count the words' width."""
    x, y, width, height = (float(n) for n in re.findall(r'viewBox="([^"]+)"', svg)[0].split())
    left, right = 70, 110
    box = f"{x - left:.0f} {y - MARGIN:.0f} {width + left + right:.0f} {height + 2 * MARGIN:.0f}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="en" viewBox="{box}">'
    corner = (round(x - left), round(y - MARGIN))
    ground = f'<rect x="{corner[0]}" y="{corner[1]}" width="100%" height="100%" fill="white"/>'
    title = "<title>Wiring of a Doorwatch unit</title>"
    parts = re.sub(r"^.*?<svg[^>]*>", "", svg, flags=re.DOTALL).replace("><", ">\n<")
    return f"{head}\n{title}\n{ground}\n{parts}\n"


DRAWINGS = {"wiring.svg": drawing}
"""What this script draws, by file name."""

if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        Path(__file__).with_name(name).write_text(draw(), encoding="utf-8")
