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
from edge.vision.models.gathering import split_gathering
from edge.vision.models.graph import read_graph, write_graph
from edge.vision.models.ranges import Ranges, measure_ranges
from edge.vision.models.survey import Survey, survey

_MEANS, _LIMITS = "means of ", "limits of "


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of one float network.

    Attributes:
        ranges: What each channel takes, which tells how to balance the network.
        survey: What int8 has to know of its tensors, once it is balanced and split.
    """

    ranges: Ranges
    survey: Survey


def calibrated(content: bytes, batches: Sequence[FloatArray], share: float) -> Calibration:
    """Measure a float network on faces.

    Args:
        content: The network, weights in float32.
        batches: Its inputs, one face each.
        share: Quantile over faces of a face's lowest and highest value, for balancing.
    """
    measured = measure_ranges(content, batches, share)
    ranges = {name: r.astype(np.float16).astype(np.float32) for name, r in measured.items()}
    return Calibration(ranges, survey(write_graph(made_ready(content, ranges)), batches))


def made_ready(content: bytes, ranges: Ranges) -> Any:
    """Balance and split a network, so that int8 costs little accuracy and time."""
    model = read_graph(content)
    balance(model, ranges)
    split_gathering(model)
    return model


def write_calibration(calibration: Calibration, file: Path) -> None:
    """Keep a calibration in a NumPy archive, mostly as float16: int8 asks for no more."""
    arrays: dict[str, Any] = {
        name.decode(): r.astype(np.float16) for name, r in calibration.ranges.items()
    }
    for name, means in calibration.survey.means.items():
        arrays[_MEANS + name.decode()] = means.astype(np.float16)
    for name, limits in calibration.survey.limits.items():
        arrays[_LIMITS + name.decode()] = np.array(limits, dtype=np.float32)
    np.savez_compressed(file, **arrays)


def read_calibration(file: Path) -> Calibration:
    """Read what ``write_calibration`` wrote."""
    kept = Calibration({}, Survey({}, {}))
    with np.load(file) as stored:
        for name in stored.files:
            values = stored[name].astype(np.float32)
            if name.startswith(_LIMITS):
                limits = (float(values[0]), float(values[1]))
                kept.survey.limits[name.removeprefix(_LIMITS).encode()] = limits
            elif name.startswith(_MEANS):
                kept.survey.means[name.removeprefix(_MEANS).encode()] = values
            else:
                kept.ranges[name.encode()] = values
    return kept
