"""The engine process: camera to lamps, with no network at all.

The only place where its parts are put together. Three threads work beside the screening loop:
one reads the camera, one looks after the list, and a few answer questions over a Unix socket.
What they share is replaced by assignment, never changed. If a network or the gallery cannot be
opened the process runs all the same, shows FAULT with the sentence, and tries again.
"""

import sys
import threading
import time
from dataclasses import dataclass, replace

import cv2
import msgspec
import structlog

from edge.alerts import AlertBook
from edge.answers import Answers
from edge.capture.camera import Camera
from edge.capture.opening import check_source, is_live, open_source
from edge.capture.source import Frame, FrameSource
from edge.config import Config
from edge.curves import impostor_curve
from edge.decision import Decision, Fault, Signal, Verdict, worst
from edge.door import DoorState
from edge.errors import ModelError
from edge.gallery.store import Store
from edge.gallery.tonight import TonightShelf
from edge.handheld import HandheldCheck
from edge.indicator.lamp import LampFeed
from edge.keys.provider import key_provider
from edge.keys.shares import gallery_keys
from edge.link import LinkServer
from edge.listkeeper import ListKeeper, Measure
from edge.machine.opening import forget_opening
from edge.machine.watch import MachineWatch, Outlook, Sources, Told
from edge.meter import Meter
from edge.pin import PinFile
from edge.pipeline import Screening
from edge.places import Places
from edge.process import Notifier
from edge.putting import ManagersDoor, Putting
from edge.recall import Recall
from edge.vision import Engine, load_engine
from edge.vision.models.card import read_card
from edge.vision.track import Tracker
from edge.watchdog import Watchdog

TICK_S = 0.15
"""Seconds to wait for a frame before the lamp keeper is fed without one."""

RETRY_S = 5.0
"""Seconds between two attempts to load the networks."""

LAMPS_SILENT_S = 2.0
"""Seconds without a lamp keeper that takes what it is fed, after which the lamps are a fault."""

STALLED_AFTER_S = 1.5
"""Seconds without a new snapshot after which whoever asks is told that the engine stands."""

SWITCH_S = 0.001
"""Seconds that another thread may keep the interpreter from the screening loop at a time."""

_LOG = structlog.get_logger("engine")


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """What can only be made once the networks are loaded.

    Attributes:
        engine: The networks.
        screening: The pipeline on them.
        listed: The list to compare against.
        turn: Held while the networks work.
    """

    engine: Engine
    screening: Screening
    listed: ListKeeper
    turn: threading.Lock


