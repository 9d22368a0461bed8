from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

MakeClip = Callable[..., Path]


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """Write a clip whose frames are told apart by their brightness."""

    def made(frames: int = 6, fps: float = 20.0, name: str = "clip.avi") -> Path:
        path = tmp_path / name
        codec = cv2.VideoWriter.fourcc(*"MJPG")
        writer = cv2.VideoWriter(str(path), codec, fps, (64, 48))
        for index in range(frames):
            writer.write(np.full((48, 64, 3), (0, 0, 30 * index), np.uint8))
        writer.release()
        return path

    return made
