"""A report that can stand by itself: figures with the setting they were measured in."""

import html
import platform
import time
from dataclasses import dataclass
from pathlib import Path

from edge.evaluate.curve import svg
from edge.evaluate.finding import Pasted
from edge.evaluate.fusing import Fused
from edge.evaluate.recognition import Acquired, Difference, Identification, Verification
from edge.evaluate.within import Cost, Present, Within
from edge.intervals import Interval, Rate
from edge.vision.models.groups import Fairness

METHOD = (
    "Intervals hold 95 %: by resampling people, the threshold being set anew each time "
    "(ISO/IEC 19795-1), exact binomial where people are counted once. Photographs are not a "
    "door: expect worse there."
)

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1f24}table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .8rem;"
    "text-align:right;border-bottom:1px solid #d5d9de}th{font-weight:600}"
    "th:first-child,td:first-child{text-align:left}svg{width:100%;font-size:12px}"
    "svg line{stroke:#d5d9de}svg .curve{fill:none;stroke:#0b62b8;stroke-width:2}"
    ".middle{text-anchor:middle}.end{text-anchor:end}p.small{color:#57606a;font-size:.9rem}"
)

Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Setting:
    """What was measured where.

    Attributes:
        dataset: Name of the folder.
        network: The embedder: its role and the start of its hash.
        machine: Processor architecture, system and Python.
        date: Day of the measurement.
        seed: Behind every choice by chance.
        seconds: How long it took.
    """

    dataset: str
    network: str
    machine: str
    date: str
    seed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Beside:
    """Another network on the same photographs.

    Attributes:
        network: The embedder: its role and the start of its hash.
        verification: One-to-one comparison.
        differences: True match rates of the first network less those of this one.
        within: False matches within groups of strangers, where asked for.
    """

    network: str
    verification: Verification
    differences: tuple[Difference, ...]
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that one evaluation found.

    Attributes:
        setting: What was measured where.
        acquired: Photographs that gave a template.
        verification: One-to-one comparison.
        identification: Open-set search, where asked for and possible.
        detection: Faces pasted into frames, where asked for.
        within: False matches within groups of strangers, where asked for.
        beside: Another network on the same photographs, where asked for.
        fused: What more templates of one person bring, where asked for.
    """

    setting: Setting
    acquired: Acquired
    verification: Verification
    identification: Identification | None = None
    detection: tuple[Pasted, ...] = ()
    within: Within | None = None
    beside: Beside | None = None
    fused: tuple[Fused, ...] = ()


def setting(dataset: Path, network: str, seed: int, seconds: float) -> Setting:
    """Describe this machine and this day."""
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    day = time.strftime("%Y-%m-%d")
    return Setting(dataset.resolve().name, network, machine, day, seed, round(seconds, 1))


def percent(value: float) -> str:
    """Show a share in percent, with as many decimals as say something."""
    return f"{value * 100:.2f} %" if value < 0.0999 else f"{value * 100:.1f} %"


def spanned(interval: Interval) -> str:
    """Show an interval of a share in percent."""
    return f"{interval[0] * 100:.2f} to {interval[1] * 100:.2f} %"


def counted(rate: Rate) -> str:
    """Show a rate with its counts."""
    return f"{percent(rate.value)} ({rate.events:,} of {rate.trials:,})"


def acquisition_rows(found: Acquired) -> Rows:
    """Tell what became of the photographs."""
    flaws = ", ".join(f"{flaw} {count:,}" for flaw, count in found.flaws.items())
    usable = found.images - found.failures_to_acquire
    lost = found.failures_to_acquire / found.images
    return [
        ("photographs, people", f"{found.images:,}, {found.people:,}"),
        ("failures to acquire", f"{found.failures_to_acquire:,} ({percent(lost)})"),
        ("of these not readable", f"{found.unreadable:,}"),
        ("not usable at the door", f"{found.not_usable:,} of {usable:,}"),
        *([("why", flaws)] if flaws else []),
    ]


def verification_rows(found: Verification) -> Rows:
    """Tell the true match rates."""
    return [
        (f"{at.fmr:.0e}", percent(at.tmr), spanned(at.interval), f"{at.threshold:.3f}")
        for at in found.at
    ]


def identification_rows(found: Identification) -> Rows:
    """Tell the misses."""
    return [
        (
            f"{at.asked_fpir:.0e}",
            counted(at.fnir),
            spanned(at.fnir.interval),
            f"{at.threshold:.3f}",
        )
        for at in found.at
    ]


def difference_rows(found: Beside) -> Rows:
    """Tell what another network makes of it, and how much the first is ahead, in points."""
    tmr = {at.fmr: at.tmr for at in found.verification.at}
    return [
        (f"{one.fmr:.0e}", percent(tmr[one.fmr]), *_ahead(one.tmr, one.interval))
        for one in found.differences
    ]


GROUP_HEAD = (
    "group",
    "people",
    "of 10,000 comparisons",
    "95 % interval",
    "counted",
    "95 % interval",
    "without undecided",
)
"""What ``group_rows`` tells, column by column."""


def group_rows(found: Fairness) -> Rows:
    """Tell false matches by group: by its curve, as counted, and without undecided pairs."""
    rows = [
        (
            one.group,
            f"{one.people:,}",
            f"{one.curve * 10_000:.1f}",
            _of_10_000(one.curve_interval),
            f"{one.rate.value * 10_000:.1f}",
            _of_10_000(one.rate.interval),
            f"{one.settled * 10_000:.1f}",
        )
        for one in found.groups
    ]
    kinds = (found.curves, found.counted, found.settled)
    mean, ratio = (
        [f"{one.mean * 10_000:.1f}" for one in kinds],
        [f"{one.ratio:.2f}" for one in kinds],
    )
    low, high = found.ratio_interval
    by_chance = f"{found.chance:.2f} by chance"
    return [
        *rows,
        ("mean", "", mean[0], "", mean[1], "", mean[2]),
        ("worst / mean", "", ratio[0], f"{low:.2f} to {high:.2f}", ratio[1], by_chance, ratio[2]),
    ]


def _of_10_000(interval: Interval) -> str:
    return f"{interval[0] * 10_000:.1f} to {interval[1] * 10_000:.1f}"


def cost_rows(found: tuple[Cost, ...]) -> Rows:
    """Tell what still matches where the worst group has its false match rate."""
    return [
        (
            f"{one.fmr:.0e}{', 95 % bound' if one.bound else ''}",
            one.group,
            f"{one.threshold:.3f}",
            percent(one.tmr.value),
            spanned(one.tmr.interval),
        )
        for one in found
    ]


def present_rows(found: tuple[Present, ...]) -> Rows:
    """Tell who could be compared."""
    return [
        (
            one.group,
            f"{one.photographs:,}",
            f"{one.photographs - one.acquired:,}",
            percent(one.usable / one.photographs),
        )
        for one in found
    ]


FUSED_HEAD = ("way", "templates", "TMR", "95 % interval", "ahead, points", "95 % interval")
"""What ``fused_rows`` tells, column by column."""


def fused_rows(found: tuple[Fused, ...]) -> Rows:
    """Tell what more templates of one person bring, and how many the door has to make."""
    return [
        (
            one.way.name,
            f"{one.way.templates}",
            percent(one.tmr),
            spanned(one.interval),
            *_ahead(one.ahead, one.ahead_interval),
        )
        for one in found
    ]


def _ahead(points: float, interval: Interval) -> tuple[str, str]:
    """Show a difference of two shares, in points."""
    low, high = interval
    return f"{points * 100:+.2f}", f"{low * 100:+.2f} to {high * 100:+.2f}"


def accuracy_words(found: Verification) -> str:
    """Tell the accuracy with its standard error."""
    return f"{found.accuracy.value * 100:.2f} ± {found.accuracy.error * 100:.2f} %"


def detection_rows(found: tuple[Pasted, ...]) -> Rows:
    """Tell the faces found by width."""
    return [(f"{one.width} px", counted(one.found), spanned(one.found.interval)) for one in found]


def page(report: Report) -> str:
    """Make one HTML page that needs nothing else."""
    where, verification = report.setting, report.verification
    parts = [
        f"<h1>Recognition on {html.escape(where.dataset)}</h1>",
        _table(("setting", ""), _setting_rows(where) + acquisition_rows(report.acquired)),
        (
            f"<h2>Verification</h2><p>{verification.mated:,} mated and {verification.non_mated:,} "
            f"non-mated pairs; accuracy {accuracy_words(verification)}.</p>"
        ),
        _table(("FMR", "TMR", "95 % interval", "threshold"), verification_rows(verification)),
        svg(verification.det),
    ]
    if (searched := report.identification) is not None:
        parts += [
            (
                f"<h2>Open-set identification, gallery of {searched.gallery:,}</h2>"
                f"<p>{searched.mated_probes:,} mated and {searched.non_mated_probes:,} non-mated "
                f"probes, failures to acquire counted as misses.</p>"
            ),
            _table(("FPIR", "FNIR", "95 % interval", "threshold"), identification_rows(searched)),
        ]
    if report.within is not None:
        parts += _within(report.within)
    if report.beside is not None:
        parts += _beside(report.beside)
    if report.fused:
        parts += ["<h2>Several templates</h2>", _table(FUSED_HEAD, fused_rows(report.fused))]
    if report.detection:
        head = ("face width", "found in one frame of 1280 by 720", "95 % interval")
        parts += ["<h2>Finding</h2>", _table(head, detection_rows(report.detection))]
    parts.append(f'<p class="small">{METHOD}</p>')
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Doorwatch: recognition'
        f"</title><style>{_STYLE}</style><body>{''.join(parts)}</body></html>"
    )


def _within(found: Within) -> list[str]:
    """Show the groups."""
    head = ("group", "photographs", "no face", "usable")
    parts = ["<h2>Within groups</h2>", _table(head, present_rows(found.present))]
    for each in found.at:
        parts += [
            f"<h3>{html.escape(each.where)}, score {each.found.threshold:.3f}</h3>",
            _table(GROUP_HEAD, group_rows(each.found)),
        ]
    costly = ("FMR in the worst group", "group", "threshold", "TMR", "95 % interval")
    return [*parts, _table(costly, cost_rows(found.cost))]


def _beside(found: Beside) -> list[str]:
    """Show another network."""
    head = ("FMR", "its TMR", "ahead, points", "95 % interval")
    words = f"Beside {found.network}, accuracy {accuracy_words(found.verification)}"
    parts = [f"<h2>{html.escape(words)}</h2>", _table(head, difference_rows(found))]
    return parts + (_within(found.within) if found.within is not None else [])


def _setting_rows(where: Setting) -> Rows:
    return [
        ("network", where.network),
        ("machine", where.machine),
        ("date, seed", f"{where.date}, {where.seed}"),
    ]


def _table(head: tuple[str, ...], rows: Rows) -> str:
    """Make a table; every cell is text."""
    top = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><tr>{top}</tr>{body}</table>"