class DoorEngine:
    """The screening loop and what stands around it."""

    def __init__(self, config: Config, places: Places) -> None:
        """Open the camera, the lamp feed and the socket; the networks follow in :meth:`run`.

        Raises:
            ConfigError: The configuration names no kind of camera.
            LinkError: The socket cannot be made.
        """
        check_source(config.camera.source)
        sys.setswitchinterval(SWITCH_S)
        _settle_opencv()
        self._config, self._places = config, places
        self._keys = gallery_keys(config, places, key_provider(config, places))
        self._camera = Camera(self._open_source, live=is_live(config.camera.source))
        self._meter = Meter()
        self._alerts = AlertBook(config.decision.cool_down_s)
        self._recall = Recall(places.manager_pin_file.exists)
        self._loaded: Loaded | None = None
        self._trouble: str | None = None
        self._retry_at = 0.0
        self._frame = 0
        self._finished = False
        self._decisions: tuple[Decision, ...] = ()
        self._lamp = LampFeed(places.lamp_socket)
        self._notifier = Notifier()
        self._watchdog = Watchdog(self._notifier, time.monotonic())
        # One that nobody started as a part of a unit may have no lamp keeper, and needs none.
        self._lamps_at = time.monotonic() if self._notifier.heard else None
        self._lost_edgetpu = False
        sources = Sources(places.state, places.opened, places.opened_seen)
        self._machine = MachineWatch(sources, self._told)
        self._outlook = Outlook()
        self._screened_at = float("-inf")
        self._published_at = time.monotonic()
        self._state = self._snapshot(worst((), frozenset({Fault.NO_PICTURE})))
        self._answers = Answers(self._alerts, self.state, self._quiet, self._keys)
        self._link = LinkServer(places.engine_socket, self._answers)

    def run(self, stopping: threading.Event) -> None:
        """Screen until told to stop, then let everything go."""
        try:
            self._load_if_due()
            self._notifier.ready()
            while not stopping.is_set():
                self._load_if_due()
                self._wait_turn(stopping)
                self._step(self._camera.take(TICK_S))
        finally:
            self._close()

    def state(self) -> DoorState:
        """Give the newest snapshot, as a fault if the loop no longer makes them."""
        if time.monotonic() - self._published_at > STALLED_AFTER_S:
            return msgspec.structs.replace(
                self._state, verdict=Verdict.FAULT.name, faults=(Fault.STALLED.value,)
            )
        return self._state

    def _wait_turn(self, stopping: threading.Event) -> None:
        """Leave a pause where the machine has to stay cool; newer frames replace those that wait.

        They are counted as dropped, and the rate is part of what everybody is shown.
        """
        if (rate := self._outlook.view.rate_limit) is not None:
            stopping.wait(max(0.0, self._screened_at + 1 / rate - time.monotonic()))

    def _step(self, frame: Frame | None) -> None:
        """Screen one frame, if there is one; tell the lamps and whoever asks, either way."""
        self._outlook = self._machine.newest(time.monotonic())
        self._camera.judge(frame)
        if frame is not None:
            self._screened_at = time.monotonic()
        compared = self._screen(frame, self._faults())
        faults = self._faults()  # again: if that took long, the frame is no fresh one any more
        signal = self._signal(faults)
        self._light(signal)
        now = time.monotonic()
        if self._loaded is not None:
            self._loaded.screening.settle(now)
        if frame is not None:
            self._meter.count(frame.taken_at, now)
        self._state, self._published_at = self._snapshot(signal, self._sentences(faults)), now
        if compared:
            self._watchdog.compared(now)
        elif self._finished:
            self._watchdog.ended()
        else:
            self._watchdog.waited(now, self._camera.tries, self._state.faults)

    def _signal(self, faults: frozenset[Fault]) -> Signal:
        signal = worst(self._decisions, faults)
        return replace(signal, attention=bool(self._outlook.view.notes) and not signal.verdict)

    def _screen(self, frame: Frame | None, faults: frozenset[Fault]) -> bool:
        """Screen a frame, if there is one, and tell whether it was compared with a list."""
        loaded = self._loaded
        if frame is None or loaded is None:
            self._finish_if_ended(frame)
            return False
        in_force = loaded.listed.in_force
        try:
            with loaded.turn:
                self._decisions = loaded.screening.screen(frame, in_force, faults)
        except ModelError as error:
            self._lose_networks(loaded, error)
            return False
        self._frame = frame.number
        return in_force.index is not None

    def _quiet(self) -> None:
        self._lamp.quiet()

    def _light(self, signal: Signal) -> None:
        """Feed the lamps; somebody who rang a moment ago does not ring again."""
        if self._lamp.send(signal, self._frame):
            self._lamps_at = time.monotonic()
        stops = [one.encounter for one in self._decisions if one.verdict is Verdict.STOP]
        if stops and all(self._alerts.cooled(number) for number in stops):
            self._lamp.quiet()

    def _finish_if_ended(self, frame: Frame | None) -> None:
        if frame is None and self._camera.ended and not self._finished:
            self._finished, self._decisions = True, ()
            if self._loaded is not None:
                self._loaded.screening.finish(time.monotonic())

    def _faults(self) -> frozenset[Fault]:
        now = time.monotonic()
        blind = self._camera.blind(now)
        unit = frozenset(Fault[kind.name] for kind in blind) | self._outlook.faults
        if self._lamps_at is not None and now - self._lamps_at > LAMPS_SILENT_S:
            unit |= {Fault.LAMP}
        if self._loaded is None:
            return unit | {Fault.MODEL}
        return unit | self._loaded.listed.faults

    def _sentences(self, faults: frozenset[Fault]) -> tuple[str, ...]:
        """Say each fault as staff read it, with the cause behind it where one is known."""
        listed = self._loaded.listed.trouble if self._loaded else None
        causes = {
            Fault.NO_PICTURE: self._camera.trouble,
            Fault.MODEL: self._trouble,
            Fault.GALLERY: listed,
            Fault.LOCKED: listed,
            Fault.WAITING: listed,
        }
        ordered = [fault for fault in Fault if fault in faults]
        return tuple(f"{f.value} ({causes[f]})" if causes.get(f) else f.value for f in ordered)

    def _snapshot(self, signal: Signal, sentences: tuple[str, ...] = ()) -> DoorState:
        loaded, now = self._loaded, time.monotonic()
        self._recall.sweep(now)
        in_force = loaded.listed.in_force if loaded else None
        known = in_force is not None and in_force.view is not None
        return DoorState(
            taken_at=time.time(),
            frame=self._frame,
            verdict=signal.verdict.name if signal.verdict else None,
            category=signal.category,
            faults=sentences,
            encounters=loaded.screening.views() if loaded else (),
            alerts=self._alerts.sweep(now),
            gallery=in_force.view if in_force else None,
            thresholds=(in_force.rules.check, in_force.rules.stop) if in_force and known else None,
            counts=dict(loaded.screening.counts) if loaded else {},
            fps=self._meter.fps(now),
            dropped=self._camera.dropped,
            latency_ms=self._meter.latency_ms(),
            stages_ms={k: v * 1000 for k, v in loaded.engine.timings.items()} if loaded else {},
            finished=self._finished,
            outcomes=self._alerts.outcomes(),
            rings=self._alerts.rings(),
            machine=self._outlook.view,
        )

    def _told(self) -> Told:
        """Tell the watch over the machine what only the engine knows; on its thread."""
        loaded, wanted = self._loaded, self._config.vision.accelerator
        if loaded is None:
            return Told()
        clock, gallery = loaded.listed.clock, loaded.listed.in_force.view
        off_s, runs_on = clock.off_s if clock else 0.0, loaded.engine.accelerator
        return Told(
            clock=clock.by if clock else "",
            clock_off_s=off_s,
            lease_used=gallery.lease_used(time.time() - off_s) if gallery else None,
            accelerator=runs_on,
            accelerator_missed=runs_on == "cpu" and (wanted == "edgetpu" or self._lost_edgetpu),
            runtime=loaded.engine.runtime,
        )

    def _load_if_due(self) -> None:
        """Load the networks, now or again after a while."""
        if self._loaded is not None or time.monotonic() < self._retry_at:
            return
        try:
            self._loaded = self._load()
            self._trouble = None
        except ModelError as error:
            self._retry_at = time.monotonic() + RETRY_S
            if self._trouble != str(error):
                _LOG.error(
                    "the networks cannot be loaded", code="networks-not-loaded", why=str(error)
                )
            self._trouble = str(error)

    def _lose_networks(self, loaded: Loaded, error: ModelError) -> None:
        """Let go of networks that failed; they are loaded again, at once where that may help.

        An Edge TPU that was unplugged, or that answers no more, is not asked again until the
        engine is started anew: the processor does its work, more slowly, and everybody is told.
        """
        _LOG.error("a network failed while it ran", code="network-failed", why=str(error))
        lost = loaded.engine.accelerator == "edgetpu"
        self._lost_edgetpu |= lost
        self._retry_at = 0.0 if lost else time.monotonic() + RETRY_S
        self._loaded, self._trouble, self._decisions = None, str(error), ()
        loaded.listed.close()

    def _load(self) -> Loaded:
        config, turn = self._config, threading.Lock()
        accelerator = "cpu" if self._lost_edgetpu else config.vision.accelerator
        engine = load_engine(accelerator, config.vision.threads or None)
        curve = impostor_curve(read_card("embed"))
        measure = Measure(engine.model_id, curve, config.budget, config.decision, engine.dimension)
        listed = ListKeeper(self._open_gallery, measure)
        handheld = HandheldCheck(engine, turn, lambda: listed.in_force)
        self._answers.complete(listed, handheld, self._putting(engine, listed))
        screening = Screening(engine.watch(), Tracker(), self._alerts, self._recall)
        return Loaded(engine, screening, listed, turn)

    def _putting(self, engine: Engine, listed: ListKeeper) -> Putting:
        places, door = self._places, ManagersDoor(PinFile(self._places.manager_pin_file))
        return Putting(
            self._recall,
            door,
            lambda: TonightShelf.open(places.gallery, self._keys),
            engine.model_id,
            listed.refresh,
            lambda: listed.in_force.rules.stop,
            lambda: forget_opening(places.opened_seen, places.opened, self._lamp.closed),
        )

    def _open_gallery(self) -> Store:
        return Store.open(
            self._places.gallery,
            self._keys,
            lease_days=self._config.entry_list.lease_days,
        )

    def _open_source(self) -> FrameSource:
        camera = self._config.camera
        return open_source(
            camera.source,
            size=(camera.width, camera.height),
            fps=camera.fps,
            loop=camera.loop,
            rotate=camera.rotate,
        )

    def _close(self) -> None:
        self._notifier.stopping()
        self._link.close()
        self._camera.close()
        self._machine.close()
        if self._loaded is not None:
            self._loaded.listed.close()
        self._lamp.close()
        self._notifier.close()


def _settle_opencv() -> None:
    """Leave the processor's threads to the networks, and its chatter out of the log."""
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
