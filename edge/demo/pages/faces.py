"""Faces that belong to nobody, drawn by chance: what a list can be shown with."""

import io
import random
from typing import TypeAlias

from PIL import Image, ImageDraw

Colour: TypeAlias = tuple[int, int, int]

_GROUNDS: tuple[Colour, ...] = ((38, 52, 74), (64, 40, 52), (40, 64, 52), (70, 60, 40))
_SKINS: tuple[Colour, ...] = ((241, 205, 177), (214, 160, 122), (166, 112, 80), (104, 66, 46))
_HAIRS: tuple[Colour, ...] = ((58, 36, 26), (24, 22, 24), (150, 104, 52), (120, 120, 124))
_EYES, _WHITE, _MOUTH = (48, 62, 66), (250, 248, 244), (150, 70, 62)


def drawn_face(chance: random.Random, side: int = 200) -> bytes:
    """Draw a face as JPEG.

    Args:
        chance: Decides who it is.
        side: Pixels of width and height.
    """
    ground, skin, hair = chance.choice(_GROUNDS), chance.choice(_SKINS), chance.choice(_HAIRS)
    picture = Image.new("RGB", (320, 320), ground)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((30, 240, 290, 470), fill=_shaded(ground, 40))
    pen.rounded_rectangle((135, 205, 185, 275), 20, fill=_shaded(skin, -24))
    if chance.random() < 0.5:
        pen.rounded_rectangle((84, 96, 236, chance.randrange(220, 290)), 60, fill=hair)
    pen.ellipse((86, 44, 234, 210), fill=hair)
    pen.ellipse((96, 70, 224, 244), fill=skin)
    pen.pieslice((90, 40, 230, 180 + chance.randrange(-14, 14)), 185, 355, fill=hair)
    _draw_features(pen, skin, hair, chance)
    encoded = io.BytesIO()
    picture.resize((side, side)).save(encoded, "JPEG", quality=80)
    return encoded.getvalue()


def _draw_features(
    pen: ImageDraw.ImageDraw, skin: Colour, hair: Colour, chance: random.Random
) -> None:
    for x in (132, 188):
        pen.ellipse((x - 13, 143, x + 13, 159), fill=_WHITE)
        pen.ellipse((x - 6, 144, x + 6, 158), fill=_EYES)
        pen.arc((x - 20, 122, x + 20, 150), 205, 335, fill=hair, width=6)
    pen.line((160, 150, 152, 186, 166, 188), fill=_shaded(skin, -34), width=4)
    if chance.random() < 0.3:
        pen.pieslice((104, 150, 216, 250), 20, 160, fill=hair)
    pen.arc((136, 180, 184, 214), 25, 155, fill=_MOUTH, width=6)
    if chance.random() < 0.25:
        for x in (132, 188):
            pen.ellipse((x - 22, 132, x + 22, 170), outline=_EYES, width=4)
        pen.line((154, 148, 166, 148), fill=_EYES, width=4)


def _shaded(colour: Colour, by: int) -> Colour:
    """Give a colour lighter or darker by so many steps of 255."""
    red, green, blue = (min(255, max(0, value + by)) for value in colour)
    return red, green, blue
