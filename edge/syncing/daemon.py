"""The sync process: connection, unit session, gallery and engine put together, and turned.

One thread owns session and gallery. It waits for what the connection reports, lets the session
decide, and acknowledges a message to the broker only after what it brought is on the disk and in
the engine's index. Screening never waits for it: the engine has its own process and its own copy
of the list in RAM, and is only ever told that there is something new.
"""

import contextlib
import queue
import threading
import time
from random import SystemRandom
from typing import Self

import structlog

from edge.config import Config
from edge.errors import DoorwatchError, GalleryError, GalleryLockedError, LinkError
from edge.gallery.shelf import GalleryShelf
from edge.keys.provider import key_provider
from edge.link import Link, LinkServer
from edge.machine.warmth import temperature
from edge.places import Places
from edge.process import Notifier
from edge.syncing.completing import Completing
from edge.syncing.identity import IdentityFolder
from edge.syncing.report import DoorReport
from edge.syncing.route import access_of, say_last_word
from edge.syncing.sharekeeper import ShareDesk, ShareKeeper
from edge.syncing.view import Line, View
from sync.clock import Now
from sync.errors import SyncError
from sync.message import Acknowledged, Arrival, Connected, Disconnected, Out
from sync.transport import Event, Transport
from sync.unit.session import Session
from sync.unit.standing import Locked

TICK_S = 0.1
"""Seconds between two looks at what is due, if nothing comes in."""

MOST_AT_ONCE = 64
"""Arrivals that are worked off before it is looked at what is due."""

RETRY_S = 1.0
"""Seconds to wait after the gallery could not be written, before it is tried again."""

WAITING_S = 0.25
"""Seconds between two looks whether the gallery's key is here."""

STATE_S = 0.5
"""Seconds the engine may take to say how the door is, for a report."""

_LOG = structlog.get_logger("sync")


def keep_list(settings: Config, places: Places, stopping: threading.Event) -> None:
    """Be the sync process: wait until the unit has joined, then keep its list until told to stop.

    Whatever goes wrong is said and tried again: nothing here may end what else the unit does.
    """
    provider = key_provider(settings, places)
    notifier, folder = Notifier(), IdentityFolder(places.unit, provider)
    shares = ShareKeeper(settings, places, folder)
    shares.start()
    notifier.ready()
    said = ""
    try:
        while not stopping.is_set():
            if folder.joined:
                problem = ""
                try:
                    if _await_key(places, shares, stopping, notifier):
                        with SyncProcess(settings, places, folder, shares) as process:
                            process.run(stopping, notifier)
                except (DoorwatchError, SyncError) as error:
                    problem = str(error)
                    if problem != said:
                        _LOG.warning(
                            "cannot keep the list, trying again", code="list-not-kept", why=problem
                        )
                    say_last_word(settings, folder, stopping)
                said = problem
            notifier.alive()
            stopping.wait(RETRY_S)
    finally:
        notifier.stopping()
        shares.stop()
        notifier.close()


def _await_key(
    places: Places, shares: ShareKeeper, stopping: threading.Event, notifier: Notifier
) -> bool:
    """Wait until the gallery's key can be had, and take a token meanwhile; tell whether it can."""
    if not shares.keys.waits:
        return True
    with contextlib.closing(LinkServer(places.sync_socket, ShareDesk(shares))):
        while shares.keys.waits:
            notifier.alive()
            if stopping.wait(WAITING_S):
                return False
    return True


