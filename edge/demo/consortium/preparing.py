"""What a demonstration with a hub needs before it begins: a broker, portraits, clips."""

import signal
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress

from edge.demo.clip import QUIET, WALK, Clip, Scene, make_clip
from edge.demo.run import KEPT
from edge.demo.samples import Samples, fetch_samples
from sync import broker


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is fetched and drawn once, and kept.

    Attributes:
        samples: The portraits.
        walk: The clip in which somebody walks up.
        quiet: The clip in which nobody does.
    """

    samples: Samples
    walk: Clip
    quiet: Clip


def prepared(console: Console) -> Prepared:
    """Fetch and draw what is needed, and let every signal to end be an orderly end.

    Args:
        console: Where progress is shown.

    Raises:
        DoorwatchError: The portraits cannot be had.
        SyncError: There is no broker on this machine.
    """
    broker.find()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # so that the town's folder goes
    KEPT.mkdir(exist_ok=True)
    samples = fetch_samples(KEPT / "portraits", console.print)
    with Progress(console=console, transient=True) as progress:

        def drawn(scene: Scene) -> Clip:
            task = progress.add_task(f"drawing the clip {scene.name}", total=1.0)
            return make_clip(
                scene, samples, KEPT, lambda part: progress.update(task, completed=part)
            )

        return Prepared(samples, drawn(WALK), drawn(QUIET))
