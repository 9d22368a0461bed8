"""The sync process without a network: what it does with what the connection reports."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from edge.config import Config
from edge.errors import GalleryError, LinkError
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from edge.link import Link
from edge.places import Places
from edge.process import Notifier
from edge.syncing import daemon, route
from edge.syncing.daemon import SyncProcess, keep_list
from edge.syncing.identity import Draft, Identity, IdentityFolder
from simulator.shelf_samples import LIST_ID, VENUE, trusted
from sync.authority import new_key
from sync.message import Acknowledged, Arrival, Connected, Disconnected, Out
from sync.unit.session import Session

MAILBOX = "56" * 8
IDENTITY = Identity(
    list_id=LIST_ID,
    unit_id="12" * 8,
    name="Door",
    venue_id=VENUE,
    venue="The Blue Note",
    mailbox=MAILBOX,
    host="hub.example.org",
    port=8883,
    signing_seed=bytes(range(32)),
    box_seed=bytes(range(96)),
    tls_password=b"password",
)


class Line:
    """A connection that reports what the test says, and notes what it is told."""

    made: list["Line"]

    def __init__(self, access: object, tls: object, topics: object = ()) -> None:
        self.access, self.topics = access, topics
        self.events: queue.Queue[object] = queue.Queue()
        self.published: list[Out] = []
        self.acknowledged: list[Arrival] = []
        self.restarts = self.stops = 0
        Line.made.append(self)

    def start(self) -> None: ...

    def publish(self, out: Out) -> bool:
        self.published.append(out)
        return True

    def done(self, arrival: Arrival) -> None:
        self.acknowledged.append(arrival)

    def subscribe(self, topics: object) -> None:
        self.topics = topics

    def restart(self) -> None:
        self.restarts += 1

    def stop(self) -> None:
        self.stops += 1


@pytest.fixture
def places(tmp_path: Path) -> Places:
    text = f"[paths]\nstate = '{tmp_path}/state'\n"
    made = Config.parse(text, tmp_path).places()
    made.prepare()
    return made


def joined(places: Places) -> IdentityFolder:
    """Make the unit a member, as joining does."""
    provider = KeyFile(places.key_file)
    provider.provision()
    with GalleryShelf.open(places.gallery, provider, anew=True) as shelf:
        shelf.join(trusted())
    folder = IdentityFolder(places.unit, provider)
    draft = Draft(bytes(32), bytes(96), new_key(b"password"), b"password", b"")
    folder.keep(IDENTITY, draft, b"certificate", b"authority")
    return folder


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> type[Line]:
    Line.made = []
    monkeypatch.setattr(daemon, "Transport", Line)
    monkeypatch.setattr(route, "Transport", Line)
    monkeypatch.setattr(daemon, "RETRY_S", 0.05)
    return Line


class Running:
    """The sync process in a thread of its own."""

    def __init__(self, places: Places, text: str = "") -> None:
        self.stopping = threading.Event()
        settings = Config.parse(text, Path("door.toml"))
        self.thread = threading.Thread(target=keep_list, args=(settings, places, self.stopping))
        self.thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_waits_for_joining_and_begins_at_once(places: Places, line: type[Line]) -> None:
    with Running(places):
        time.sleep(0.3)
        assert Line.made == []
        joined(places)
        until(lambda: Line.made)
    assert Line.made[0].stops == 1


def test_it_goes_where_the_hub_said_or_the_configuration_says(
    places: Places, line: type[Line]
) -> None:
    joined(places)
    with Running(places):
        until(lambda: Line.made)
    with Running(places, '[consortium]\nbroker = "10.0.0.1:1883"\n'):
        until(lambda: len(Line.made) == 2)
    said, configured = (made.access for made in Line.made)
    assert (said.host, said.port, said.client_id) == ("hub.example.org", 8883, MAILBOX)  # type: ignore[attr-defined]
    assert (configured.host, configured.port) == ("10.0.0.1", 1883)  # type: ignore[attr-defined]
    assert said.will.topic == f"m/{MAILBOX}/will"  # type: ignore[attr-defined]


def test_it_greets_when_connected_and_acknowledges_what_is_on_the_disk(
    places: Places, line: type[Line]
) -> None:
    joined(places)
    with Running(places):
        until(lambda: Line.made)
        (made,) = Line.made
        made.events.put(Connected(session_present=False))
        until(lambda: made.published)
        assert made.published[0].topic == f"m/{MAILBOX}/out"
        arrival = Arrival(f"m/{MAILBOX}/in", b"nonsense")
        made.events.put(arrival)
        until(lambda: made.acknowledged == [arrival])
        until(lambda: Link(places.sync_socket).standing().refusals)
        view = Link(places.sync_socket).standing()
        assert (view.connected, view.live, view.venue) == (True, False, "The Blue Note")
        made.events.put(Disconnected("the network is down"))
        until(lambda: Link(places.sync_socket).standing().problem == "the network is down")
        with pytest.raises(LinkError, match="no more"):
            Link(places.sync_socket).state()


def test_what_could_not_be_written_is_not_acknowledged_and_comes_again(
    places: Places, line: type[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(places)
    full = threading.Event()
    receive = Session.receive

    def failing(self: Session, arrival: Arrival, now: object) -> list[Out]:
        if full.is_set():
            raise GalleryError("the disk is full")
        return receive(self, arrival, now)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "receive", failing)
    arrival = Arrival(f"m/{MAILBOX}/in", b"nonsense")
    with Running(places):
        until(lambda: Line.made)
        (made,) = Line.made
        made.events.put(Connected(session_present=False))
        full.set()
        made.events.put(arrival)
        until(lambda: made.restarts)
        assert made.acknowledged == []
        full.clear()
        made.events.put(arrival)
        until(lambda: made.acknowledged == [arrival])


def test_a_gallery_that_stays_away_ends_nothing(
    places: Places, line: type[Line], capsys: pytest.CaptureFixture[str]
) -> None:
    joined(places)
    kept = places.gallery.with_suffix(".kept")
    places.key_file.rename(kept)
    with Running(places) as running:
        time.sleep(0.4)
        assert running.thread.is_alive()
        assert Line.made == []
        kept.rename(places.key_file)
        until(lambda: Line.made)
    assert capsys.readouterr().out.count("cannot keep the list") == 1


def test_when_the_hub_is_silent_the_connection_is_made_anew(
    places: Places, line: type[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.unit.handshake.ANSWER_MS", 40)
    joined(places)
    with Running(places):
        until(lambda: Line.made)
        (made,) = Line.made
        made.events.put(Connected(session_present=False))
        until(lambda: made.restarts)
        until(lambda: "does not answer" in Link(places.sync_socket).standing().problem)


def test_a_unit_that_joins_anew_is_started_anew(places: Places, line: type[Line]) -> None:
    folder = joined(places)
    with Running(places):
        until(lambda: Line.made)
        folder.resign()
        until(lambda: Line.made[0].stops)
        with folder.alone():
            pass
        joined(places)
        until(lambda: len(Line.made) == 2)


def test_a_list_that_was_destroyed_is_waited_out(
    places: Places, line: type[Line], capsys: pytest.CaptureFixture[str]
) -> None:
    joined(places)
    with GalleryShelf.open(places.gallery, KeyFile(places.key_file)) as shelf:
        shelf.destroy()
    with Running(places):
        time.sleep(0.3)
        assert Line.made == []
        joined(places)
        until(lambda: Line.made)
    assert "locked by the consortium" in capsys.readouterr().out


def test_a_last_word_that_was_not_sent_is_sent_after_the_next_start(
    places: Places, line: type[Line]
) -> None:
    folder = joined(places)
    folder.keep_last_word(b"all is destroyed")
    with GalleryShelf.open(places.gallery, KeyFile(places.key_file)) as shelf:
        shelf.destroy()
    with Running(places):
        until(lambda: Line.made)
        Line.made[0].events.put(Connected(session_present=True))
        until(lambda: Line.made[0].published)
        (out,) = Line.made[0].published
        assert (out.topic, out.payload) == (f"m/{MAILBOX}/out", b"all is destroyed")
        assert folder.last_word() is not None
        Line.made[0].events.put(Acknowledged("last"))
        until(lambda: folder.last_word() is None)
        until(lambda: Line.made[0].stops)


def test_after_the_kill_order_time_goes_on_without_the_gallery(
    places: Places, line: type[Line]
) -> None:
    folder = joined(places)
    with SyncProcess(Config(), places, folder) as process:
        before = process._time()
        process._shelf.destroy()
        time.sleep(0.05)
        after = process._time()
        assert after.ms > before.ms
        assert after.trusted == before.trusted
        stopping = threading.Event()
        threading.Timer(0.3, stopping.set).start()
        with contextlib.closing(Notifier({})) as notifier:
            process.run(stopping, notifier)
