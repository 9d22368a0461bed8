"""Put on the list from here: what a manager with a PIN may do at the door's own page.

The engine itself checks the PIN, so that whoever takes over the page's process, which listens to
a network, sees nobody of the last minute and puts nobody on the list.
"""

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import structlog

from edge.attempts import Attempts
from edge.door import Completion, PasserView, TonightView
from edge.errors import DoorwatchError, LinkError, ModelError
from edge.gallery.tonight import TonightShelf, completed
from edge.night import night_end
from edge.pin import PinFile, pin_matches
from edge.preflight import Grade, forecast
from edge.questions import (
    BoxClosedQuestion,
    CompleteQuestion,
    DropQuestion,
    ManagerQuestion,
    PasserPhotoQuestion,
    PassersQuestion,
    TakeQuestion,
    TonightPhotoQuestion,
    TonightQuestion,
)
from edge.recall import Passer, Recall
from edge.vision.face import FloatArray
from sync.entries import Entry, Reason, category_of

OPEN_S = 300.0
"""Seconds for which the manager's PIN opens what only a manager may do."""

MOST_KEYS = 4
"""Managers at once; a further one ends the oldest."""

_CLIENT = "page"
_LOG = structlog.get_logger("list")


@dataclass(slots=True)
class ManagersDoor:
    """Lets managers in: by the PIN, for some minutes.

    Attributes:
        pin: The hash of the PIN, where one is set.
        clock: Gives seconds, monotonic.
    """

    pin: PinFile
    clock: Callable[[], float] = time.monotonic
    _attempts: Attempts = field(default_factory=Attempts)
    _keys: dict[str, float] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def unlock(self, pin: str) -> str:
        """Give a key for the PIN.

        Raises:
            LinkError: It is not the PIN, none is set, or it was tried too often.
        """
        with self._turn:  # one at a time: each check takes 64 MiB for a moment
            wait_s = self._attempts.wait_s(_CLIENT, self.clock())
            if wait_s > 0:
                raise LinkError(f"too many wrong PINs: try again in {math.ceil(wait_s)} seconds")
            pin_hash = self.pin.read()
            if pin_hash is None:
                raise LinkError("no manager's PIN is set: run doorwatch set-pin --manager")
            self._attempts.count(_CLIENT, self.clock())
            if not pin_matches(pin_hash, pin):
                _LOG.warning("a manager's PIN was refused", code="pin-refused")
                raise LinkError("that is not the manager's PIN")
            self._attempts.forgive(_CLIENT)
            return self._new_key()

    def check(self, key: str) -> None:
        """Refuse a key that does not open, or no longer.

        Raises:
            LinkError: The PIN has to be typed again.
        """
        if self._keys.get(key, 0.0) <= self.clock():
            raise LinkError("the time is over: type the manager's PIN again")

    def _new_key(self) -> str:
        key, now = secrets.token_urlsafe(32), self.clock()
        self._keys = {one: until for one, until in self._keys.items() if until > now}
        self._keys[key] = now + OPEN_S
        while len(self._keys) > MOST_KEYS:
            del self._keys[next(iter(self._keys))]
        return key


@dataclass(frozen=True, slots=True)
class Putting:
    """Answers managers.

    Attributes:
        recall: Who was in front of the camera.
        door: Lets managers in.
        opening: Opens the entries for tonight.
        model_id: The network of this engine.
        refresh: Has the list read again, and waits until it is in force.
        stop: Gives the score from which this door stops.
        box_closed: Takes back that the box was opened; raises IndicatorError while it is open.
    """

    recall: Recall
    door: ManagersDoor
    opening: Callable[[], TonightShelf]
    model_id: str
    refresh: Callable[[], object]
    stop: Callable[[], float]
    box_closed: Callable[[], None]

    def __call__(self, question: ManagerQuestion) -> object:
        """Answer one question.

        Raises:
            LinkError: The key does not open, or nothing of the person is left.
            GalleryError: A rule of the list is broken, or the disk does not write.
            IndicatorError: The box is open still.
        """
        self.door.check(question.key)
        match question:
            case PassersQuestion():
                return self._passers()
            case PasserPhotoQuestion(encounter=encounter):
                return self.recall.passer(encounter).picture
            case TakeQuestion(encounter=encounter, reason=reason):
                return self._take(encounter, reason)
            case TonightQuestion() | TonightPhotoQuestion():
                return self._look(question)
            case DropQuestion(entry_id=entry_id):
                self._drop(entry_id)
            case CompleteQuestion(entry_id=entry_id, said=said):
                self._complete(entry_id, said)
            case BoxClosedQuestion():
                self._close_box()
        return None

    def _passers(self) -> tuple[PasserView, ...]:
        found = self.recall.views(time.monotonic())
        _LOG.info(
            "a manager looked at the last minute", code="last-minute-shown", people=len(found)
        )
        return found

    def _take(self, encounter: int, reason: Reason) -> TonightView:
        passer = self.recall.claim(encounter)
        try:
            entry = self._put(passer, reason)
        except DoorwatchError:
            self.recall.release(encounter)
            raise
        self.refresh()
        _LOG.info("put on the list for tonight", code="tonight-put")
        return self._view(entry, passer.templates())

    def _put(self, passer: Passer, reason: Reason) -> Entry:
        with self.opening() as shelf:
            now = shelf.time().ms / 1000
            ends = night_end(datetime.fromtimestamp(now).astimezone()).timestamp()
            entry = Entry(secrets.token_hex(8), category_of(reason), reason, now, ends)
            shelf.add(entry, passer.picture, passer.templates(), self.model_id)
        return entry

    def _look(self, question: TonightQuestion | TonightPhotoQuestion) -> object:
        with self.opening() as shelf:
            if isinstance(question, TonightPhotoQuestion):
                return shelf.kept(question.entry_id).photo_jpeg
            found = [shelf.kept(entry.entry_id) for entry in shelf.entries()]
            return [self._view(one.entry, one.templates) for one in found]

    def _drop(self, entry_id: str) -> None:
        with self.opening() as shelf:
            shelf.drop(entry_id)
        self.refresh()
        _LOG.info("taken off tonight's list", code="tonight-taken-off")

    def _complete(self, entry_id: str, said: Completion) -> None:
        with self.opening() as shelf:
            before = shelf.kept(entry_id).entry
            after = completed(before, said, shelf.time().ms / 1000)
            shelf.complete(after, said.incident_on, said.evidence.strip())
        self.refresh()
        _LOG.info("completed on the door's page", code="tonight-completed")

    def _close_box(self) -> None:
        self.box_closed()
        _LOG.warning("a manager has seen to the opened box", code="box-closed")

    def _view(self, entry: Entry, templates: FloatArray) -> TonightView:
        try:
            told = forecast(templates, self.stop())
        except ModelError:  # made by another network: nothing is known of it
            told = None
        return TonightView(
            entry_id=entry.entry_id,
            category=entry.category,
            reason=entry.reason,
            created_at=entry.created_at,
            valid_until=entry.valid_until,
            one_in=told.one_in if told else None,
            doubtful=told is not None and told.grade is Grade.POOR,
        )
