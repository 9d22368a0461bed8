"""``doorwatch-hub bench``: how fast the list is here, with everything real but faces."""

import sys
from pathlib import Path

import msgspec
from cyclopts import App
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from edge.bench.machine import machine
from sync.bench.cold import Cold, cold
from sync.bench.figures import Percentile, Times
from sync.bench.lag import Lag, lag
from sync.bench.many import Load, many
from sync.bench.web import Asked, Busy, Page, busy
from sync.errors import HubError
from sync.hub.cli.opening import print_table

ARRIVING_S = 1.0
"""Seconds between two managers who sign in."""

PHOTO_BYTES = 8_000
"""Bytes of a reference photo."""


class Found(Struct, frozen=True):
    """What is printed as JSON.

    Attributes:
        machine: Processor, cores, system.
        found: What was measured.
    """

    machine: str
    found: Lag | Cold | Busy | tuple[Load, ...]


def register(app: App) -> None:
    """Add the commands of this file."""
    bench = App(name="bench", help="How fast the list is on this machine: hub, broker and units.")
    bench.command(time_lag, name="lag")
    bench.command(time_cold, name="cold")
    bench.command(time_many, name="many")
    bench.command(time_web, name="web")
    app.command(bench)


def time_lag(*, units: int = 6, changes: int = 200, json: bool = False) -> None:
    """Time a ban from the hub's disk to the index of each of several real units.

    Args:
        units: Units, each with its two processes.
        changes: Bans to time.
        json: Print JSON.
    """
    _at_least_one(units=units, changes=changes)
    found = lag(units, changes, PHOTO_BYTES, _say)
    if json:
        _print_json(found)
        return
    title = f"{found.units} units, {found.entries} entries, {found.last.runs} bans"
    table = _table(title, "until the entry is compared with", "50 %", "99 %", "longest")
    for what, taken in (("at the last unit", found.last), ("at each unit", found.each)):
        table.add_row(what, *_cells(taken))
    print_table(table)


def time_cold(*, entries: int = 10_000, runs: int = 3, json: bool = False) -> None:
    """Time a unit that has nothing until it compares with a long list.

    Args:
        entries: Entries on the list.
        runs: Fresh units, one after the other.
        json: Print JSON.
    """
    _at_least_one(entries=entries, runs=runs)
    found = cold(entries, PHOTO_BYTES, runs, _say)
    if json:
        _print_json(found)
        return
    title = f"{found.entries:,} entries with photos of {found.photo_bytes:,} bytes"
    heads = ("seconds", "sync: cpu s", "waited for a cpu s", "MiB", "hub: cpu s", "broker: cpu s")
    table = _table(title, "start", *heads)
    for number, one in enumerate(found.starts, 1):
        figures = (one.seconds, one.sync_cpu_s, one.sync_waited_s)
        table.add_row(
            str(number),
            *(f"{figure:.1f}" for figure in figures),
            f"{one.sync_mib:.0f}",
            f"{one.hub_cpu_s:.1f}",
            f"{one.broker_cpu_s:.1f}",
        )
    print_table(table)


def time_many(
    *, units: tuple[int, ...] = (10, 100, 1_000), changes: int = 10, json: bool = False
) -> None:
    """Time one new entry on its way to many simulated units of one broker.

    The units share this machine with hub and broker: with many of them it is their own work that
    takes most of the time.

    Args:
        units: Numbers of units, once for each.
        changes: Bans to time with each number.
        json: Print JSON.
    """
    _at_least_one(units=min(units), changes=changes)
    found = many(units, changes, PHOTO_BYTES, _say)
    if json:
        _print_json(found)
        return
    heads = ("last unit: 50 %", "longest", "hub: cpu ms", "a unit", "MiB", "broker: cpu ms", "MiB")
    table = _table(f"one new entry, {changes} times", "units", *heads)
    for one in found:
        table.add_row(
            f"{one.units:,}",
            _interval(one.last.p50),
            f"{one.last.most_ms:,.0f} ms",
            f"{one.hub_cpu_ms:,.0f}",
            f"{one.hub_cpu_ms_per_unit:.2f}",
            f"{one.hub_mib:.0f}",
            f"{one.broker_cpu_ms:,.0f}",
            f"{one.broker_mib:.0f}",
        )
    print_table(table)


def time_web(  # noqa: PLR0913 - options of a command, which people type
    *,
    entries: int = 10_000,
    managers: int = 50,
    seconds: int = 120,
    think: float = 5.0,
    photo: Path | None = None,
    json: bool = False,
) -> None:
    """Time the hub's pages while many managers work on a long list at once.

    Pages and managers share this machine: nothing else should run on it.

    Args:
        entries: Entries on the list.
        managers: Managers at work at once; an administrator and an auditor come on top.
        seconds: How long they work, after they all have signed in.
        think: Mean seconds between a page and the next one of the same person.
        photo: A photo of a face that managers send in as well, to be examined.
        json: Print JSON.
    """
    _at_least_one(entries=entries, managers=managers, seconds=seconds)
    face = photo.read_bytes() if photo else b""
    found = busy(Asked(entries, managers, managers * ARRIVING_S, seconds, think, face), _say)
    if json:
        _print_json(found)
        return
    title = (
        f"{found.entries:,} entries, {found.managers} managers, one page in {found.thinking_s:g} s "
        f"each; {found.requests_a_second:.1f} requests a second, {found.cpu:.2f} processors, "
        f"{found.mib:.0f} MiB, load {found.others:.1f}; start {found.start_s:.1f} s"
    )
    table = _table(title, "page", "answers", "50 %", "95 %", "slowest", "failed", "KiB")
    for page in found.pages:
        table.add_row(page.name, *_page_cells(page))
    print_table(table)


def _page_cells(page: Page) -> tuple[str, ...]:
    return (
        f"{page.runs:,}",
        f"{page.p50.value_ms:,.0f} ms",
        _interval(page.p95),
        f"{page.most_ms:,.0f} ms",
        f"{page.failed:,}" if page.failed else "",
        f"{page.kib:.0f}",
    )


def _at_least_one(**given: int) -> None:
    for name, value in given.items():
        if value < 1:
            raise HubError(f"--{name} is at least 1")


def _say(what: str) -> None:
    Console(stderr=True, highlight=False).print(what, style="dim")


def _table(title: str, first: str, *heads: str) -> Table:
    table = Table(first, title=f"{machine()}; {title}", title_justify="left")
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _cells(taken: Times) -> tuple[str, str, str]:
    return _interval(taken.p50), _interval(taken.p99), f"{taken.most_ms:,.0f} ms"


def _interval(one: Percentile) -> str:
    return f"{one.value_ms:,.0f} ms ({one.low_ms:,.0f} to {one.high_ms:,.0f})"


def _print_json(found: Lag | Cold | Busy | tuple[Load, ...]) -> None:
    told = msgspec.json.encode(Found(machine(), found))
    sys.stdout.write(msgspec.json.format(told).decode() + "\n")
