"""What values each channel of a network takes on real faces."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edge.vision.face import FloatArray
from edge.vision.models.graph import read_graph

Ranges = dict[bytes, FloatArray]
"""By tensor name: float32[2, C], each channel's lowest and highest value."""


def measure_ranges(content: bytes, batches: Iterable[FloatArray], share: float) -> Ranges:
    """Run the float network over faces and note what each channel does.

    Args:
        content: The float network.
        batches: Its inputs, one face each.
        share: Quantile over faces of a face's lowest and highest value: 1 keeps the extremes.

    Returns:
        The ranges of all tensors that are computed, and of the input.
    """
    seen: dict[bytes, list[FloatArray]] = defaultdict(list)
    for values in watch(content, batches):
        for name, tensor in values.items():
            rows = tensor.reshape(-1, tensor.shape[-1])
            seen[name].append(np.stack([rows.min(axis=0), rows.max(axis=0)]))
    return {name: _summary(np.stack(faces), share) for name, faces in seen.items()}


def watch(content: bytes, batches: Iterable[FloatArray]) -> Iterator[dict[bytes, FloatArray]]:
    """Run a network and give what all its tensors are, input and computed ones, batch by batch."""
    tensors = _computed(content)
    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    for batch in batches:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch)
        interpreter.invoke()
        yield {name: interpreter.get_tensor(index) for index, name in tensors.items()}


def _summary(faces: FloatArray, share: float) -> FloatArray:
    """Reduce float32[faces, 2, C] to what is kept."""
    low = np.quantile(faces[:, 0], 1 - share, axis=0)
    high = np.quantile(faces[:, 1], share, axis=0)
    return np.stack([low, high]).astype(np.float32)


def _computed(content: bytes) -> dict[int, bytes]:
    """Name the tensors that are given or computed."""
    graph = read_graph(content).subgraphs[0]
    indices = [*graph.inputs, *(i for operator in graph.operators for i in operator.outputs)]
    return {int(i): graph.tensors[i].name for i in indices}
