"""Draw the icons under which the door's page is installed: ``python deploy/draw_icons.py``.

The same sign as ``icon.svg``, in the sizes that phones ask for. A maskable icon fills its square,
for phones that cut it into a shape of their own.
"""

from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).parents[1] / "edge" / "staff" / "static"
PLATE, CASE = "#222b37", "#0a0c10"
RED, AMBER, GREEN = "#ff4d4f", "#ffb224", "#2fdc74"
SVG_SIDE = 64
SHARPER = 4
"""Drawn so many times larger, then made smaller: Pillow draws without smooth edges."""


def icon(side: int, *, mask: bool = False) -> Image.Image:
    """Draw the sign, ``side`` pixels wide and high."""
    whole = side * SHARPER
    picture = Image.new("RGBA", (whole, whole), (0, 0, 0, 0))
    pen, scale = ImageDraw.Draw(picture), whole / SVG_SIDE
    shrink = 0.72 if mask else 1.0  # what a phone may cut off lies outside of 80 %

    def at(*points: float) -> list[float]:
        middle = SVG_SIDE / 2
        return [((point - middle) * shrink + middle) * scale for point in points]

    corner = 0 if mask else 15 * scale
    pen.rounded_rectangle((0, 0, whole, whole), corner, fill=PLATE)
    pen.rounded_rectangle(at(17, 7, 47, 57), 15 * scale * shrink, fill=CASE)
    octagon = (29.5, 11.6, 34.5, 11.6, 38.1, 15.2, 38.1, 20.2, 34.5, 23.8, 29.5, 23.8)
    pen.polygon(at(*octagon, 25.9, 20.2, 25.9, 15.2), fill=RED)
    pen.polygon(at(32, 25.6, 38.6, 37.2, 25.4, 37.2), fill=AMBER)
    pen.ellipse(at(25.8, 39.8, 38.2, 52.2), fill=GREEN)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    """Write the four files."""
    for side in (180, 192, 512):
        icon(side).save(STATIC / f"icon-{side}.png", optimize=True)
    icon(512, mask=True).save(STATIC / "icon-mask-512.png", optimize=True)


if __name__ == "__main__":
    main()
