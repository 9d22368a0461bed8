"""All that int8 has to know of real faces, measured once and kept beside the network.

With it, somebody who has no photographs builds the int8 network again, byte for byte. Nothing of
a face can be read from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.vision.face import FloatArray
from edge.vision.models.balance import balance
from edge.vision.models.graph import read_graph, write_graph
from edge.vision.models.limits import Limits, measure_limits
from edge.vision.models.ranges import Ranges, measure_ranges

_LIMITS = "limits of "


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of one float network.

    Attributes:
        ranges: What each channel takes, before balancing.
        limits: What int8 shall cover of each tensor, after it.
    """

    ranges: Ranges
    limits: Limits


def calibrated(content: bytes, batches: Sequence[FloatArray], share: float) -> Calibration:
    """Measure a float network on faces.

    Args:
        content: The network, weights in float32.
        batches: Its inputs, one face each.
        share: Quantile over faces of a face's lowest and highest value, for balancing.
    """
    ranges = {name: _kept(r) for name, r in measure_ranges(content, batches, share).items()}
    model = read_graph(content)
    balance(model, ranges)
    return Calibration(ranges, measure_limits(write_graph(model), batches))


def write_calibration(calibration: Calibration, file: Path) -> None:
    """Keep a calibration in a NumPy archive, ranges as float16: int8 asks for no more."""
    arrays: dict[str, Any] = {
        name.decode(): r.astype(np.float16) for name, r in calibration.ranges.items()
    }
    for name, limits in calibration.limits.items():
        arrays[_LIMITS + name.decode()] = np.array(limits, dtype=np.float32)
    np.savez_compressed(file, **arrays)


def read_calibration(file: Path) -> Calibration:
    """Read what ``write_calibration`` wrote."""
    ranges, limits = {}, {}
    with np.load(file) as stored:
        for name in stored.files:
            if name.startswith(_LIMITS):
                low, high = (float(each) for each in stored[name])
                limits[name.removeprefix(_LIMITS).encode()] = (low, high)
            else:
                ranges[name.encode()] = stored[name].astype(np.float32)
    return Calibration(ranges, limits)


def _kept(span: FloatArray) -> FloatArray:
    """Give a range as it comes back from the archive."""
    return span.astype(np.float16).astype(np.float32)
