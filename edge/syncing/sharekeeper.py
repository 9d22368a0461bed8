"""The second share of the gallery's key: asked of the hub, handed to the engine, kept a while.

A thread of its own looks after it for as long as the sync process lives, because asking takes its
time, and because the engine may be started anew at any moment. The hub is asked once after each
start: it has to know that this unit is switched on, and may say that it was revoked. The engine,
which has no network, gets the key over its socket and writes it nowhere.
"""

import threading
import time
from collections.abc import Callable
from random import SystemRandom

import structlog

from edge.config import Config
from edge.errors import ConsortiumError, DoorwatchError, KeyAwaitedError, LinkError
from edge.keys.grace import HOUR_MS, LOOK_MS
from edge.keys.shares import gallery_keys
from edge.link import Link
from edge.places import Places
from edge.questions import AnyQuestion, KeyQuestion, TokenQuestion
from edge.syncing.identity import Identity, IdentityFolder
from sync.backoff import Backoff
from sync.clock import Now
from sync.errors import Code, Refused, SyncError, told
from sync.releasing import Released, ask_for_share

LOOK_S = 0.5
"""Seconds between two looks at who waits for the key."""

TOUCH_S = LOOK_MS / 1000
"""Seconds between two notes of how late it is."""

STALE_S = 10.0
"""Seconds after which that the hub answered is no news any more."""

LONGEST_PAUSE_S = 30.0
"""Seconds between two questions to a hub that does not answer, or refuses, at the most."""

PORT = 8884
"""TCP port at which hubs take units in; for units that joined before they kept it."""

_FINAL = frozenset({Code.REVOKED, Code.WRONG_UNIT})
_LOG = structlog.get_logger("sync")


class ShareKeeper:
    """Looks after the shares of one unit.

    Attributes:
        keys: Gives the gallery's key, once it can be had.
        problem: Why the hub gave no share, one line, or nothing.
        starts_until_ms: See :class:`edge.door.SyncView`.
    """

    def __init__(self, settings: Config, places: Places, folder: IdentityFolder) -> None:
        """Prepare; nothing is asked before ``start``."""
        self.keys = gallery_keys(settings, places, folder.provider)
        self.problem = ""
        self.starts_until_ms: int | None = None
        self._settings, self._folder = settings, folder
        self._engine = Link(places.engine_socket, timeout_s=2.0)
        self._asked_as: tuple[int, int] | None = None
        self._pause, self._ask_at_s = _pause(), 0.0
        self._touch_at_s = 0.0
        self._seen: tuple[int, float, bool] | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shares", daemon=True)

    def start(self) -> None:
        """Begin to look after them."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; a question to the hub that is under way ends by its own deadline."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(2 * LOOK_S)

    def heard(self, now: Now, *, live: bool, locked: bool) -> None:
        """Take note of the time by the list, and whether the hub answers, or locked this unit."""
        if locked:
            self.keys.forget_grace()
            self._touch_at_s = 0.0
        elif now.trusted:
            self._seen = (now.ms, time.monotonic(), live)

    def take_token(self, code: str) -> None:
        """Open by the staff token.

        Raises:
            KeyProviderError: It is not the token of this unit, or is mistyped.
        """
        self.keys.take_token(code)
        _LOG.info("opened by a staff token", code="token-taken")

    def _run(self) -> None:
        while not self._ending.wait(LOOK_S):
            try:
                if self.keys.shared and self._folder.joined:
                    self._look()
                else:
                    self.starts_until_ms = None
            except DoorwatchError as error:
                self._say(str(error))

    def _look(self) -> None:
        now_s = time.monotonic()
        due = self._asked_as != self._folder.written or self.keys.waits
        if due and now_s >= self._ask_at_s:
            self._ask()
        self._hand_over()
        if now_s >= self._touch_at_s:
            self._touch()
            self._tell()

    def _ask(self) -> None:
        """Ask the hub, and take what it gives; later again if it cannot be had now."""
        written = self._folder.written
        try:
            released = share_of_hub(self._settings, self._folder)
            self.keys.take_hub_share(released.share, released.now_ms)
        except Refused as refusal:
            if refusal.code in _FINAL:
                self.keys.forget_grace()
            self._failed(told(refusal))
        except (SyncError, DoorwatchError) as error:
            self._failed(str(error))
        else:
            self._asked_as, self.problem, self._pause = written, "", _pause()
            self._touch_at_s = 0.0
            _LOG.info("the hub gave its share of the key", code="share-taken")

    def _failed(self, problem: str) -> None:
        self._ask_at_s = time.monotonic() + self._pause.failed()
        self._say(problem)

    def _hand_over(self) -> None:
        """Give the engine the key if it waits for it."""
        try:
            if self._engine.awaits_key():
                self._engine.open_with(self.keys.kek())
                _LOG.info("the engine was given the key", code="key-handed-over")
        except (LinkError, KeyAwaitedError):
            return  # it is not up yet, or nothing is here to be given

    def _touch(self) -> None:
        """Write how late it is, so that the grace of the hub's share ends when it should.

        Where no time can be trusted it goes on from the last one that was written.
        """
        now_s = time.monotonic()
        self._touch_at_s = now_s + TOUCH_S
        if self._seen is None and (grace := self.keys.grace()) is not None:
            self._seen = (grace.floor_ms, now_s, False)
        if self._seen is not None:
            seen_ms, at_s, live = self._seen
            ago_s = now_s - at_s
            self.keys.touch(seen_ms + round(1000 * ago_s), hub=live and ago_s < STALE_S)

    def _tell(self) -> None:
        """Say until when the hub's share is kept here."""
        grace = self.keys.grace()
        hours_ms = round(self._settings.keys.grace_hours * HOUR_MS)
        self.starts_until_ms = grace.heard_ms + hours_ms if grace else 0

    def _say(self, problem: str) -> None:
        if problem != self.problem:
            _LOG.warning("no second share of the key", code="no-share", why=problem)
        self.problem = problem


class ShareDesk:
    """Answers on the sync process's socket what is about shares; the rest others answer."""

    def __init__(
        self, keeper: ShareKeeper, otherwise: Callable[[AnyQuestion], object] | None = None
    ) -> None:
        """Answer for ``keeper``; ``otherwise`` answers the rest, once the gallery is open."""
        self._keeper, self._otherwise = keeper, otherwise

    def __call__(self, question: AnyQuestion) -> object:
        """Answer one question. Raises: DoorwatchError."""
        match question:
            case TokenQuestion(code=code):
                self._keeper.take_token(code)
                return None
            case KeyQuestion(key=key):
                self._keeper.keys.take_key(key)
                return None
        if self._otherwise is not None:
            return self._otherwise(question)
        raise LinkError(
            f"the list is locked until a second share of its key is here "
            f"({self._keeper.problem or 'asking the hub'})"
        )


def share_of_hub(settings: Config, folder: IdentityFolder) -> Released:
    """Ask the hub for its share of this unit's key.

    Raises:
        ConsortiumError: The unit has not joined, or its folder is damaged.
        TransportError: The hub cannot be reached.
        Refused: By the hub.
    """
    identity = folder.load()
    place = settings.consortium.desk_address or _desk_of(identity)
    try:
        return ask_for_share(place, place[0], folder.tls(identity))
    except OSError as error:
        raise ConsortiumError(f"the hub's desk cannot be asked ({error.strerror})") from error


def _desk_of(identity: Identity) -> tuple[str, int]:
    return identity.desk_host or identity.host, identity.desk_port or PORT


def _pause() -> Backoff:
    return Backoff(SystemRandom().uniform, LONGEST_PAUSE_S)
