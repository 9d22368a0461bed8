"""The running hub: puts transport, exchange, join server and broker together, and turns them.

One thread owns service and exchange. Everything that happens (a message, a nudge, a unit that
joins) comes to it through one queue; it works off what is there, publishes, and waits again.
What it publishes lies in the database until the broker has taken it, so it may die at any moment.
"""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import structlog

from edge.process import Notifier
from sync.broker import HUB, Broker
from sync.connection import Access
from sync.errors import SyncError
from sync.hub.admission import Admission
from sync.hub.certificates import Certificates
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.exchange import Exchange
from sync.hub.hubclock import now_ms
from sync.hub.nudge import Nudges
from sync.hub.reception import Reception
from sync.hub.service import Service
from sync.hub.watch import Watch
from sync.joindesk import JoinServer
from sync.message import Acknowledged, Arrival, Connected, Disconnected, Out
from sync.statement.head import Head
from sync.tlsline import server_context
from sync.transport import Transport

POLL_S = 0.25
"""Seconds after which the hub looks into its database unasked: a nudge may get lost."""

LOOK_EVERY_S = 5.0
"""Seconds between two looks at the units and at the broker's process."""

LOOK_SOON_S = 0.1
"""Seconds after a nudge until that look: what was appended goes out first."""

MOST_AT_ONCE = 256
"""Events that are worked off in one turn, before what they caused is published."""

Answer = TypeVar("Answer")
_LOG = structlog.get_logger("hub")


@dataclass(frozen=True, slots=True)
class Nudged:
    """A command has changed something."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[Answer]):
    """Something that only the hub's own thread may do, and somebody who waits for it."""

    question: Callable[[], Answer]
    answer: Future[Answer]


