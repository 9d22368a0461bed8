"""``doorwatch demo``: people walk up in a clip, the lamps answer."""

from cyclopts import App
from rich.console import Console

from edge.demo.run import Options, run_demo


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(demo)


def demo(*, stay: bool = False, camera: bool = False, port: int = 8080) -> int:
    """Screen a clip of people walking up to a door, made from public-domain portraits.

    Args:
        stay: Play the clip over and over and leave the page up until Ctrl-C.
        camera: Use this machine's own camera; people can put themselves on tonight's list.
        port: Port of the page, or the next free one.
    """
    return run_demo(Options(stay=stay, camera=camera, port=port), _console())


def _console() -> Console:
    """Write to the terminal as wide as it is, and lines of 110 columns to anything else."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=110)
