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
from edge.evaluate.rows import (
    FUSED_HEAD,
    GROUP_HEAD,
    Rows,
    accuracy_words,
    acquisition_rows,
    cost_rows,
    detection_rows,
    difference_rows,
    fused_rows,
    group_rows,
    identification_rows,
    present_rows,
    verification_rows,
)
from edge.evaluate.within import Within

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
    if report.identification is not None:
        parts += _identification(report.identification)
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


def _identification(found: Identification) -> list[str]:
    """Show searches of people who are on the list and of people who are not."""
    return [
        (
            f"<h2>Open-set identification, gallery of {found.gallery:,}</h2>"
            f"<p>{found.mated_probes:,} mated and {found.non_mated_probes:,} non-mated "
            f"probes, failures to acquire counted as misses.</p>"
        ),
        _table(("FPIR", "FNIR", "95 % interval", "threshold"), identification_rows(found)),
    ]


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
    parts = [
        f"<h2>{html.escape(words)}</h2>",
        _table(head, difference_rows(found.verification, found.differences)),
    ]
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