class SyncProcess:
    """One member's end of the list, running."""

    def __init__(
        self,
        settings: Config,
        places: Places,
        folder: IdentityFolder,
        shares: ShareKeeper | None = None,
    ) -> None:
        """Read who this unit is and open its gallery; nothing is connected yet.

        Raises:
            ConsortiumError: The identity is damaged.
            GalleryLockedError: The consortium destroyed its list.
            GalleryError: The gallery cannot be opened.
            TransportError: The certificates cannot be used.
            LinkError: The socket of ``doorwatch status`` cannot be made.
        """
        self._folder, self._written = folder, folder.written
        self._shares = shares or ShareKeeper(settings, places, folder)
        self._identity = folder.load()
        self._keys = self._identity.keys()
        self._engine, self._engine_silent = Link(places.engine_socket), False
        engine = Link(places.engine_socket, STATE_S)
        self._report = DoorReport(engine.state, settings.budget, warmth=temperature)
        self._line, self._doubtful = Line(), False
        with contextlib.ExitStack() as opened:
            opened.enter_context(folder.alone())
            provider = self._shares.keys
            self._shelf = opened.enter_context(GalleryShelf.open(places.gallery, provider))
            self._now, self._now_s = self._shelf.time(), time.monotonic()
            self._session = self._opened()
            self._topics = tuple(self._session.topics())
            access, tls = access_of(settings, self._identity), folder.tls(self._identity)
            self._transport = Transport(access, tls, self._topics)
            opened.callback(self._transport.stop)
            self._view = View(
                self._identity,
                Completing(self._identity, places, provider),
                lambda: self._shares.starts_until_ms,
            )
            desk = ShareDesk(self._shares, self._view)
            opened.enter_context(contextlib.closing(LinkServer(places.sync_socket, desk)))
            self._opened_parts = opened.pop_all()

    def __enter__(self) -> Self:
        """Give the process itself."""
        return self

    def __exit__(self, *about: object) -> None:
        """Close everything, in the opposite order."""
        self._opened_parts.close()

    def run(self, stopping: threading.Event, notifier: Notifier) -> None:
        """Keep the list until told to stop, or until the unit has joined anew."""
        self._transport.start()
        _LOG.info(
            "ready", code="sync-ready", unit=self._identity.unit_id, list=self._identity.list_id[:8]
        )
        while not stopping.is_set() and self._folder.written == self._written:
            self._guarded(stopping)
            notifier.alive()

    # --- one turn -------------------------------------------------------------------------------
    def _guarded(self, stopping: threading.Event) -> None:
        """Make one turn; a gallery that cannot be written is tried again, and nothing is lost.

        What was not committed was not acknowledged either: on a new connection it comes again.
        """
        try:
            if self._doubtful:
                self._session, self._doubtful = self._opened(), False
                self._transport.restart()
            self._turn()
        except GalleryError as error:
            self._doubtful, self._line = True, Line(problem=str(error))
            _LOG.warning("cannot go on, trying again", code="sync-stuck", why=str(error))
            stopping.wait(RETRY_S)

    def _turn(self) -> None:
        events, now = self._happened(), self._time()
        for event in events:
            self._take(event, now)
        self._publish(self._session.tick(self._time()))
        self._follow_topics()
        standing = self._session.standing
        self._shares.heard(now, live=standing.live, locked=bool(standing.locked))
        if self._line.connected and standing.silent:
            self._line = Line(problem="the hub does not answer")
            self._transport.restart()
        self._view.see(standing, self._shelf, self._line)

    def _happened(self) -> list[Event]:
        """Wait for the first event, then take all that are there."""
        events: list[Event] = []
        with contextlib.suppress(queue.Empty):
            events.append(self._transport.events.get(timeout=TICK_S))
            while len(events) < MOST_AT_ONCE:
                events.append(self._transport.events.get_nowait())
        return events

    def _take(self, event: Event, now: Now) -> None:
        match event:
            case Arrival():
                outs = self._session.receive(event, now)
                if self._session.standing.locked is Locked.DESTROYED and outs:
                    self._folder.keep_last_word(outs[0].payload)
                    self._shares.keys.forget()
                self._publish(outs)
                self._transport.done(event)  # only now is it on the disk
                self._follow_topics()
            case Connected():
                _LOG.info("broker connected", code="broker-connected")
                self._line = Line(connected=True, problem="")
                self._publish(self._session.connected(now))
            case Disconnected(why=why):
                if why != self._line.problem:
                    _LOG.warning("broker lost", code="broker-lost", why=why)
                self._line = Line(problem=why)
                self._session.disconnected()
            case Acknowledged():
                pass  # what has to arrive is kept until the hub says that it has it

    def _publish(self, outs: list[Out]) -> None:
        for out in outs:
            self._transport.publish(out)  # what it does not take, the session makes again

    def _follow_topics(self) -> None:
        """Subscribe to what new keys name."""
        topics = tuple(self._session.topics())
        if topics != self._topics:
            self._topics = topics
            self._transport.subscribe(topics)

    # --- what it is put together from -----------------------------------------------------------
    def _opened(self) -> Session:
        return Session(
            self._shelf, self._keys, SystemRandom(), notify=self._notify, condition=self._report
        )

    def _notify(self) -> None:
        """Have the engine read what changed, and wait until it is in force."""
        try:
            self._engine.refresh()
        except LinkError as error:
            if not self._engine_silent:
                _LOG.warning(
                    "the engine was not told; it looks by itself",
                    code="engine-not-told",
                    why=str(error),
                )
            self._engine_silent = True
        else:
            self._engine_silent = False

    def _time(self) -> Now:
        """Tell the time; once the list is destroyed, by the time that it was then."""
        seen_s = time.monotonic()
        try:
            self._now, self._now_s = self._shelf.time(), seen_s
        except GalleryLockedError:
            passed_ms = round(1000 * (seen_s - self._now_s))
            return Now(self._now.ms + passed_ms, self._now.trusted)
        return self._now
