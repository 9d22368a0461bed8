"""Fixtures that every folder of tests may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from consortium import Consortium
from loopback import Loopback
from sync.broker import find
from sync.errors import HubError

settings.register_profile("shared machine", deadline=None)  # a busy machine is no failure
settings.load_profile("shared machine")

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def faces_root() -> Path:
    """Give the folder of evaluation photographs, or skip where the machine has none."""
    if not (DATA / "lfw-dev").is_dir():
        pytest.skip("the evaluation photographs (../shared/data) are not on this machine")
    return DATA


@pytest.fixture(scope="session")
def mosquitto() -> Path:
    """Give the installed broker, or skip with the one command that installs it."""
    try:
        return find()
    except HubError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a consortium of two venues; stretching its passphrases takes a while."""
    folder = tmp_path_factory.mktemp("founded")
    Consortium(folder).found("North", "South")
    return folder


@pytest.fixture(scope="module")
def shared_broker(mosquitto: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    """Run a real broker for a module's tests, under the configuration of deploy/."""
    with Loopback(tmp_path_factory.mktemp("loopback")) as made:
        yield made


@pytest.fixture
def loopback(shared_broker: Loopback) -> Iterator[Loopback]:
    """Give the module's broker without connections and sessions of the test before."""
    yield shared_broker
    shared_broker.forget()


@pytest.fixture
def own_loopback(mosquitto: Path, tmp_path: Path) -> Iterator[Loopback]:
    """Give a real broker for one test alone, which may kill it."""
    with Loopback(tmp_path) as made:
        yield made
