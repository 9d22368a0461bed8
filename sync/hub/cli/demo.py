"""The demonstration of the hub's pages on the command line."""

from cyclopts import App
from rich.console import Console

from edge.demo.pages.run import run_pages


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(demo)


def demo(*, port: int = 8090) -> int:
    """Open the pages of a made-up town on this machine: three venues, a door, people to be.

    Args:
        port: The first TCP port tried for the pages.
    """
    return run_pages(Console(highlight=False), port)
