"""``doorwatch bench``: how long a frame takes, stage by stage."""

import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from edge.bench.figures import Bench, Journey
from edge.bench.run import BenchError, Plan, benchmark
from edge.demo.samples import fetch_samples


def bench(
    *,
    photo: Path | None = None,
    runs: int = 60,
    peer_runs: int = 10,
    network: str = "embed",
    json: bool = False,
) -> None:
    """Time a frame's way from pixels to what the verdict is made from, beside other systems.

    Args:
        photo: A portrait of one person; the demo's sample portrait by default.
        runs: Frames to screen in each set-up.
        peer_runs: Frames that each other system screens; 0 leaves them out.
        network: The embedder.
        json: Print JSON.
    """
    if runs < 1 or peer_runs < 0:
        raise BenchError("--runs is at least 1 and --peer-runs at least 0")
    errors = Console(stderr=True)
    portrait = photo or fetch_samples(Path(".demo") / "samples", errors.print).listed
    found = benchmark(
        Plan(portrait, runs, min(runs, peer_runs), network),
        lambda what: errors.print(f"timing {what}", style="dim"),
    )
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
        return
    show_bench(Console(highlight=False), found)


def show_bench(console: Console, found: Bench) -> None:
    """Show a benchmark as tables."""
    width, height, face = found.frame
    console.print(
        f"{found.machine}; {found.network}; one face {face} px wide in {width} by {height}; "
        f"gallery of {found.entries:,}"
    )
    for journey in (*found.ours, *found.peers):
        console.print(_table(journey))
    for one in found.comparisons:
        low, high = one.interval
        console.print(
            f"on {one.threads} threads {one.times:.1f} times faster than {one.peer} "
            f"(95 %: {low:.1f} to {high:.1f})"
        )
    console.print(
        f"cold start to the first screened frame: {found.start.seconds:.2f} s, "
        f"{found.start.memory_mib:.0f} MiB resident"
    )


def _table(journey: Journey) -> Table:
    title = f"{journey.engine}, {journey.threads} threads, {journey.total.runs} frames"
    table = Table("stage", title=title, title_justify="left")
    for head in ("median ms", "95 % interval", "95 % below"):
        table.add_column(head, justify="right")
    for stage in (*journey.stages, journey.total):
        low, high = stage.interval_ms
        span = f"{low:.2f} to {high:.2f}"
        table.add_row(stage.what, f"{stage.median_ms:.2f}", span, f"{stage.p95_ms:.2f}")
    return table
