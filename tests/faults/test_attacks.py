"""Nobody who owns the broker and one stolen key gets a bad list accepted, or a good one refused.

Each history is a run of honest changes and hostile moves in one simulated world (``tests/
simulator``), after which everybody has to stand on the honest list again. A failure prints the
seed of its world; ``DOORWATCH_SEED=n pytest tests/faults/test_attacks.py`` replays it alone, and
``DOORWATCH_HISTORIES=5000`` makes as many as the bar asks for.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.attacker import MOVES
from simulator.siege import Siege, Tally, unmade

pytestmark = pytest.mark.usefixtures("loaded_dice")

HISTORIES = int(os.environ.get("DOORWATCH_HISTORIES", "1500"))
ONLY = os.environ.get("DOORWATCH_SEED")
OF_ONE_WORLD = 20
BATCHES = 10

TUF = {
    "arbitrary install",
    "endless data",
    "extraneous dependency",
    "fast-forward",
    "indefinite freeze",
    "mix-and-match",
    "rollback",
    "slow retrieval",
    "wrong list",
    "key compromise",
}
"""The classes of The Update Framework, section 1.5.2."""


def batches() -> list[range]:
    if ONLY:
        return [range(int(ONLY), int(ONLY) + 1)]
    worlds = -(-HISTORIES // OF_ONE_WORLD)
    size = -(-worlds // BATCHES)
    return [range(first, min(first + size, worlds)) for first in range(0, worlds, size)]


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    """What came of all attacks; shown at the end with ``-s``."""
    tally = Tally()
    yield tally
    print(f"\n{tally.histories} histories, slowest message {tally.slowest_s * 1000:.1f} ms of CPU")
    for name, count in sorted(tally.moves.items()):
        met = {code: n for (move, code), n in sorted(tally.refusals.items()) if move == name}
        print(f"  {MOVES[name].attack:28} {name:50} {count:6} {met}")


@pytest.mark.parametrize("worlds", batches(), ids=str)
def test_no_bad_list_is_accepted_and_no_good_one_refused(
    worlds: range, tmp_path: Path, tally: Tally
) -> None:
    for seed in worlds:
        siege = Siege(seed, tmp_path / str(seed), tally)
        for number in range(OF_ONE_WORLD):
            wrong = siege.history()
            assert wrong == [], "\n".join([f"seed {seed}, history {number}", *siege.told])
        siege.world.hub.kill()


def test_every_class_of_attack_has_its_moves() -> None:
    made = {move.attack for move in MOVES.values()}
    assert made >= TUF
    assert len(MOVES) >= 60


@pytest.mark.skipif(bool(ONLY), reason="one world does not see every move")
def test_every_move_was_made(tally: Tally) -> None:
    assert unmade(tally) == []
    assert tally.slowest_s < 0.1
