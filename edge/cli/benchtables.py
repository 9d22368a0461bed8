"""Shows a benchmark as tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from rich.console import Console
from rich.table import Table

from edge.bench.alone import MATCH_ONE
from edge.bench.figures import (
    Arrival,
    Bench,
    Comparison,
    GalleryTiming,
    Journey,
    NetworkTiming,
    Ratio,
    Timing,
)

CLOCKS = "times on one thread are processor time, on several real time"
BUSY = "; with a load of {:.1f} before it began, trust only the former"

_CALM = 0.5
"""Load above which others have the processor often enough to be seen in milliseconds."""


def show_bench(console: Console, found: Bench) -> None:
    """Show a benchmark as tables."""
    console.print(found.machine)
    console.print(CLOCKS + (BUSY.format(found.load) if found.load > _CALM else ""), style="dim")
    for table in _tables(found):
        console.print()
        console.print(table)
    if found.arrival is not None:
        console.print(f"\n{_beside(found.arrival)}", soft_wrap=True)
    if found.start is not None:
        console.print(
            f"\ncold start to the first screened frame: {found.start.seconds:.2f} s, "
            f"{found.start.memory_mib:.0f} MiB resident"
        )
    for line in found.left_out:
        console.print(f"left out: {line}", style="dim")


def _tables(found: Bench) -> Iterable[Table]:
    for threads, timings in groupby(found.networks, lambda one: one.threads):
        yield _networks(tuple(timings), _threads(threads))
    width, height, face = found.frame
    shown = f"one face {face} px wide in {width} by {height}"
    if found.ours:
        yield _stages(found.ours, f"{found.network}, {shown}, median ms")
    for threads, peers in groupby(found.peers, lambda one: one.threads):
        beside = next(one for one in found.ours if one.threads == threads)
        ours = replace(beside, engine=f"doorwatch on {beside.engine}")
        yield _peers((ours, *peers), f"on the same frames, {_threads(threads)}, median ms")
    for threads, searches in groupby(found.gallery, lambda one: one.threads):
        yield _searches(tuple(searches), _threads(threads))
    ordered = sorted(found.comparisons, key=lambda one: one.threads)
    for threads, comparisons in groupby(ordered, lambda one: one.threads):
        yield _ratios(tuple(comparisons), _threads(threads))


def _beside(found: Arrival) -> str:
    before, beside = found.before.median_ms, found.beside.median_ms
    return (
        f"a list of {found.entries:,} entries read in {found.seconds:.1f} s beside "
        f"{found.beside.runs} frames: {beside:.1f} ms a frame (before: {before:.1f}), of which "
        f"at most {found.waited_ms:.1f} ms waiting for it"
    )


def _networks(timings: Sequence[NetworkTiming], threads: str) -> Table:
    """Show each network in a row, each library in two columns."""
    engines = tuple(dict.fromkeys(one.engine for one in timings))
    by_role: dict[str, dict[str, NetworkTiming]] = {}
    for one in timings:
        by_role.setdefault(one.timing.what, {})[one.engine] = one
    table = _table(f"each network by itself, {threads}, ms", "network", "KiB")
    for engine in engines:
        table.add_column(f"{engine}\nmedian", justify="right")
        table.add_column("\nquickest", justify="right")
    for role, ones in by_role.items():
        cells = [cell for engine in engines for cell in _alone(ones.get(engine))]
        table.add_row(role, f"{next(iter(ones.values())).file_kib:,.0f}", *cells)
    return table


def _alone(one: NetworkTiming | None) -> tuple[str, str]:
    if one is None:
        return "", ""
    return _median(one.timing), _quickest(one.timing)


def _stages(journeys: Sequence[Journey], title: str) -> Table:
    """Show each stage in a row, each set-up or system in a column."""
    table = _table(title, "stage")
    for one in journeys:
        head = f"{one.engine}\n{_threads(one.threads)}"
        table.add_column(head, justify="right", overflow="fold")
    for name, cells in _by_name([one.stages for one in journeys], _median).items():
        table.add_row(f"{name} (not counted)" if name == MATCH_ONE else name, *cells)
    ways = [one.ways for one in journeys]
    intervals, quickest = _by_name(ways, _interval), _by_name(ways, _quickest)
    for name, cells in _by_name(ways, _median).items():
        table.add_section()
        table.add_row(name, *cells)
        table.add_row("  95 % interval", *intervals[name])
        table.add_row("  quickest", *quickest[name])
    return table


def _peers(journeys: Sequence[Journey], title: str) -> Table:
    """Show the unit and other systems side by side, and how many faces each saw in a frame."""
    table = _stages(journeys, title)
    table.add_section()
    table.add_row("faces found", *(f"{one.faces:.1f}" for one in journeys))
    return table


def _searches(timings: Sequence[GalleryTiming], threads: str) -> Table:
    """Show each index in a row, each size in two columns."""
    sizes = tuple(dict.fromkeys(one.templates for one in timings))
    by_index: dict[str, dict[int, GalleryTiming]] = {}
    for one in timings:
        by_index.setdefault(f"{one.system}, {one.numbers}", {})[one.templates] = one
    table = _table(f"the best of so many templates, {threads}, median ms and recall", "index")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
        table.add_column("recall", justify="right")
    for name, ones in by_index.items():
        table.add_row(name, *(cell for size in sizes for cell in _search(ones.get(size))))
    return table


def _search(one: GalleryTiming | None) -> tuple[str, str]:
    if one is None:
        return "", ""
    return f"{one.timing.median_ms:.3g}", f"{one.recall:.3g}"


def _by_name(
    timings: Sequence[Sequence[Timing]], show: Callable[[Timing], str]
) -> dict[str, list[str]]:
    """Show timings by the names that any column has, empty where one has no such name."""
    columns = [{one.what: show(one) for one in column} for column in timings]
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: [column.get(name, "") for column in columns] for name in names}


def _ratios(comparisons: Sequence[Comparison], threads: str) -> Table:
    """Show each ratio in a row, under the names of the two."""
    table = _table(f"times as long, {threads}, in turn in one process", "first / second")
    for head in ("median (95 %)", "90 % of rounds", "rounds"):
        table.add_column(head, justify="right", no_wrap=True)
    for (one, other), group in groupby(comparisons, lambda each: (each.one, each.other)):
        table.add_row(f"{one} / {other}", style="bold")
        for each in group:
            table.add_row(f"  {each.what}", *_times(each.ratio))
    return table


def _times(ratio: Ratio) -> tuple[str, str, str]:
    (low, high), (least, most) = ratio.interval, ratio.spread
    return (
        f"{ratio.times:.3g} ({low:.3g} to {high:.3g})",
        f"{least:.3g} to {most:.3g}",
        str(ratio.rounds),
    )


def _table(title: str, *heads: str) -> Table:
    return Table(*heads, title=title, title_justify="left")


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _median(timing: Timing) -> str:
    return f"{timing.median_ms:.2f}"


def _interval(timing: Timing) -> str:
    low, high = timing.interval_ms
    return f"{low:.2f} to {high:.2f}"


def _quickest(timing: Timing) -> str:
    return f"{timing.quickest_ms:.2f}"
