"""The demonstration of a consortium from start to end: a town, its acts, a verdict on them."""

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.demo.consortium.acts import Outcome, Play
from edge.demo.consortium.preparing import prepared
from edge.demo.consortium.town import Say, Town
from edge.demo.consortium.watch import Watch
from edge.demo.run import KEPT
from edge.demo.samples import Samples


def run_consortium(console: Console) -> int:
    """Play the demonstration.

    Returns:
        0 if every act went as it must, else 1.

    Raises:
        DoorwatchError: It cannot start, or a part of it ended.
        SyncError: There is no broker on this machine, or the hub does not open.
    """
    made = prepared(console)
    with (
        (KEPT / "consortium.log").open("w", encoding="utf-8") as log,
        Town(made.walk, made.quiet, log) as town,
    ):
        console.print("a hub with three officers, six venues, a broker …")
        town.found(_dimly(console))
        console.print("six units join, each by its own invitation …")
        town.open_doors(_dimly(console))
        outcomes = _played(town, made.samples, console)
    console.print(summary(outcomes))
    passed = all(outcome.passed for outcome in outcomes)
    words = "all of it happened" if passed else f"not as expected: see {log.name}"
    console.print(words, style="green" if passed else "red")
    return 0 if passed else 1


def summary(outcomes: list[Outcome]) -> Table:
    """Draw the table at the end: each act with its figures."""
    table = Table(title="One list on six doors", title_justify="left", box=ROUNDED)
    for name in ("what had to happen", "", "figures"):
        table.add_column(name, overflow="fold")
    for outcome in outcomes:
        sign = Text("✓", "green") if outcome.passed else Text("✗", "red")
        table.add_row(outcome.act, sign, outcome.words)
    return table


def _played(town: Town, samples: Samples, console: Console) -> list[Outcome]:
    """Play the acts until one fails; what comes after it would mean nothing."""
    watch = Watch(town, console)
    outcomes: list[Outcome] = []
    with watch.on():
        for act in Play(town, watch, samples).acts():
            outcome = act()
            outcomes.append(outcome)
            watch.tell(outcome.act, outcome.words, passed=outcome.passed)
            if not outcome.passed:
                break
    return outcomes


def _dimly(console: Console) -> Say:
    return lambda words: console.print(words, style="dim", highlight=False)
