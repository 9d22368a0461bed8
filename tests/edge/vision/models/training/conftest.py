"""The source itself, and the drawn network with slopes as wild as the source's, folded."""

from typing import Any

import numpy as np
import pytest

from edge.vision.models.card import FOLDER
from edge.vision.models.constants import numbers, store
from edge.vision.models.folding import fold_linear, fold_prelu
from edge.vision.models.graph import (
    drop_unused,
    operator_names,
    read_graph,
    store_as_float32,
    take_one_image,
    write_graph,
)


@pytest.fixture
def wild(drawn: Any) -> Any:
    """Give the drawn network, folded, with PRELU slopes of both signs and beyond 1."""
    rng = np.random.default_rng(8)
    take_one_image(drawn)
    fold_prelu(drawn)
    fold_linear(drawn)
    drop_unused(drawn)
    for operator, name in zip(drawn.subgraphs[0].operators, operator_names(drawn), strict=True):
        if name == "PRELU":
            shape = numbers(drawn, operator.inputs[1]).shape
            slopes = rng.choice([-1, 1], shape) * np.exp(rng.normal(-0.3, 0.6, shape))
            store(drawn, operator.inputs[1], slopes.astype(np.float32))
    return drawn


@pytest.fixture(scope="session")
def source() -> bytes:
    """Give the source network as it is published, folded, with float32 weights."""
    model = read_graph((FOLDER / "embed-float.tflite").read_bytes())
    store_as_float32(model)
    drop_unused(model)
    return write_graph(model)
