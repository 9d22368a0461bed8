"""The unit on Debians for 64-bit Arm, with the wheels that a Raspberry Pi gets, emulated.

A Pi 4 runs bookworm and its Python 3.11 here, a Pi 5 trixie and 3.13. The processor of a Pi 5 has
instructions that the other has not, and the networks use them. Times there mean nothing; what
comes out does.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.preflight import usual_threshold
from edge.vision.face import FloatArray
from machines.debian_arm64 import PI_4, PI_5, Board, cannot_make, run
from machines.portraits import Made, Templates, chosen, made, templates
from machines.results import Figure, keep

pytestmark = [pytest.mark.arm64, pytest.mark.timeout(3600)]

BOARDS = pytest.mark.parametrize("board", [PI_4, PI_5], ids=lambda board: board.processor)
PEOPLE = 20
SUITE = (
    "tests/edge/test_decision.py",
    "tests/edge/test_runtime.py",
    "tests/edge/vision/test_embed.py",
    "tests/edge/vision/test_engine.py",
    "tests/edge/vision/test_pyramid.py",
    "tests/edge/gallery/test_seal.py",
    "tests/edge/gallery/test_store.py",
    "tests/edge/gallery/test_shelf.py",
    "tests/edge/gallery/test_index.py",
    "tests/edge/gallery/test_template.py",
    "tests/edge/indicator/test_gpio.py",
    "tests/edge/indicator/test_keeper.py",
    "tests/edge/indicator/test_pattern.py",
    "tests/edge/keys/test_file.py",
    "tests/sync/test_canonical.py",
    "tests/sync/test_keyfile.py",
    "tests/sync/test_seal.py",
    "tests/sync/test_signing.py",
    "tests/sync/test_vectors.py",
)
"""Networks, sealing, list, verdicts, pins and the vectors of the protocol."""


@pytest.fixture(scope="module", autouse=True)
def _debian() -> None:
    reason = cannot_make()
    if reason:
        pytest.skip(reason)


@BOARDS
def test_the_units_own_tests_pass_on_arm(board: Board) -> None:
    pytest_there = ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    pytest_there += ["-p", "machines.patience", "--hypothesis-profile=patience"]
    pytest_there += ["-m", "not faces and not slow"]  # hundreds of photographs: hours there
    printed = run(*pytest_there, *SUITE, board=board, limit_s=3000)
    print(printed[-2000:])
    outcome = printed.strip().splitlines()[-1].strip("= ")
    keep("arm64", f"{board.processor}-tests", **_told(board), outcome=outcome, files=len(SUITE))


@BOARDS
def test_the_template_network_gives_the_same_answers_on_arm_to_the_last_bit(
    faces_root: Path, board: Board
) -> None:
    here, there = made_here(faces_root), made_on(board)
    same = [name for name, answer in here.answers.items() if answer == there.answers[name]]
    figures = {"pictures": len(here.answers), "same_to_the_last_bit": len(same)}
    keep("arm64", f"{board.processor}-answers", **_told(board), **figures)
    assert len(same) == len(here.answers)


@BOARDS
def test_the_networks_tell_the_same_people_apart_on_arm(faces_root: Path, board: Board) -> None:
    here, there = made_here(faces_root).templates, made_on(board).templates
    assert found(there) == found(here)
    touched = templates(chosen(faces_root, PEOPLE), touched=True)
    ours, theirs, nearly = (rows(one, found(here)) for one in (here, there, touched))
    there_differ, touched_differ = (abs(scores(ours) - scores(one)) for one in (theirs, nearly))
    keep(
        "arm64",
        f"{board.processor}-scores",
        **_told(board),
        photographs=len(here),
        faces=len(ours),
        same_templates=int((ours == theirs).all(axis=1).sum()),
        least_cosine=round(float((ours * theirs).sum(axis=1).min()), 4),
        pairs=len(there_differ),
        a_score_differs=_median_and_most(there_differ),
        a_score_differs_by_one_grey_level_here=_median_and_most(touched_differ),
        **_taken_for_one(ours, theirs, of_one_person(found(here))),
    )
    assert (ours * theirs).sum(axis=1).min() > 0.98
    assert (above(ours) != above(theirs)).mean() <= 0.01
    # Not further than the noise of any camera moves them, on one and the same machine.
    assert np.median(there_differ) <= 2 * np.median(touched_differ)
    assert there_differ.max() <= 2 * touched_differ.max()


@pytest.mark.usefixtures("faces_root")
def test_both_boards_make_the_same_templates_to_the_last_bit() -> None:
    first, second = (made_on(board).templates for board in (PI_4, PI_5))
    same = [name for name, template in first.items() if template == second[name]]
    keep("arm64", "both-boards", photographs=len(first), same_to_the_last_bit=len(same))
    assert len(same) == len(first)


@cache
def made_here(faces: Path) -> Made:
    return made(chosen(faces, PEOPLE))


@cache
def made_on(board: Board) -> Made:
    """Give what that board makes of the same photographs; it takes minutes, so once."""
    command = ("python3", "-m", "machines.portraits", "../shared/data", str(PEOPLE))
    printed = run(*command, board=board, limit_s=1500)
    return Made(**json.loads(printed.splitlines()[-1]))


def found(made: Templates) -> list[str]:
    """Name the photographs on which a face was found."""
    return [name for name, template in made.items() if template]


def rows(made: Templates, names: list[str]) -> FloatArray:
    return np.array([made[name] for name in names], np.float32)


def of_one_person(names: list[str]) -> NDArray[np.bool_]:
    """Tell for each pair, as :func:`scores` orders them, whether both show the same person."""
    people = np.array([name.rpartition("_")[0] for name in names])
    first, second = np.triu_indices(len(people), 1)
    same: NDArray[np.bool_] = people[first] == people[second]
    return same


def scores(probes: FloatArray, references: FloatArray | None = None) -> FloatArray:
    """Compare each template with each later one; of another machine, where it is given."""
    first, second = np.triu_indices(len(probes), 1)
    against = probes if references is None else references
    compared: FloatArray = (probes[first] * against[second]).sum(axis=1)
    return compared


def above(probes: FloatArray, references: FloatArray | None = None) -> NDArray[np.bool_]:
    """Tell which pairs score so high that a door with 500 references stops."""
    stopped: NDArray[np.bool_] = scores(probes, references) >= usual_threshold(500)
    return stopped


def _taken_for_one(
    ours: FloatArray, theirs: FloatArray, same: NDArray[np.bool_]
) -> dict[str, Figure]:
    """Count who is known and who is mistaken: here, there, and there on references from here."""
    stopped = (above(ours), above(theirs), above(theirs, ours))
    return {
        "threshold": round(usual_threshold(500), 3),
        "pairs_on_the_other_side": int((stopped[0] != stopped[1]).sum()),
        "pairs_of_one_person": int(same.sum()),
        "known_here_there_and_across": [int(one[same].sum()) for one in stopped],
        "mistaken_here_there_and_across": [int(one[~same].sum()) for one in stopped],
    }


def _median_and_most(values: FloatArray) -> list[float]:
    return [round(float(value), 4) for value in (np.median(values), values.max())]


def _told(board: Board) -> dict[str, Figure]:
    return {"board": board.name, "system": f"{board.system.release}, Python {board.system.python}"}
