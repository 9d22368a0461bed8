"""The running hub in this process: one queue, one thread, errors said and tried again."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from consortium import Consortium, Door, until
from edge import journal
from edge.keys.file import KeyFile
from sync.errors import Code, HubError, Refused, TransportError
from sync.hub.certificates import Certificates
from sync.hub.config import HubPlaces
from sync.hub.daemon import HubDaemon
from sync.hub.nudge import nudge
from sync.hub.service import Service

pytestmark = [pytest.mark.usefixtures("mosquitto")]


class Running:
    """A hub that turns in a thread of its own."""

    def __init__(self, consortium: Consortium) -> None:
        self.places = HubPlaces(consortium.hub)
        self.stopping = threading.Event()
        self.daemon: HubDaemon | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        config = self.places.load()
        provider = KeyFile(self.places.key_file(config))
        with Service.open(self.places.database, provider) as service:
            certificates = Certificates(self.places.authority, provider.kek())
            self.daemon = HubDaemon(self.places, config, certificates, service)
            self.daemon.run(self.stopping, with_broker=True)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(20)


@pytest.fixture
def consortium(founded: Path, tmp_path: Path) -> Consortium:
    return Consortium.copied(founded, tmp_path)


@pytest.fixture
def running(consortium: Consortium) -> Iterator[Running]:
    journal.begin()  # not among what commands print
    made = Running(consortium)
    made.thread.start()
    until(lambda: nudge(made.places.nudge))
    until((made.places.folder / "broker" / "mosquitto.pid").exists)
    yield made
    made.stop()
    assert not made.thread.is_alive()
    assert not nudge(made.places.nudge)
    structlog.reset_defaults()


def test_a_door_joins_and_is_heard(consortium: Consortium, running: Running) -> None:
    door: Door = until(lambda: _joined(consortium))
    door.come()
    until(lambda: consortium.tells("unit", "list")[0]["heard_ms"])
    consortium.says("unit", "revoke", door.unit_id, "--yes")
    until(lambda: door.shelf.destroyed)
    until(lambda: consortium.tells("unit", "list")[0]["destroyed_ms"])
    door.go()


def _joined(consortium: Consortium) -> Door | None:
    try:
        return consortium.door("North")
    except TransportError:
        return None


def test_what_another_thread_asks_comes_back_with_its_error(running: Running) -> None:
    until(lambda: running.daemon)
    assert running.daemon is not None
    assert running.daemon.ask(lambda: "an answer", 10) == "an answer"
    with pytest.raises(Refused, match="over"):
        running.daemon.ask(_refuse, 10)
    assert running.thread.is_alive()


def _refuse() -> str:
    raise Refused(Code.INVITATION, "over")


def test_what_goes_wrong_in_a_turn_is_said_and_tried_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(lambda: running.daemon)
    assert running.daemon is not None
    trouble = iter([HubError("the disk is full: make room")])

    def units(_: int) -> tuple[()]:
        for error in trouble:
            raise error
        return ()

    with capture_logs() as log:
        monkeypatch.setattr(running.daemon._service, "units", units)
        nudge(running.places.nudge)
        until(lambda: any(line["event"] == "cannot go on, trying again" for line in log))
    assert running.daemon.ask(lambda: 1, 10) == 1


def test_a_transport_that_died_is_started_again(running: Running) -> None:
    until(lambda: running.daemon)
    assert running.daemon is not None
    transport = running.daemon._transport
    until(lambda: transport.alive)
    first = transport._thread
    transport._stopping.set()
    transport._wake()
    until(lambda: not transport.alive)
    transport._stopping.clear()
    running.daemon._look_at_s = 0.0
    nudge(running.places.nudge)
    until(lambda: transport.alive)
    assert transport._thread is not first
