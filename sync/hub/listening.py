"""What comes from units: who it is from, what it asks, and who answers it.

The topic says which unit speaks, and the frame's key proves it: each unit has a channel key of its
own in each epoch. Under the key of an epoch that is over only a greeting is heard, and what a
revoked unit reports: that it destroyed its key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sync import canonical, frames
from sync.errors import Code, HubError, Refused
from sync.hub import adopting, epochs, proposing, words
from sync.hub.answering import MOST_PAGES, Answers
from sync.hub.desk import Desk
from sync.hub.reading import Unit
from sync.hub.speaking import Voice
from sync.message import Arrival, Out
from sync.signing import LARGEST_SIGNED, Signed
from sync.statement.field import MOST_SEQ
from sync.statement.record import Record
from sync.transfer import LARGEST_BLOB, Assembly

MOST_SUBMISSIONS = 2
"""Transfers of one unit that are put together at the same time."""

EPOCHS_SLEPT = 64
"""Epochs that a unit may sleep through and still be heard."""

EPOCHS_FORGOTTEN = 16
"""Epochs that may have begun since the backup that a hub came back from."""

_FRAME_COST, _LARGE_COST = 1.0, 2.0


@dataclass(frozen=True, slots=True)
class Sender:
    """Who speaks, and under which key.

    Attributes:
        unit: The unit whose mailbox it is.
        key: Channel key of the frame.
        present: Whether that is the key of the present epoch, or of one that this hub forgot.
    """

    unit: Unit
    key: bytes
    present: bool


Handler: TypeAlias = Callable[[Sender, list[object], int], list[Out]]


class Listener:
    """Hears the units of one hub."""

    def __init__(self, desk: Desk, voice: Voice, answers: Answers) -> None:
        """Hear for ``desk``."""
        self._desk, self._voice, self._answers = desk, voice, answers
        self._mailboxes: tuple[object, dict[str, Unit]] = (None, {})
        self._keys: dict[str, tuple[int, dict[bytes, tuple[bytes, int]]]] = {}
        self._submissions: dict[str, Assembly] = {}
        self._ranges: dict[str, Assembly] = {}
        self._handlers: dict[str, Handler] = {
            "hello": self._hello,
            "range": self._range,
            "snapshot": self._snapshot,
            "report": self._report,
            "submit": self._submit,
            "page": self._page,
            "ping": self._ping,
        }

    def forget(self) -> None:
        """Forget transfers that were under way on another connection."""
        self._submissions.clear()
        self._ranges.clear()

    def sender(self, topic: str) -> Unit | None:
        """Tell whose mailbox a topic is; None if it is nobody's."""
        match topic.split("/"):
            case ["m", mailbox, "out"]:
                return self._units().get(mailbox)
            case _:
                return None

    def cost(self, arrival: Arrival) -> float:
        """Tell what hearing a message costs of its sender's allowance."""
        return _FRAME_COST if len(arrival.payload) <= frames.SMALL else _LARGE_COST

    def answer(self, unit: Unit, payload: bytes, now_ms: int) -> list[Out]:
        """Answer one frame.

        Raises:
            Refused: It is not believed, or asks for what nobody may ask.
        """
        registration = unit.registration
        keys = self._channel(unit)
        message = frames.open_frame(
            {name: key for name, (key, _) in keys.items()},
            "from",
            self._desk.store.list_id,
            registration.unit_id,
            payload,
        )
        key, epoch = keys[payload[: frames.KEY_ID_SIZE]]
        sender = Sender(unit, key, epoch >= self._desk.book.ledger.epoch)
        tag = message[0]
        handler = self._handlers.get(tag) if isinstance(tag, str) else None
        if handler is None:
            raise Refused(Code.MALFORMED, "a message of an unknown kind")
        if tag != "report":
            _check_standing(sender, tag)
        return handler(sender, message, now_ms)

    # --- what units say -----------------------------------------------------------------------
    def _hello(self, sender: Sender, message: list[object], now_ms: int) -> list[Out]:
        match message:
            case [_, int(seq), bytes(record_hash), int(epoch), int(version), bytes(nonce)] if (
                max(seq, epoch, version) <= MOST_SEQ
            ):
                if not sender.unit.in_force:
                    return self._answers.roots(sender.unit, sender.key, version)
                said = (seq, record_hash, epoch, version, _nonce(nonce))
                return self._answers.hello(sender.unit, sender.key, said, now_ms)
            case _:
                raise _malformed("hello")

    def _range(self, sender: Sender, message: list[object], _now_ms: int) -> list[Out]:
        if self._desk.book.restored_ms:
            return []  # it has forgotten where the ledger stands
        match message:
            case [_, int(first)] if first <= MOST_SEQ:
                return self._answers.range(sender.unit, sender.key, first)
            case _:
                raise _malformed("range")

    def _snapshot(self, sender: Sender, message: list[object], _now_ms: int) -> list[Out]:
        if self._desk.book.restored_ms:
            return []
        match message:
            case [_, str(name), list(numbers)] if len(numbers) <= MOST_PAGES:
                if not all(type(one) is int for one in numbers):
                    raise _malformed("snapshot")
                wanted = [one for one in numbers if isinstance(one, int)]
                return self._answers.snapshot(sender.unit, sender.key, name, wanted)
            case _:
                raise _malformed("snapshot")

    def _report(self, sender: Sender, message: list[object], now_ms: int) -> list[Out]:
        restored = self._desk.book.restored_ms
        if sender.unit.in_force and not sender.present and not restored:
            raise _stale()
        match message:
            case [_, bytes(wire)]:
                with self._desk.change():
                    report = words.take(self._desk, sender.unit, wire, now_ms)
            case _:
                raise _malformed("report")
        # Also where nothing was erased: the broker is not to see who answers which change.
        outs = [self._voice.to(sender.unit, sender.key, ("heard", report.counter))]
        if restored or report.seq > self._desk.book.ledger.seq:
            outs += self._answers.want(sender.unit, sender.key)
        return outs

    def _submit(self, sender: Sender, message: list[object], now_ms: int) -> list[Out]:
        unit_id = sender.unit.registration.unit_id
        parts = self._submissions.setdefault(unit_id, Assembly(LARGEST_SIGNED, MOST_SUBMISSIONS))
        wire = parts.add(message, now_ms)
        if wire is None:
            return []
        try:
            taken = proposing.submit(self._desk, unit_id, wire, now_ms)
        except HubError:
            return []  # this hub may not append just now; the unit hands it over again
        return [self._voice.to(sender.unit, sender.key, ("taken", [taken]))]

    def _page(self, sender: Sender, message: list[object], now_ms: int) -> list[Out]:
        """Take a part of what this hub forgot, from a unit that was asked for it."""
        if not self._desk.book.restored_ms:
            return []
        unit_id = sender.unit.registration.unit_id
        parts = self._ranges.setdefault(unit_id, Assembly(LARGEST_BLOB, MOST_SUBMISSIONS))
        blob = parts.add(message, now_ms)
        if blob is None:
            return []
        match canonical.decode(blob, LARGEST_BLOB):
            case ["range", list(raw)]:
                items = [_item(one) for one in raw]
            case _:
                raise _malformed("range")
        if not adopting.adopt(self._desk, sender.unit, items, now_ms):
            return []
        said = words.newest(self._desk, unit_id)
        behind = said is not None and said.seq > self._desk.book.ledger.seq
        return self._answers.want(sender.unit, sender.key) if behind else []

    def _ping(self, sender: Sender, message: list[object], now_ms: int) -> list[Out]:
        match message:
            case [_, bytes(nonce)]:
                return [self._voice.to(sender.unit, sender.key, ("pong", _nonce(nonce), now_ms))]
            case _:
                raise _malformed("ping")

    # --- who speaks ---------------------------------------------------------------------------
    def _units(self) -> dict[str, Unit]:
        """Give the units by mailbox."""
        units = self._desk.book.units
        if self._mailboxes[0] is not units:
            by_mailbox = {unit.registration.mailbox: unit for unit in units.values()}
            self._mailboxes = (units, by_mailbox)
        return self._mailboxes[1]

    def _channel(self, unit: Unit) -> dict[bytes, tuple[bytes, int]]:
        """Give the channel keys that a unit may have: (key, epoch) by the frame's key id."""
        newest, mailbox = self._desk.book.ledger.epoch, unit.registration.mailbox
        if self._desk.book.restored_ms:
            newest += EPOCHS_FORGOTTEN
        known = self._keys.get(mailbox)
        if known is None or known[0] != newest:
            first = max(unit.row.epoch, newest - EPOCHS_SLEPT)
            made = {}
            for epoch in range(first, newest + 1):
                key = epochs.channel_key(self._desk, epoch, unit.registration)
                made[frames.key_id(key)] = (key, epoch)
            known = self._keys[mailbox] = (newest, made)
        return known[1]


def _check_standing(sender: Sender, tag: object) -> None:
    """Refuse what a revoked unit, or one that missed a new epoch, may not say."""
    if tag == "hello":
        return
    if not sender.unit.in_force:
        raise Refused(Code.REVOKED, "a revoked unit has nothing left to ask")
    if not sender.present:
        raise _stale()


def _item(raw: object) -> tuple[Signed, bytes | None]:
    match raw:
        case [bytes(wire), bytes() | None as content]:
            return Signed.parse(wire, Record.KIND), content
        case _:
            raise _malformed("range")


def _stale() -> Refused:
    return Refused(Code.STALE_EPOCH, "the epoch of this key is over: greet first")


def _nonce(nonce: bytes) -> bytes:
    if len(nonce) > 32:
        raise _malformed("nonce")
    return nonce


def _malformed(what: str) -> Refused:
    return Refused(Code.MALFORMED, f"a {what} of the wrong shape")
