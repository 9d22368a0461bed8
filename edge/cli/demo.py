"""``doorwatch demo``, ``doorwatch demo-consortium``: what the unit and six of them do, shown."""

from cyclopts import App
from rich.console import Console

from edge.demo.run import Options, run_demo


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(demo)
    app.command(demo_consortium, name="demo-consortium")


def demo(*, stay: bool = False, camera: bool = False, port: int = 8080) -> int:
    """Screen a clip of people walking up to a door, made from public-domain portraits.

    Args:
        stay: Play the clip over and over and leave the page up until Ctrl-C.
        camera: Use this machine's own camera; people can put themselves on tonight's list.
        port: Port of the page, or the next free one.
    """
    return run_demo(Options(stay=stay, camera=camera, port=port), _console())


def demo_consortium() -> int:
    """Run a hub, a broker and six units on this machine: a ban, a lift, an outage, a theft."""
    from edge.demo.consortium.run import run_consortium  # noqa: PLC0415 - it loads a whole hub

    return run_consortium(_console())


def _console() -> Console:
    """Write to the terminal as wide as it is, and lines of 110 columns to anything else."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=110)