class HubDaemon:
    """One running hub."""

    def __init__(
        self, places: HubPlaces, config: HubConfig, certificates: Certificates, service: Service
    ) -> None:
        """Prepare broker and transport; nothing listens yet.

        Args:
            places: The hub's files.
            config: Its settings.
            certificates: Its authority.
            service: Its rules; from now on used by the thread of ``run`` alone.

        Raises:
            HubError: Another hub runs on this folder, or a file cannot be written.
            TransportError: The hub's own certificate cannot be used.
        """
        self._nudges = Nudges(places.nudge)  # first: it keeps two hubs off one folder
        self._service, self._exchange = service, Exchange(service)
        self._broker = Broker(places.broker, config.listen, config.port)
        names = dict.fromkeys([config.host, self._broker.reached_at, "localhost"])
        self._broker.prepare(certificates.authority, names, now_ms())
        self._admission, self._watch = Admission(certificates, self._broker), Watch()
        access = Access(self._broker.reached_at, config.port, HUB)
        topics = self._exchange.topics()
        self._transport = Transport(access, certificates.as_client(now_ms()), topics)
        # The transport's queue takes our own events as well, so that one wait serves for all.
        self._inbox = cast("queue.Queue[object]", self._transport.events)
        desk = Reception(config, certificates, service, self.ask)
        shown = certificates.as_server(list(names), now_ms())
        context = server_context(
            str(shown.certificate),
            str(shown.key),
            shown.password,
            clients=certificates.authority.certificate.decode(),
        )
        self._joining = JoinServer(desk, context, config.listen, config.join_port)
        self._look_at_s = 0.0
        self._expects_loss = False

    def run(self, stopping: threading.Event, *, with_broker: bool) -> None:
        """Run until told to stop.

        Args:
            stopping: Set it to end the run.
            with_broker: Start mosquitto too, and start it again whenever it is gone.

        Raises:
            HubError: mosquitto cannot be started.
        """
        notifier = Notifier()
        try:
            self._admit()
            if with_broker:
                self._broker.start()
            threading.Thread(target=self._hear, name="nudges", daemon=True).start()
            self._transport.start()
            self._joining.start()
            notifier.ready()
            _LOG.info("ready", code="hub-ready", list=self._service.list_id[:8])
            while not stopping.is_set():
                self._guarded(with_broker=with_broker)
                notifier.alive()
        finally:
            notifier.stopping()
            self._nudges.close()
            self._joining.stop()
            self._transport.stop()
            if with_broker:
                self._broker.stop()
            notifier.close()
            _LOG.info("stopped", code="hub-stopped")

    def ask(self, question: Callable[[], Answer], patience_s: float) -> Answer:
        """Let the hub's own thread do something, for another thread; errors come back.

        Raises:
            TimeoutError: The hub is too busy.
        """
        asked = Asked(question, Future())
        self._inbox.put(asked)
        return asked.answer.result(patience_s)

    def _guarded(self, *, with_broker: bool) -> None:
        """Make one turn; what goes wrong in it is said and tried again."""
        try:
            self._turn()
            if time.monotonic() >= self._look_at_s:
                self._look(with_broker=with_broker)
        except SyncError as error:
            _LOG.warning("cannot go on, trying again", code="hub-stuck", why=str(error))
            time.sleep(POLL_S)

    def _turn(self) -> None:
        """Work off what has happened, then publish what is due."""
        happened = self._happened()
        outs = [out for event in happened for out in self._took(event)]
        arrivals = [event for event in happened if isinstance(event, Arrival)]
        if arrivals:
            outs += self._exchange.receive_all(arrivals, now_ms())
            for arrival in arrivals:
                self._transport.done(arrival)  # only now is it on disk
        outs += self._exchange.tick(now_ms())
        self._publish(outs)

    def _happened(self) -> list[object]:
        """Wait for the first event, then take all that are there."""
        now = now_ms()
        due_s = (self._exchange.due_ms(now) - now) / 1000
        events: list[object] = []
        try:
            events.append(self._inbox.get(timeout=min(max(due_s, 0.0), POLL_S)))
            while len(events) < MOST_AT_ONCE:
                events.append(self._inbox.get_nowait())
        except queue.Empty:
            pass
        return events

    def _took(self, event: object) -> list[Out]:
        """Note one event; arrivals are taken together later."""
        match event:
            case Connected():
                _LOG.info("broker connected", code="hub-connected")
                self._expects_loss = False
                return self._exchange.connected(now_ms())
            case Disconnected(why=why):
                said = _LOG.info if self._expects_loss else _LOG.warning
                said("broker lost", code="hub-disconnected", why=why)
                self._expects_loss = False
            case Acknowledged(token=token):
                self._exchange.acknowledged(token)
            case Nudged():
                self._look_at_s = min(self._look_at_s, time.monotonic() + LOOK_SOON_S)
            case Asked():
                self._answer(event)
        return []

    def _publish(self, outs: list[Out]) -> None:
        for out in outs:
            self._transport.publish(out)  # what it does not take is due again later

    def _look(self, *, with_broker: bool) -> None:
        """Look after the broker, who may connect to it, and what the log should say."""
        self._look_at_s = time.monotonic() + LOOK_EVERY_S
        self._admit()
        if with_broker and not self._broker.running:
            _LOG.warning("broker is gone, starting it again", code="broker-again")
            self._broker.start()
        if not self._transport.alive:
            _LOG.error("transport died, starting it again", code="transport-again")
            self._transport.restart()

    def _admit(self) -> None:
        units = self._service.units(now_ms())
        self._expects_loss |= self._admission.follow(units, now_ms())
        head = Head.parse(self._service.head().body)
        remarks = self._watch.look(units, head, now_ms())
        for remark in (*remarks, *self._watch.trust(self._service.root, now_ms())):
            said = _LOG.info if remark.fine else _LOG.warning
            said(remark.event, code=remark.code, **remark.fields)

    def _answer(self, asked: Asked[Answer]) -> None:
        """Do what was asked, and admit whom that let in before anybody hears of it."""
        try:
            answer = asked.question()
            self._admit()
            asked.answer.set_result(answer)
        # A boundary between threads: whatever it is belongs to the one who asked.
        except Exception as error:  # noqa: BLE001
            asked.answer.set_exception(error)

    def _hear(self) -> None:
        while self._nudges.wait():
            self._inbox.put(Nudged())
