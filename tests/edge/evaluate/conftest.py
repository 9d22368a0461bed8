"""Painted people, and an engine that tells them apart by their colour."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.vision.face import Face, Image, Quality

GROUND = 128
SIDE = 120


class PaintedEngine:
    """Finds the square that is unlike the rim of the picture; how it differs is the template."""

    model_id, dimension = "painted-0", 16

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        smooth = cv2.blur(rgb, (5, 5)).astype(float)
        ground = np.median(smooth[:4], axis=(0, 1))
        apart = self.apart(smooth, ground)
        y, x = np.nonzero(apart)
        if len(x) < 20:
            return []
        box = (float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1))
        colour = np.zeros(16, np.float32)
        colour[:3] = smooth[apart].mean(axis=0) - ground
        template = colour / np.linalg.norm(colour) if embed else None
        return [Face(box, np.zeros((5, 2), np.float32), 0.9, Quality(0.9), template)]

    def apart(self, smooth: np.ndarray, ground: np.ndarray) -> np.ndarray:
        return np.abs(smooth - ground).max(axis=2) > 0.4 * ground.max()


class PureColourEngine(PaintedEngine):
    """Finds only pure colours, which no blurred ground has."""

    def apart(self, smooth: np.ndarray, ground: np.ndarray) -> np.ndarray:
        return ((smooth < 20) | (smooth > 235)).all(axis=2)


def painted(number: int) -> Image:
    """Paint somebody: one of eight colours."""
    picture = np.full((SIDE, SIDE, 3), GROUND, np.uint8)
    colour = [255 if number >> bit & 1 else 0 for bit in range(3)]
    picture[40:80, 40:80] = colour
    return picture


@pytest.fixture
def engine() -> PaintedEngine:
    return PaintedEngine()


@pytest.fixture
def sharp_engine() -> PureColourEngine:
    return PureColourEngine()


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., Path]:
    """Paint a folder of people, so many photographs each."""

    def paint(name: str, *, images: dict[int, int]) -> Path:
        for person, count in images.items():
            folder = tmp_path / name / f"{person:02}"
            folder.mkdir(parents=True)
            for number in range(count):
                cv2.imwrite(str(folder / f"{number}.png"), painted(person)[..., ::-1])
        return tmp_path / name

    return paint
