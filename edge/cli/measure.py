"""``doorwatch evaluate``: figures that anybody can repeat."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import cv2
import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge.cli.figures import show_nights, show_report
from edge.curves import impostor_curve
from edge.evaluate.acquire import Acquisition, acquire
from edge.evaluate.finding import Pasted, pasted
from edge.evaluate.lists import pool
from edge.evaluate.night import Guests, Nights, Plan, rules, simulate, steps
from edge.evaluate.photographs import (
    EvaluationError,
    Pairs,
    Photographs,
    by_person,
    labelled,
    listed_pairs_of,
    one_each,
)
from edge.evaluate.recognition import (
    Identification,
    Verification,
    searched,
    summed_up,
    verified,
    verified_pairs,
)
from edge.evaluate.report import Report, page, setting
from edge.vision import Engine, load_engine
from edge.vision.models.card import read_card

_PASTED = 300
_LIST = 100

Advance = Callable[[], None]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """What every evaluation may be told.

    Attributes:
        network: The embedder: "embed", the unit's own, or "embed-float", the same in float.
        seed: Behind every choice by chance.
        people: Most people wanted; all by default.
        workers: Threads that work, each with networks of its own; one a processor by default.
        json: Print JSON.
    """

    network: str = "embed"
    seed: int = 1
    people: int | None = None
    workers: int | None = None
    json: bool = False


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Photos:
    """What an evaluation of photographs may be told besides.

    Attributes:
        pairs: Compare only the pairs in this file: LFW's form, or CSV with a, b, same.
        gallery: People on the list: in the open-set search a quarter of those there are by
            default, at night 100.
        detection: Also paste faces into frames of 1280 by 720 and look for them.
        html: Write a report with the DET curve into this file.
    """

    pairs: Path | None = None
    gallery: int | None = None
    detection: bool = False
    html: Path | None = None


Folders = Annotated[list[Path], Parameter(consume_multiple=True)]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Evening:
    """What simulated nights may be told.

    Attributes:
        night: Simulate nights at the door instead.
        listed: Folders with one folder for each person, of whom lists are made.
        strangers: Folder with one photograph of each person who is on no list.
        labels: CSV with file, group, gender of the strangers; labels.csv there by default.
        nights: Nights, each with other people on the list.
        frames: Degraded frames of each person.
        budget: False STOP alerts allowed per person, such as 1/1000.
    """

    night: bool = False
    listed: Folders | None = None
    strangers: Path | None = None
    labels: Path | None = None
    nights: int = 1
    frames: int = 5
    budget: str = "1/1000"


def register(app: App) -> None:
    """Add the commands of this file."""
    app.command(evaluate)


def evaluate(
    folder: Path | None = None,
    /,
    *,
    common: Common = Common(),
    photos: Photos = Photos(),
    evening: Evening = Evening(),
) -> None:
    """Measure recognition on photographs, or simulate nights at the door.

    Nothing of the photographs is kept.

    Args:
        folder: One folder for each person; what the names in --pairs are relative to.
        common: What every evaluation may be told.
        photos: What an evaluation of photographs may be told besides.
        evening: What simulated nights may be told.
    """
    if evening.night:
        nights = _simulated(common, photos, evening)
        _show(nights, common, lambda console: show_nights(console, nights))
        return
    if folder is None:
        raise EvaluationError("evaluate takes a folder with one folder for each person, or --night")
    report = _measured(folder, common, photos)
    if photos.html is not None:
        _write(photos.html, page(report))
    _show(report, common, lambda console: show_report(console, report))


def _measured(folder: Path, common: Common, photos: Photos) -> Report:
    """Evaluate a folder or a list of pairs."""
    began = time.monotonic()
    pairs = listed_pairs_of(photos.pairs, folder) if photos.pairs is not None else None
    shown = pairs.photographs if pairs is not None else by_person(folder, common.people)
    engines = _engines(common)
    with _progress("photographs", len(shown.paths)) as advance:
        acquisition = acquire(shown.paths, engines, advance)
    return Report(
        verification=_verified(shown, pairs, acquisition, common.seed),
        identification=_searched(shown, pairs, acquisition, photos.gallery, common.seed),
        detection=_pasted(shown, common.seed, engines) if photos.detection else (),
        acquired=summed_up(shown, acquisition),
        setting=setting(folder, engines[0].model_id, common.seed, time.monotonic() - began),
    )


def _verified(
    shown: Photographs, pairs: Pairs | None, acquisition: Acquisition, seed: int
) -> Verification:
    if pairs is not None:
        return verified_pairs(pairs, acquisition, seed)
    with _progress("comparisons", 100) as advance:
        done = 0

        def reached(share: float) -> None:
            nonlocal done
            while done < share * 100:
                advance()
                done += 1

        return verified(shown, acquisition, seed, reached)


def _searched(
    shown: Photographs,
    pairs: Pairs | None,
    acquisition: Acquisition,
    gallery: int | None,
    seed: int,
) -> Identification | None:
    """Search an open set, unless a list of pairs says what to compare."""
    if pairs is not None:
        return None
    return searched(shown.person, acquisition, gallery or max(1, shown.people // 4), seed)


def _pasted(shown: Photographs, seed: int, engines: list[Engine]) -> tuple[Pasted, ...]:
    count = min(_PASTED, len(shown.paths))
    with _progress("pasted faces", count) as advance:
        return pasted(shown.paths, count, seed, engines, advance)


def _simulated(common: Common, photos: Photos, evening: Evening) -> Nights:
    """Simulate nights."""
    if not evening.listed or evening.strangers is None:
        raise EvaluationError("--night takes --listed FOLDER… and --strangers FOLDER")
    if evening.nights < 1 or evening.frames < 1 or (photos.gallery or 1) < 1:
        raise EvaluationError("--nights, --frames and --gallery are at least 1")
    plan = Plan(
        gallery=photos.gallery or _LIST,
        nights=evening.nights,
        budget=_rate(evening.budget),
        frames=evening.frames,
        seed=common.seed,
    )
    strangers = one_each(evening.strangers, common.people)
    groups = _groups(strangers, evening.labels or evening.strangers / "labels.csv")
    guests = Guests(tuple(pool(evening.listed, common.seed)), strangers, groups)
    door = rules(plan, impostor_curve(read_card(common.network)))
    engines = _engines(common)
    with _progress("people at the door", steps(plan, guests)) as advance:
        return simulate(plan, guests, engines, door, advance)


def _groups(strangers: tuple[Path, ...], labels: Path) -> tuple[str, ...]:
    """Give the group of each stranger, "" where there are no labels."""
    known = labelled(labels) if labels.is_file() else {}
    return tuple(known.get(photo.name, "") for photo in strangers)


def _rate(budget: str) -> float:
    """Read a budget such as 1/1000 or 0.001."""
    try:
        rate = float(Fraction(budget))
    except (ValueError, ZeroDivisionError) as error:
        raise EvaluationError(f"--budget {budget!r} is not a rate: give 1/1000") from error
    if not 0 < rate <= 1:
        raise EvaluationError(f"--budget {budget!r} is not a rate above 0 and up to 1")
    return rate


def _engines(common: Common) -> list[Engine]:
    """Load as many engines as threads will work, one processor each."""
    cv2.setNumThreads(1)
    workers = common.workers or len(os.sched_getaffinity(0))
    return [load_engine(threads=1, embedder=common.network) for _ in range(max(1, workers))]


@contextmanager
def _progress(what: str, total: int) -> Iterator[Advance]:
    """Show a bar on standard error."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def _show(found: Report | Nights, common: Common, show: Callable[[Console], None]) -> None:
    """Print figures for people, or for programs."""
    if common.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
        return
    show(Console(highlight=False))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise EvaluationError(f"cannot write the report {file}: {error.strerror}") from error
