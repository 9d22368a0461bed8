import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.demo.samples import SamplesError, fetch_samples
from fault_matrix.door import START_S, Door
from fault_matrix.scene import paint
from fault_matrix.watching import Rows


@pytest.fixture(scope="module")
def scenery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the pictures of the scene in it."""
    folder = tmp_path_factory.mktemp("scenery")
    try:
        samples = fetch_samples(Path(__file__).parents[3] / ".demo" / "samples", print)
    except SamplesError as error:
        pytest.skip(str(error))
    paint(samples, folder / "pictures.npy")
    return folder


@pytest.fixture(scope="module")
def started(scenery: Path) -> Iterator[Door]:
    """Give a unit that screens."""
    door = Door(scenery / "door")
    door.on_a_small_disk()
    door.places.prepare()
    door.fill()
    door.start()
    yield door
    door.stop()


@pytest.fixture
def door(started: Door) -> Door:
    """Give the unit, letting people in."""
    if started.until_green(time.monotonic(), START_S) is None:
        pytest.fail(f"no green before the fault:\n{started.log()}")
    return started


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    """Collect a row for each kind of fault, also from another process that tests some."""
    own = tmp_path_factory.getbasetemp()
    collected = Rows((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "rows")
    yield collected
    collected.keep()
