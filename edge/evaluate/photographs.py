"""Folders of labelled photographs, and lists of pairs: what is to be measured, not yet read."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.errors import DoorwatchError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
"""Files that count as photographs."""

LABELS = ("file", "group", "gender")
"""Columns that a table of labels must have."""

_LFW_LENGTHS = frozenset({3, 4})

Answer = TypeVar("Answer")


class EvaluationError(DoorwatchError):
    """Photographs or labels from which nothing can be measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Photographs:
    """Photographs of known people.

    Attributes:
        paths: The files.
        person: int64[n], whose each is, counted from 0.
    """

    paths: tuple[Path, ...]
    person: NDArray[np.int64]

    @property
    def people(self) -> int:
        """How many people are shown."""
        return len(np.unique(self.person))


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of photographs that a file lists, and whether both show one person.

    Attributes:
        photographs: Every file that is named, once.
        places: int64[n, 2], the two of each pair, in the file's order.
        same: bool[n].
    """

    photographs: Photographs
    places: NDArray[np.int64]
    same: NDArray[np.bool_]


def by_person(folder: Path, limit: int | None = None) -> Photographs:
    """List the photographs of a folder that holds one folder for each person.

    Args:
        folder: Where the people's folders lie.
        limit: Most people wanted, the first by name.

    Raises:
        EvaluationError: There is nobody with a photograph.
    """
    own = [photos for each in _entries(folder) if each.is_dir() and (photos := _photos(each))]
    own = own[:limit]
    if not own:
        raise EvaluationError(
            f"no photographs of anybody in {folder}: it takes one folder for each person"
        )
    counts = [len(photos) for photos in own]
    paths = tuple(path for photos in own for path in photos)
    return Photographs(paths, np.repeat(np.arange(len(own), dtype=np.int64), counts))


def one_each(folder: Path, limit: int | None = None) -> tuple[Path, ...]:
    """List the photographs of a folder that holds one photograph of each person.

    Of a larger folder the wanted number is spread evenly over the names.

    Raises:
        EvaluationError: There are none.
    """
    photos = _photos(folder)
    if not photos:
        raise EvaluationError(f"no photographs in {folder}: it takes one for each person")
    if limit is not None and limit < len(photos):
        photos = [photos[place] for place in np.linspace(0, len(photos) - 1, limit).astype(int)]
    return tuple(photos)


def labelled(table: Path) -> dict[str, str]:
    """Read which group the person on each photograph belongs to.

    Args:
        table: CSV with the columns ``file``, ``group`` and ``gender``.

    Returns:
        "group gender" by file name.

    Raises:
        EvaluationError: The table cannot be read or lacks a column.
    """
    rows = csv.DictReader(_text(table).splitlines())
    lacking = set(LABELS) - set(rows.fieldnames or ())
    if lacking:
        raise EvaluationError(f"{table} has no column {min(lacking)!r} in its first line")
    return {row["file"]: f"{row['group']} {row['gender']}" for row in rows}


def listed_pairs_of(file: Path, folder: Path) -> Pairs:
    """Read a list of pairs: LFW's own form, or CSV with the columns ``a``, ``b``, ``same``.

    Args:
        file: The list.
        folder: What the names in it are relative to.

    Raises:
        EvaluationError: The list cannot be read, or names a photograph that is not there.
    """
    lines = _text(file).splitlines()
    header = [word.strip() for word in lines[0].split(",")] if lines else []
    read = _csv_pairs if {"a", "b", "same"} <= set(header) else _lfw_pairs
    named = read(lines, folder, file)
    if not named:
        raise EvaluationError(f"{file} lists no pairs")
    paths = sorted({path for first, second, _ in named for path in (first, second)})
    for path in paths:
        if not path.is_file():
            raise EvaluationError(f"{file} names {path}, which is not there")
    place = {path: number for number, path in enumerate(paths)}
    places = np.array([(place[first], place[second]) for first, second, _ in named], np.int64)
    same = np.array([same for _, _, same in named], np.bool_)
    return Pairs(Photographs(tuple(paths), joined(len(paths), places[same])), places, same)


def joined(count: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number people so that photographs linked by mated pairs, however far, are one person's.

    Args:
        count: Photographs.
        places: int64[n, 2], the mated pairs.
    """
    owner = list(range(count))

    def root(place: int) -> int:
        while owner[place] != place:
            owner[place] = owner[owner[place]]
            place = owner[place]
        return place

    for first, second in places:
        owner[root(int(first))] = root(int(second))
    return np.unique([root(place) for place in range(count)], return_inverse=True)[1].astype(
        np.int64
    )


Named = list[tuple[Path, Path, bool]]


def _csv_pairs(lines: Sequence[str], folder: Path, file: Path) -> Named:
    """Read rows ``a, b, same`` with 0 or 1 in the last."""
    named: Named = []
    for row in csv.DictReader(lines, skipinitialspace=True):
        if row["same"] not in ("0", "1"):
            raise EvaluationError(f"{file}: the column 'same' holds 0 or 1, not {row['same']!r}")
        named.append((folder / row["a"], folder / row["b"], row["same"] == "1"))
    return named


def _lfw_pairs(lines: Sequence[str], folder: Path, file: Path) -> Named:
    """Read ``name 1 2`` for mated and ``name 1 other 2`` for non-mated pairs."""
    named: Named = []
    for number, line in enumerate(lines, 1):
        words = line.split("\t") if "\t" in line else line.split()
        if len(words) in _LFW_LENGTHS and all(word.isdecimal() for word in words[1::2]):
            name, other = words[0], words[2] if len(words) == 4 else words[0]
            second = _numbered(folder, other, words[-1])
            named.append((_numbered(folder, name, words[1]), second, len(words) == 3))
        elif number > 1:
            raise EvaluationError(f"{file}, line {number}: this is not a pair: {line[:60]!r}")
    return named


def _numbered(folder: Path, name: str, number: str) -> Path:
    """Give the path of a person's photograph in LFW."""
    return folder / name / f"{name}_{int(number):04d}.jpg"


def _photos(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.suffix.lower() in SUFFIXES]


def _entries(folder: Path) -> list[Path]:
    return _read(folder, lambda: sorted(folder.iterdir()))


def _text(file: Path) -> str:
    try:
        return _read(file, lambda: file.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{file} is not text") from error


def _read(path: Path, read: Callable[[], Answer]) -> Answer:
    """Turn what the file system refuses into one line."""
    try:
        return read()
    except OSError as error:
        raise EvaluationError(f"cannot read {path}: {error.strerror}") from error
