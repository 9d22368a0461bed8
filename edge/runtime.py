"""Opens a network on the CPU or an Edge TPU, and hides which library runs it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
import structlog

from edge.errors import ModelError
from edge.vision.face import FloatArray
from edge.vision.models.card import FOLDER, Card, read_card, read_network
from edge.vision.models.delta import rebuilt

Accelerator = Literal["auto", "cpu", "edgetpu"]
LoadDelegate = Callable[[str], Any]
"""Loads the shared library of that name; raises ValueError or OSError where it cannot."""

LIBRARIES: tuple[str, ...] = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")
EDGETPU = "libedgetpu.so.1"
SLOW_IN_INT8 = "tflite_runtime.interpreter"
"""The library that is given float kernels for an int8 network where there is such a file. It has
no fast int8 kernels on x86-64 (20 ms against 3 ms); on Arm nobody measured it, and float is the
safe choice there too."""

_log = structlog.get_logger(__name__)


class Network:
    """A network that is open and checked; use one from one thread at a time.

    Attributes:
        card: What is known of it.
        accelerator: Where it runs: "cpu" or "edgetpu".
    """

    def __init__(self, card: Card, interpreter: Any, accelerator: str) -> None:
        """Take over an interpreter whose tensors are allocated.

        Raises:
            ModelError: The file's tensors are not those on the card.
        """
        self.card = card
        self.accelerator = accelerator
        self._interpreter = interpreter
        self._inputs = interpreter.get_input_details()
        self._outputs = interpreter.get_output_details()
        shapes = [tuple(int(n) for n in each["shape"]) for each in (*self._inputs, *self._outputs)]
        if shapes != [card.input.shape, *(output.shape for output in card.outputs)]:
            raise ModelError(f"the network {card.file} has other tensors than its card: {shapes}")

    def run(self, batch: FloatArray) -> tuple[FloatArray, ...]:
        """Run the network once.

        Args:
            batch: float32 in the card's input shape, normalised as the card says.

        Returns:
            float32 arrays in the card's output shapes, in its order.

        Raises:
            ModelError: The batch has another shape, or the interpreter failed.
        """
        if batch.shape != self.card.input.shape:
            raise ModelError(f"{self.card.role} takes {self.card.input.shape}, not {batch.shape}")
        try:
            self._interpreter.set_tensor(self._inputs[0]["index"], _stored(batch, self._inputs[0]))
            self._interpreter.invoke()
            return tuple(
                _real(self._interpreter.get_tensor(each["index"]), each) for each in self._outputs
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"the network {self.card.file} failed while it ran: {error}"
            ) from error


def open_network(
    name: str,
    *,
    accelerator: Accelerator = "auto",
    threads: int | None = None,
    folder: Path = FOLDER,
    load_delegate: LoadDelegate | None = None,
) -> Network:
    """Open the network that has the role ``name``.

    Args:
        name: A role: "detect-full", "detect-short", "mesh", "embed".
        accelerator: "auto" takes the Edge TPU where there is one and a file compiled for it.
        threads: Threads on the CPU; None leaves it to the library.
        folder: Where cards and files lie.
        load_delegate: Loads the Edge TPU's library; the runtime's own where None.

    Raises:
        ModelError: No such card, a file that is not on it, or no library to run it.
    """
    card = read_card(name, folder)
    library = _library()
    if accelerator != "cpu" and card.edgetpu_sha256 is not None:
        network = _on_edgetpu(card, folder, library, load_delegate or library.load_delegate)
        if network is not None:
            return network
    elif accelerator == "edgetpu":
        _log.warning(
            "no Edge TPU file for this network, running on the CPU",
            code="no-edgetpu-file",
            network=name,
        )
    content = _for_cpu(card, folder, library)
    return Network(card, _interpreter(library, card.file, content, num_threads=threads), "cpu")


def library_name() -> str:
    """Name the library that runs networks here, as ``ai_edge_litert``.

    Raises:
        ModelError: There is none.
    """
    return _library().__name__.partition(".")[0]


def _for_cpu(card: Card, folder: Path, library: ModuleType) -> bytes:
    """Read the network, in the form that this library runs fastest."""
    content = read_network(folder / card.file, card.sha256)
    if card.float_kernels_sha256 is None or library.__name__ != SLOW_IN_INT8:
        return content
    delta = read_network(folder / f"{Path(card.file).stem}_float.delta", card.float_kernels_sha256)
    return rebuilt(content, delta)


def _library() -> ModuleType:
    """Import the first library that is installed."""
    for name in LIBRARIES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise ModelError("nothing here can run networks: pip install ai-edge-litert")


def _on_edgetpu(
    card: Card, folder: Path, library: ModuleType, load_delegate: LoadDelegate
) -> Network | None:
    """Open the compiled network on the Edge TPU, or say in one line why not."""
    try:
        delegate = load_delegate(EDGETPU)
    except (ValueError, OSError) as error:
        _log.warning(
            "no Edge TPU, running on the CPU",
            code="no-edgetpu",
            network=card.role,
            error=type(error).__name__,
        )
        return None
    file = f"{Path(card.file).stem}_edgetpu.tflite"
    content = read_network(folder / file, str(card.edgetpu_sha256))
    interpreter = _interpreter(library, file, content, experimental_delegates=[delegate])
    return Network(card, interpreter, "edgetpu")


def _interpreter(library: ModuleType, file: str, content: bytes, **options: Any) -> Any:
    """Make an interpreter of bytes that were checked."""
    try:
        with _hushed():
            interpreter = library.Interpreter(model_content=content, **options)
            interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"the network {file} cannot be opened: {error}") from error
    return interpreter


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep the library from writing its greeting between our lines.

    It writes to the descriptor itself and has no setting for it; what goes wrong it raises.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _stored(values: FloatArray, tensor: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Bring real numbers into a tensor's own type."""
    dtype = np.dtype(tensor["dtype"])
    if dtype == np.float32:
        return values.astype(np.float32, copy=False)
    scale, zero = tensor["quantization"]
    limits = np.iinfo(dtype)
    steps = values * np.float32(1 / scale)
    np.rint(steps, out=steps)  # in place: a fresh array of this size costs more than the rounding
    np.add(steps, np.float32(zero), out=steps)
    return np.clip(steps, limits.min, limits.max, out=steps).astype(dtype)


def _real(stored: np.ndarray[Any, Any], tensor: dict[str, Any]) -> FloatArray:
    """Bring a tensor's own type back into real numbers."""
    real: FloatArray = stored.astype(np.float32, copy=False)
    if stored.dtype == np.float32:
        return real
    scale, zero = tensor["quantization"]
    return (real - np.float32(zero)) * np.float32(scale)
