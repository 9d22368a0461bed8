"""A door that a camera made of files sees: noisy pictures of a striped wall, and nobody."""

from pathlib import Path

import cv2
import numpy as np

from edge.config import Config


def door_of_stripes(folder: Path, *, fps: int) -> Config:
    """Draw the pictures below a folder, and give the configuration of a unit that looks at them."""
    pictures = folder / "frames"
    pictures.mkdir()
    rng = np.random.default_rng(1)
    stripes = np.tile([60, 60, 60, 60, 160, 160, 160, 160], 40)[None, :, None]
    for index in range(4):
        picture = np.clip(stripes + rng.normal(0, 5, (180, 320, 3)), 0, 255).astype(np.uint8)
        cv2.imwrite(str(pictures / f"{index}.png"), picture)
    text = f"[camera]\nsource = 'folder:{pictures}'\nloop = true\nfps = {fps}\n"
    return Config.parse(text + f"[paths]\nstate = '{folder / 'state'}'\n", Path("door.toml"))
