"""Load the unit's networks into an engine: the one door from here to files and the clock."""

from collections.abc import Callable
from io import BytesIO
from time import perf_counter

import numpy as np

# The module, not its names: it imports ``edge.vision.face`` itself and may still be loading.
from edge import runtime
from edge.vision.cover import Cover
from edge.vision.detect import full_range, short_range
from edge.vision.embed import Embedder, Spread
from edge.vision.engine import Engine, Networks
from edge.vision.models.card import FOLDER, Card, read_card, read_network
from edge.vision.stuck import Doubted


def load_engine(
    accelerator: "runtime.Accelerator" = "auto",
    threads: int | None = None,
    *,
    embedder: str = "embed",
    spread: bool = True,
    clock: Callable[[], float] = perf_counter,
) -> Engine:
    """Load the networks that ship with the unit.

    Args:
        accelerator: "auto" (the Edge TPU where there is one), "cpu" or "edgetpu".
        threads: Threads for each network; None leaves it to the library.
        embedder: Role of the network that makes templates; "embed-float" is its model in float.
        spread: Whether templates are brought apart as the embedder's card says. Without, the
            engine makes what the network answers, under the same name: only for fitting.
        clock: Gives seconds, for the timings of the stages.

    Returns:
        An engine for use by one thread.

    Raises:
        ModelError: A network is missing or is not the one on its card.
    """
    far, near, mesh, templates = (
        runtime.open_network(role, accelerator=accelerator, threads=threads)
        for role in ("detect-full", "detect-short", "mesh", embedder)
    )
    on_edgetpu = "edgetpu" in {one.accelerator for one in (far, near, mesh, templates)}
    networks = Networks(
        far=full_range(far.run),
        near=short_range(near.run),
        mesh=mesh.run,
        embedder=_embedder(templates, spread=spread),
        cover=_cover(),
        accelerator="edgetpu" if on_edgetpu else "cpu",
        runtime=runtime.library_name(),
    )
    return Engine(networks, clock)


def _embedder(network: "runtime.Network", *, spread: bool) -> Embedder:
    """Take what an embedder needs from its card."""
    card = network.card
    return Embedder(
        run=Doubted(network.run),
        mean=card.input.mean,
        scale=card.input.scale,
        model_id=card.model_id,
        dimension=card.outputs[0].shape[-1],
        spread=_spread(card) if spread else None,
    )


def _spread(card: Card) -> Spread | None:
    """Load what brings an embedder's templates apart; it is checked like any network."""
    if card.spread is None:
        return None
    content = read_network(FOLDER / card.spread.file, card.spread.sha256)
    with np.load(BytesIO(content)) as arrays:
        return Spread(*(arrays[name].astype(np.float32) for name in ("centre", "matrix")))


def _cover() -> Cover:
    """Load the weights that notice covers; they are checked like any network."""
    card = read_card("covered")
    with np.load(BytesIO(read_network(FOLDER / card.file, card.sha256))) as arrays:
        return Cover.of({name: arrays[name] for name in ("hidden", "output")})
