"""Opening networks: the right bytes, the right device, the right library."""

import hashlib
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge import runtime
from edge.errors import ModelError
from edge.runtime import Network, open_network
from edge.vision.models.card import FOLDER, read_card
from edge.vision.models.delta import difference

ROLES = ("detect-full", "detect-short", "mesh", "embed")


class Tensors:
    """An interpreter whose tensors are whatever the test says."""

    def __init__(self, **details: Any) -> None:
        self.details: dict[str, Any] = {
            "index": 0,
            "dtype": np.float32,
            "quantization": (0.0, 0),
        } | details
        self.given: Any = None

    def get_input_details(self) -> list[dict[str, Any]]:
        return [self.details | {"shape": np.array([1, 192, 192, 3])}]

    def get_output_details(self) -> list[dict[str, Any]]:
        shapes = self.details.get("outputs", [[1, 1, 1, 1404], [1, 1, 1, 1]])
        return [self.details | {"shape": np.array(shape)} for shape in shapes]

    def set_tensor(self, _: int, values: Any) -> None:
        self.given = values

    def invoke(self) -> None:
        if self.details.get("broken"):
            raise RuntimeError("a node failed to invoke")

    def get_tensor(self, _: int) -> Any:
        return self.given

    def allocate_tensors(self) -> None:
        """Have nothing to allocate."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the mesh alone, to be spoilt."""
    for name in ("mesh.toml", "mesh.tflite"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def compiled(folder: Path) -> None:
    """Put a file for the Edge TPU beside the mesh; only a stand-in will ever open it."""
    content = b"compiled for another device"
    (folder / "mesh_edgetpu.tflite").write_bytes(content)
    card = folder / "mesh.toml"
    line = f'edgetpu_sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    card.write_text(line + card.read_text("utf-8"), "utf-8")


def for_float_kernels(folder: Path, wanted: bytes) -> None:
    """Say on the mesh's card that float kernels take another file."""
    delta = difference((folder / "mesh.tflite").read_bytes(), wanted, [])
    (folder / "mesh_float.delta").write_bytes(delta)
    card = folder / "mesh.toml"
    line = f'float_kernels_sha256 = "{hashlib.sha256(delta).hexdigest()}"\n'
    card.write_text(line + card.read_text("utf-8"), "utf-8")


@pytest.mark.parametrize("role", ROLES)
def test_every_network_opens_and_answers_in_the_shapes_of_its_card(role: str) -> None:
    network = open_network(role, accelerator="cpu", threads=1)
    answers = network.run(np.zeros(network.card.input.shape, np.float32))
    assert [answer.shape for answer in answers] == [out.shape for out in network.card.outputs]
    assert all(answer.dtype == np.float32 for answer in answers)
    assert network.accelerator == "cpu"


def test_the_embedder_is_int8_from_end_to_end() -> None:
    network = open_network("embed", threads=1)
    kinds = {
        np.dtype(each["dtype"])
        for each in network._interpreter.get_tensor_details()
        if each["name"]
    }
    assert kinds <= {np.dtype(np.int8), np.dtype(np.int32)}


def test_int8_templates_point_where_the_float_ones_do() -> None:
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (14, 14, 3)).repeat(8, 0).repeat(8, 1).astype(np.float32)
    templates = []
    for role in ("embed", "embed-float"):
        network = open_network(role, threads=1)
        batch = (coarse[None] - network.card.input.mean) / network.card.input.scale
        values = network.run(batch.astype(np.float32))[0][0]
        templates.append(values / np.linalg.norm(values))
    assert templates[0] @ templates[1] > 0.9  # 0.98 on faces, which training has seen


