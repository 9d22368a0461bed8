"""``doorwatch evaluate``: figures that anybody can repeat."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from edge.cli.figures import show_nights, show_report
from edge.cli.looking import Task, beside, engines, looked, progress
from edge.curves import impostor_curve
from edge.evaluate.acquire import Acquisition
from edge.evaluate.finding import Pasted, pasted
from edge.evaluate.fusing import Fused, fused
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
    searched,
    summed_up,
)
from edge.evaluate.report import Report, page, setting
from edge.evaluate.within import Strangers
from edge.vision import Engine
from edge.vision.models.card import read_card
from edge.vision.models.strangers import LOOKED_AT, read_looked_at

_PASTED = 300
_LIST = 100


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
        fusion: Also let everybody with two photographs walk up in degraded frames, and try what
            several templates of one person bring.
        beside: Another embedder, such as "embed-float", that looks at the same photographs.
        html: Write a report with the DET curve into this file.
    """

    pairs: Path | None = None
    gallery: int | None = None
    detection: bool = False
    fusion: bool = False
    beside: str | None = None
    html: Path | None = None


Folders = Annotated[list[Path], Parameter(consume_multiple=True)]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Evening:
    """What simulated nights may be told.

    Attributes:
        night: Simulate nights at the door instead.
        listed: Folders with one folder for each person, of whom lists are made.
        nights: Nights, each with other people on the list.
        frames: Degraded frames of each person.
        budget: False STOP alerts allowed per person, such as 1/1000.
    """

    night: bool = False
    listed: Folders | None = None
    nights: int = 1
    frames: int = 5
    budget: str = "1/1000"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Others:
    """What may be told about strangers.

    Attributes:
        strangers: Folder with one photograph of each of many people: they walk up at night, and
            otherwise they are compared within their groups.
        labels: CSV with file, group, gender of the strangers; labels.csv there by default.
        same: CSV of two files and "same" or "undecided" a line: photographs that show one person
            after all, or may; by default the list for FairFace that ships.
    """

    strangers: Path | None = None
    labels: Path | None = None
    same: Path = LOOKED_AT

    def groups_of(self, photos: Sequence[Path]) -> tuple[str, ...]:
        """Give the group of each stranger, "" where there are no labels."""
        table = self.labels or photos[0].parent / "labels.csv"
        known = labelled(table) if table.is_file() else {}
        return tuple(known.get(photo.name, "") for photo in photos)


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
    others: Others = Others(),
) -> None:
    """Measure recognition on photographs, or simulate nights at the door.

    Nothing of the photographs is kept.

    Args:
        folder: One folder for each person; what the names in --pairs are relative to.
        common: What every evaluation may be told.
        photos: What an evaluation of photographs may be told besides.
        evening: What simulated nights may be told.
        others: What may be told about strangers.
    """
    if evening.night:
        nights = _simulated(common, photos, evening, others)
        _show(nights, common, lambda console: show_nights(console, nights))
        return
    if folder is None:
        raise EvaluationError("evaluate takes a folder with one folder for each person, or --night")
    report = _measured(folder, common, photos, others)
    if photos.html is not None:
        _write(photos.html, page(report))
    _show(report, common, lambda console: show_report(console, report))


def _measured(folder: Path, common: Common, photos: Photos, others: Others) -> Report:
    """Evaluate a folder or a list of pairs."""
    began = time.monotonic()
    pairs = listed_pairs_of(photos.pairs, folder) if photos.pairs is not None else None
    shown = pairs.photographs if pairs is not None else by_person(folder, common.people)
    strangers = _strangers(others, common.people)
    task = Task(shown, pairs, strangers, common.seed, common.workers)
    one = looked(task, common.network)
    other = looked(task, photos.beside) if photos.beside is not None else None
    return Report(
        verification=one.verification,
        identification=_searched(shown, pairs, one.acquisition, photos.gallery, common.seed),
        detection=_pasted(shown, common.seed, one.engines) if photos.detection else (),
        fused=_fused(folder, common, one.engines) if photos.fusion else (),
        acquired=summed_up(shown, one.acquisition),
        setting=setting(folder, one.engines[0].model_id, common.seed, time.monotonic() - began),
        within=one.within,
        beside=beside(one, other, common.seed) if other is not None else None,
    )


def _strangers(others: Others, limit: int | None) -> Strangers | None:
    """Find out who the strangers are, where there are any."""
    if others.strangers is None:
        return None
    photos = one_each(others.strangers, limit)
    return Strangers(photos, others.groups_of(photos), read_looked_at(others.same))


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
    with progress("pasted faces", count) as advance:
        return pasted(shown.paths, count, seed, engines, advance)


def _fused(folder: Path, common: Common, engines: list[Engine]) -> tuple[Fused, ...]:
    people = pool([folder], common.seed)[: common.people]
    with progress("people walking up", len(people)) as advance:
        return fused(people, engines, common.seed, advance)


def _simulated(common: Common, photos: Photos, evening: Evening, others: Others) -> Nights:
    """Simulate nights."""
    if not evening.listed or others.strangers is None:
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
    strangers = one_each(others.strangers, common.people)
    listed = tuple(pool(evening.listed, common.seed))
    guests = Guests(listed, strangers, others.groups_of(strangers))
    door = rules(plan, impostor_curve(read_card(common.network)))
    workers = engines(common.network, common.workers)
    with progress("people at the door", steps(plan, guests)) as advance:
        return simulate(plan, guests, workers, door, advance)


def _rate(budget: str) -> float:
    """Read a budget such as 1/1000 or 0.001."""
    try:
        rate = float(Fraction(budget))
    except (ValueError, ZeroDivisionError) as error:
        raise EvaluationError(f"--budget {budget!r} is not a rate: give 1/1000") from error
    if not 0 < rate <= 1:
        raise EvaluationError(f"--budget {budget!r} is not a rate above 0 and up to 1")
    return rate


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
        raise EvaluationError(
            f"cannot write the report {file} ({error.strerror}): name a folder that this command "
            "may write, such as /tmp"
        ) from error
