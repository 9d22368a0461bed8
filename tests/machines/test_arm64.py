"""The unit on a Debian for 64-bit Arm, with the wheels that a Raspberry Pi gets, emulated.

Times there mean nothing; what comes out does.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.preflight import usual_threshold
from edge.vision.face import FloatArray
from machines.debian_arm64 import cannot_make, run
from machines.portraits import chosen, templates
from machines.results import keep

pytestmark = [pytest.mark.arm64, pytest.mark.timeout(3600)]

PROCESSORS = {"cortex-a72": "Raspberry Pi 4", "cortex-a76": "Raspberry Pi 5"}
PEOPLE = 20
SUITE = (
    "tests/edge/test_decision.py",
    "tests/edge/test_runtime.py",
    "tests/edge/vision/test_embed.py",
    "tests/edge/vision/test_engine.py",
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


def test_the_units_own_tests_pass_on_arm() -> None:
    pytest_there = ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    pytest_there += ["-p", "machines.patience", "--hypothesis-profile=patience"]
    pytest_there += ["-m", "not faces and not slow"]  # hundreds of photographs: hours there
    printed = run(*pytest_there, *SUITE, limit_s=3000)
    print(printed[-2000:])
    outcome = printed.strip().splitlines()[-1].strip("= ")
    keep("arm64", "tests", outcome=outcome, files=len(SUITE))


@pytest.mark.parametrize("processor", PROCESSORS)
def test_the_networks_tell_the_same_people_apart_on_arm(faces_root: Path, processor: str) -> None:
    here = templates(chosen(faces_root, PEOPLE))
    made = ("python3", "-m", "machines.portraits", "../shared/data", str(PEOPLE))
    printed = run(*made, limit_s=1500, processor=processor)
    there: dict[str, list[float]] = json.loads(printed.splitlines()[-1])
    assert [name for name in here if bool(here[name]) != bool(there[name])] == []
    both = [name for name in here if here[name]]
    ours, theirs = (np.array([made[name] for name in both]) for made in (here, there))
    differing = abs(scores(ours) - scores(theirs))
    threshold = usual_threshold(500)
    above, above_there = (scores(made) >= threshold for made in (ours, theirs))
    same = of_one_person(both)
    crossed = int((above != above_there).sum())
    keep(
        "arm64",
        processor,
        board=PROCESSORS[processor],
        photographs=len(here),
        faces=len(both),
        least_cosine=round(float((ours * theirs).sum(axis=1).min()), 4),
        pairs=len(differing),
        median_difference_of_a_score=round(float(np.median(differing)), 4),
        largest_difference_of_a_score=round(float(differing.max()), 4),
        threshold=round(threshold, 3),
        pairs_on_the_other_side=crossed,
        pairs_of_one_person=int(same.sum()),
        known_here_and_there=[int(above[same].sum()), int(above_there[same].sum())],
        mistaken_here_and_there=[int(above[~same].sum()), int(above_there[~same].sum())],
    )
    assert (ours * theirs).sum(axis=1).min() > 0.98
    assert crossed <= len(differing) * 0.01


def of_one_person(names: list[str]) -> NDArray[np.bool_]:
    """Tell for each pair, as :func:`scores` orders them, whether both show the same person."""
    people = np.array([name.rpartition("_")[0] for name in names])
    first, second = np.triu_indices(len(people), 1)
    same: NDArray[np.bool_] = people[first] == people[second]
    return same


def scores(made: FloatArray) -> FloatArray:
    """Compare each template with each other one."""
    first, second = np.triu_indices(len(made), 1)
    compared: FloatArray = (made[first] * made[second]).sum(axis=1)
    return compared
