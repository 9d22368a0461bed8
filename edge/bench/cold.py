"""A cold start: a fresh process loads networks and a full gallery, and screens one frame.

``python -m edge.bench.cold PHOTO`` prints the moment on the machine's monotonic clock at which
the frame was screened, and the resident memory by then in KiB.
"""

import sys
import time
from pathlib import Path

import cv2
import numpy as np

from edge.alerts import AlertBook
from edge.bench.frames import SIZE
from edge.bench.gallery import ENTRIES, TEMPLATES, index_of
from edge.capture.source import Frame
from edge.decision import Rules
from edge.photo import read_photo
from edge.pipeline import InForce, Screening
from edge.vision import load_engine
from edge.vision.track import Tracker


def screen_once(photo: Path) -> str:
    """Do what the engine process does until its first frame is screened; say when and how large."""
    pixels = np.asarray(cv2.resize(read_photo(photo), SIZE), np.uint8)
    engine = load_engine()
    index = index_of(ENTRIES, TEMPLATES, engine.dimension, engine.model_id)
    screening = Screening(engine.watch(), Tracker(), AlertBook(0.0))
    screening.screen(Frame(pixels, 0.0, 0), InForce(Rules(0.9, 0.9), index), frozenset())
    return f"{time.monotonic()} {resident_kib()}"


def resident_kib(status: Path = Path("/proc/self/status")) -> int:
    """Read how much memory of this process is resident, in KiB."""
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1])


if __name__ == "__main__":
    sys.stdout.write(screen_once(Path(sys.argv[1])))
