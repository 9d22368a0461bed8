"""The lists of simulated nights: who may stand on them, and their enrolment as at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from edge.enrolment import enrol
from edge.errors import EnrolmentError, PhotoError
from edge.evaluate.acquire import Advance, each
from edge.evaluate.photographs import EvaluationError, by_person
from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from edge.photo import read_photo
from edge.vision import Engine
from sync.entries import Category, Entry, Reason


@dataclass(frozen=True, slots=True)
class Listed:
    """One person who may be put on a list.

    Attributes:
        reference: The photo they are enrolled from.
        probe: The photo they walk up as.
    """

    reference: Path
    probe: Path


@dataclass(frozen=True, slots=True, eq=False)
class NightList:
    """The list of one night.

    Attributes:
        probes: The photo each person on it walks up as.
        entry_ids: Their entries, in the same order.
        index: Their references.
    """

    probes: tuple[Path, ...]
    entry_ids: tuple[str, ...]
    index: Index


@dataclass(frozen=True, slots=True, eq=False)
class _Enrolled:
    """Somebody whose reference photo was accepted."""

    probe: Path
    reference: StoredReference


def pool(folders: Sequence[Path], seed: int) -> list[Listed]:
    """Take everybody with two photographs, shuffled, from each folder in turn.

    Raises:
        EvaluationError: Nobody has two.
    """
    rng = np.random.default_rng(seed)
    shares = []
    for folder in folders:
        pairs = _pairs(folder)
        shares.append([pairs[place] for place in rng.permutation(len(pairs))])
    longest = max((len(share) for share in shares), default=0)
    taken = [share[turn] for turn in range(longest) for share in shares if turn < len(share)]
    if not taken:
        raise EvaluationError("nobody has two photographs: one to be enrolled from, one to be seen")
    return taken


def _pairs(folder: Path) -> list[Listed]:
    """Take the first two photographs of everybody who has two."""
    photographs = by_person(folder)
    first = np.flatnonzero(np.diff(photographs.person, prepend=-1))
    twice = first[np.bincount(photographs.person) > 1]
    return [Listed(photographs.paths[place], photographs.paths[place + 1]) for place in twice]


def enrolled(
    people: Sequence[Listed],
    sizes: Sequence[int],
    engines: Sequence[Engine],
    advance: Advance = lambda: None,
) -> tuple[list[NightList], int]:
    """Enrol people until each list has its size; the next one replaces whoever is refused.

    Args:
        people: In the order in which they are taken; nobody stands on two lists.
        sizes: People on each list.
        engines: One for each thread.
        advance: Told after each photo.

    Returns:
        The lists, and how many people were refused.

    Raises:
        EvaluationError: There are too few people.
    """
    accepted: list[_Enrolled] = []
    tried = 0
    while len(accepted) < sum(sizes) and tried < len(people):
        batch = people[tried : tried + sum(sizes) - len(accepted)]
        tried += len(batch)
        accepted += [one for one in each(batch, engines, _enrol, advance) if one is not None]
    if len(accepted) < sum(sizes):
        raise EvaluationError(
            f"{len(accepted)} people can be enrolled and {sum(sizes)} are needed: "
            "ask for a smaller --gallery or fewer --nights"
        )
    left = iter(accepted)
    return [_list_of(list(islice(left, size))) for size in sizes], tried - len(accepted)


def _enrol(engine: Engine, one: Listed) -> _Enrolled | None:
    """Enrol one person as the door would; None where it refuses."""
    try:
        made = enrol([read_photo(one.reference)], engine)
    except (EnrolmentError, PhotoError):
        return None
    entry = Entry("", Category.BANNED, Reason.VIOLENCE, 0.0, 1.0)
    return _Enrolled(one.probe, StoredReference(entry, made.templates, made.model_id))


def _list_of(people: Sequence[_Enrolled]) -> NightList:
    """Number the people of one list and index them."""
    ids = tuple(f"{number:016x}" for number in range(len(people)))
    references = [
        StoredReference(
            Entry(entry_id, Category.BANNED, Reason.VIOLENCE, 0.0, 1.0),
            one.reference.templates,
            one.reference.model_id,
        )
        for entry_id, one in zip(ids, people, strict=True)
    ]
    index = Index.build(references, references[0].model_id)
    return NightList(tuple(one.probe for one in people), ids, index)
