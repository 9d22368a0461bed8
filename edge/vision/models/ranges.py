"""What values each channel of a network takes on real faces: the numbers that int8 needs.

They are kept in a file beside the network, so that the int8 network can be built again, byte
for byte, by somebody who has no photographs. Nothing of a face can be read from them.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edge.vision.face import FloatArray
from edge.vision.models.graph import read_graph

Ranges = dict[bytes, FloatArray]
"""By tensor name: float32[3, C], each channel's lowest, highest and mean value."""


def measure_ranges(content: bytes, batches: Iterable[FloatArray], share: float) -> Ranges:
    """Run the float network over faces and note what each channel does.

    Args:
        content: The float network.
        batches: Its inputs, one face each.
        share: Quantile over faces of a face's lowest and highest value: 1 keeps the extremes.

    Returns:
        The ranges of all tensors that are computed, and of the input.
    """
    tensors = _computed(content)
    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    seen: dict[bytes, list[FloatArray]] = defaultdict(list)
    for batch in batches:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch)
        interpreter.invoke()
        for index, name in tensors.items():
            values = interpreter.get_tensor(index)
            rows = values.reshape(-1, values.shape[-1])
            seen[name].append(np.stack([rows.min(axis=0), rows.max(axis=0), rows.mean(axis=0)]))
    return {name: _summary(np.stack(faces), share) for name, faces in seen.items()}


def write_ranges(ranges: Ranges, file: Path) -> None:
    """Keep ranges in a NumPy archive, as float16: they need not be finer than int8."""
    halves: dict[str, Any] = {name.decode(): r.astype(np.float16) for name, r in ranges.items()}
    np.savez_compressed(file, **halves)


def read_ranges(file: Path) -> Ranges:
    """Read what ``write_ranges`` wrote."""
    with np.load(file) as stored:
        return {name.encode(): stored[name].astype(np.float32) for name in stored.files}


def _summary(faces: FloatArray, share: float) -> FloatArray:
    """Reduce float32[faces, 3, C] to what is kept."""
    low = np.quantile(faces[:, 0], 1 - share, axis=0)
    high = np.quantile(faces[:, 1], share, axis=0)
    return np.stack([low, high, faces[:, 2].mean(axis=0)]).astype(np.float32)


def _computed(content: bytes) -> dict[int, bytes]:
    """Name the tensors that are given or computed."""
    graph = read_graph(content).subgraphs[0]
    indices = [*graph.inputs, *(i for operator in graph.operators for i in operator.outputs)]
    return {int(i): graph.tensors[i].name for i in indices}
