"""A unit's sync process killed again and again while a real hub changes the list."""

import itertools
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from consortium import Consortium, Eyes
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from member import Unit
from sync.hub.cli import entry
from sync.liveset import State

KILLS = int(os.environ.get("DOORWATCH_KILLS", "30")) // 5
"""A process takes a second to come back; 60 in a long run, beside 300 of the shelf alone."""

SEED = int(os.environ.get("DOORWATCH_SEED", "5"))
PEOPLE = range(1, 25)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("mosquitto")]


def killed(unit: Unit) -> None:
    """Kill a unit at once, look at what it leaves, and start it again."""
    unit.stop(signal.SIGKILL)
    whole(unit)
    unit.start()


def whole(unit: Unit) -> tuple[int, bytes, set[str]]:
    """See that list and ledger are of one moment; number, root and rows of it."""
    with GalleryShelf.open(unit.places.gallery, KeyFile(unit.places.key_file)) as shelf:
        assert shelf.damaged() == []
        believed, held = shelf.trusted(), shelf.held()
        live = {n: o for n, o in believed.ledger.live.items() if o.state is not State.GONE}
        rows = {name: one.record_hash for name, one in held.items()}
        ahead = believed.ahead
        assert {n: h for n, h in rows.items() if n not in ahead} == {
            n: one.record_hash for n, one in live.items() if n not in ahead
        }
        return believed.ledger.seq, believed.ledger.live.root, set(rows)


@pytest.fixture
def consortium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consortium]:
    """A running hub with two venues."""
    monkeypatch.setattr(entry, "load_engine", lambda *_: Eyes())
    one = Consortium(tmp_path)
    one.found("North", "South")
    one.start()
    yield one
    one.end()


def changed(consortium: Consortium, killing: "Future[None]") -> set[str]:
    """Put people on the list and take them off until nobody kills any more; who is on it."""
    chance, listed = np.random.default_rng(SEED), set[str]()
    for who in itertools.cycle(PEOPLE):
        if killing.done():
            break
        listed.add(consortium.add(who, "North", "South"))
        if len(listed) > 12 or chance.random() < 0.4:
            gone = sorted(listed)[int(chance.integers(len(listed)))]
            consortium.says("entry", "lift", gone, "--key", consortium.key("North"), "--yes")
            consortium.says("entry", "approve", gone, "--key", consortium.key("South"), "--yes")
            listed.discard(gone)
    return listed


def kill_often(unit: Unit) -> None:
    """Kill the unit at random moments."""
    for moment in np.random.default_rng(SEED).uniform(0.2, 3.0, KILLS):
        time.sleep(float(moment))
        killed(unit)


def test_a_unit_killed_at_any_moment_ends_with_the_list_of_its_hub(
    consortium: Consortium, tmp_path: Path
) -> None:
    print(f"seed {SEED}, {KILLS} kills")
    unit = Unit(tmp_path / "unit")
    unit.says("join", consortium.invite("North"))
    unit.start()
    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill_often, unit)
        listed = changed(consortium, killing)
        killing.result()
    deadline = time.monotonic() + 30
    while whole(unit)[2] != listed and time.monotonic() < deadline:
        time.sleep(0.2)
    unit.stop()
    seq, root, rows = whole(unit)
    print(f"{seq} changes, {len(rows)} entries held, root {root.hex()[:16]}")
    assert rows == listed
