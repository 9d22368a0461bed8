"""The embedder that ships: built of what lies beside it, fit for the Edge TPU, and in float."""

import hashlib
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from edge.vision.face import FloatArray
from edge.vision.models.build import CALIBRATION, float_embedder, float_kernels, full_int8
from edge.vision.models.calibration import read_calibration
from edge.vision.models.card import FOLDER, read_card, read_network
from edge.vision.models.delta import rebuilt
from edge.vision.models.edgetpu import unmapped
from edge.vision.models.graph import operator_names, read_graph

MOST = 4_000_000
"""Bytes that all networks of a unit may have together."""


@pytest.fixture(scope="module")
def shipped() -> bytes:
    card = read_card("embed")
    return read_network(FOLDER / card.file, card.sha256)


@pytest.fixture
def scenes() -> FloatArray:
    """Give coarse patterns, float32[6, 1, 112, 112, 3], as the int8 card wants them."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (6, 1, 14, 14, 3)).repeat(8, 2).repeat(8, 3)
    return ((coarse - 128) / 128).astype(np.float32)


def test_the_int8_embedder_is_what_the_build_makes_of_the_float_one(shipped: bytes) -> None:
    made = full_int8(float_embedder(), read_calibration(CALIBRATION))
    assert hashlib.sha256(made).hexdigest() == hashlib.sha256(shipped).hexdigest()
    delta = hashlib.sha256(float_kernels(shipped)).hexdigest()
    assert delta == read_card("embed").float_kernels_sha256


def test_the_edge_tpu_would_run_every_operator_of_the_embedder(shipped: bytes) -> None:
    assert unmapped(shipped) == []
    assert operator_names(read_graph(shipped)).count("CONV_2D") == 33


def test_float_kernels_answer_as_int8_ones(
    shipped: bytes, scenes: FloatArray, run: Callable[[Any, Any], FloatArray]
) -> None:
    real = rebuilt(shipped, (FOLDER / "embed_float.delta").read_bytes())
    assert (cosines(run(real, scenes), run(shipped, np.rint(scenes * 128))) > 0.94).all()


def test_the_older_library_runs_the_float_kernels(shipped: bytes, scenes: FloatArray) -> None:
    library = pytest.importorskip(
        "tflite_runtime.interpreter",
        reason="tflite-runtime is not installed, or not for this NumPy",
        exc_type=ImportError,
    )
    ours = importlib.import_module("ai_edge_litert.interpreter")
    real = rebuilt(shipped, (FOLDER / "embed_float.delta").read_bytes())
    answers = []
    for each in (library, ours):
        interpreter = each.Interpreter(model_content=real, num_threads=1)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], scenes[0])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    assert np.allclose(*answers, rtol=1e-3, atol=1e-3)


def test_the_networks_of_a_unit_are_small() -> None:
    kept = [file for file in FOLDER.iterdir() if file.suffix in {".tflite", ".delta", ".npz"}]
    yardsticks = {"embed-float.tflite", CALIBRATION.name}
    assert sum(file.stat().st_size for file in kept if file.name not in yardsticks) <= MOST


def cosines(one: FloatArray, other: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / lengths, dtype=np.float32)