@pytest.mark.parametrize("spoil", ["altered", "truncated", "empty", "swapped"])
def test_an_altered_network_is_refused_before_the_interpreter_sees_it(
    folder: Path, spoil: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "mesh.tflite"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    spoilt = {"altered": bytes(content), "truncated": bytes(content[:1000]), "empty": b""}
    file.write_bytes(spoilt.get(spoil, (FOLDER / "detect-short.tflite").read_bytes()))
    monkeypatch.setattr(runtime, "_interpreter", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(ModelError, match="not the one on its card") as refusal:
        open_network("mesh", folder=folder)
    assert "\n" not in str(refusal.value)


def test_a_missing_network_says_how_to_get_it(folder: Path) -> None:
    (folder / "mesh.tflite").unlink()
    with pytest.raises(ModelError, match="build it"):
        open_network("mesh", folder=folder)


def test_bytes_that_fit_their_card_but_are_no_network_are_refused(folder: Path) -> None:
    content = b"TFL3 but nothing else"
    (folder / "mesh.tflite").write_bytes(content)
    card = folder / "mesh.toml"
    text = card.read_text("utf-8")
    sha256 = hashlib.sha256(content).hexdigest()
    card.write_text(text.replace(read_card("mesh").sha256, sha256), "utf-8")
    with pytest.raises(ModelError, match="cannot be opened"):
        open_network("mesh", folder=folder)


def test_a_network_with_other_outputs_than_its_card_is_refused() -> None:
    for outputs in ([[1, 1, 1, 1404]], [[1, 1, 1, 1404], [1, 1, 1, 2]], [[0], [1, 1, 1, 1]]):
        with pytest.raises(ModelError, match="other tensors than its card"):
            Network(read_card("mesh"), Tensors(outputs=outputs), "cpu")


def test_a_batch_of_another_shape_is_refused() -> None:
    network = Network(read_card("mesh"), Tensors(), "cpu")
    with pytest.raises(ModelError, match=r"takes \(1, 192, 192, 3\)"):
        network.run(np.zeros((2, 192, 192, 3), np.float32))


def test_a_network_that_fails_while_it_runs_gives_one_line() -> None:
    network = Network(read_card("mesh"), Tensors(broken=True), "cpu")
    with pytest.raises(ModelError, match="failed while it ran"):
        network.run(np.zeros((1, 192, 192, 3), np.float32))


def test_numbers_survive_the_way_into_int8_and_back() -> None:
    tensors = Tensors(dtype=np.int8, quantization=(1 / 128, 0))
    values = np.linspace(-1, 127 / 128, 192 * 192 * 3, dtype=np.float32).reshape(1, 192, 192, 3)
    answer = Network(read_card("mesh"), tensors, "cpu").run(values)[0]
    assert tensors.given.dtype == np.int8
    assert float(np.abs(answer - values).max()) <= 1 / 256 + 1e-6


def test_numbers_beyond_int8_are_clipped_not_wrapped() -> None:
    tensors = Tensors(dtype=np.int8, quantization=(1 / 128, 0))
    values = np.full((1, 192, 192, 3), 9.0, np.float32)
    Network(read_card("mesh"), tensors, "cpu").run(values)
    assert set(np.unique(tensors.given)) == {127}


def test_the_edge_tpu_is_chosen_by_itself_where_there_is_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled(folder)
    opened: list[tuple[str, dict[str, Any]]] = []

    def interpreter(_: ModuleType, file: str, __: bytes, **options: Any) -> Tensors:
        opened.append((file, options))
        return Tensors()

    monkeypatch.setattr(runtime, "_interpreter", interpreter)
    network = open_network("mesh", folder=folder, load_delegate=lambda name: f"delegate of {name}")
    assert network.accelerator == "edgetpu"
    assert opened == [
        ("mesh_edgetpu.tflite", {"experimental_delegates": ["delegate of libedgetpu.so.1"]})
    ]


def test_without_an_edge_tpu_the_cpu_runs_it_and_one_line_says_so(folder: Path) -> None:
    compiled(folder)

    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    with capture_logs() as lines:
        network = open_network("mesh", folder=folder, load_delegate=missing, threads=1)
    assert network.accelerator == "cpu"
    assert [line["event"] for line in lines] == ["no Edge TPU, running on the CPU"]


def test_an_altered_edge_tpu_file_is_refused_too(folder: Path) -> None:
    compiled(folder)
    (folder / "mesh_edgetpu.tflite").write_bytes(b"something else")
    with pytest.raises(ModelError, match="not the one on its card"):
        open_network("mesh", folder=folder, load_delegate=lambda name: name)


def test_a_wish_for_the_edge_tpu_without_a_file_for_it_is_answered_in_one_line() -> None:
    with capture_logs() as lines:
        assert open_network("mesh", accelerator="edgetpu", threads=1).accelerator == "cpu"
    assert len(lines) == 1


def test_the_cpu_is_taken_where_it_is_asked_for(folder: Path) -> None:
    compiled(folder)
    network = open_network("mesh", folder=folder, accelerator="cpu", threads=1)
    assert network.accelerator == "cpu"


def test_the_older_library_is_taken_where_the_newer_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older = ModuleType("tflite_runtime.interpreter")
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime", ModuleType("tflite_runtime"))
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", older)
    assert runtime._library() is older


@pytest.mark.parametrize("library", runtime.LIBRARIES)
def test_each_library_is_given_the_form_that_it_runs_fastest(
    folder: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for_float_kernels(folder, b"the same in float")
    opened: list[bytes] = []

    def interpreter(_: ModuleType, __: str, content: bytes, **___: Any) -> Tensors:
        opened.append(content)
        return Tensors()

    monkeypatch.setattr(runtime, "_library", lambda: ModuleType(library))
    monkeypatch.setattr(runtime, "_interpreter", interpreter)
    open_network("mesh", folder=folder)
    assert (opened == [b"the same in float"]) == (library == runtime.SLOW_IN_INT8)


def test_an_altered_difference_is_refused_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for_float_kernels(folder, b"the same in float")
    (folder / "mesh_float.delta").write_bytes(b"something else")
    monkeypatch.setattr(runtime, "_library", lambda: ModuleType(runtime.SLOW_IN_INT8))
    with pytest.raises(ModelError, match="not the one on its card"):
        open_network("mesh", folder=folder)


def test_without_any_library_the_message_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in runtime.LIBRARIES:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModelError, match="pip install ai-edge-litert"):
        open_network("mesh")


def test_threads_reach_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def interpreter(*_: Any, **options: Any) -> Tensors:
        asked.append(options)
        return Tensors()

    monkeypatch.setattr(runtime, "_interpreter", interpreter)
    open_network("mesh", threads=3)
    assert asked == [{"num_threads": 3}]
