"""The unit's topics, and the frames on them: which key opens what, and who may say it.

The list topic is read by all units under one key, so any of them could write there: it carries
only what is signed. What speaks to this unit alone comes through its own inbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from sync import frames
from sync.message import Out

if TYPE_CHECKING:
    from sync.message import Arrival
    from sync.statement.keybox import KeyRing
    from sync.unit.keys import UnitKeys

Message: TypeAlias = tuple[object, ...]
"""What goes into a frame: a tag and its values."""


class Source(StrEnum):
    """Where something came from, and with that what it may be."""

    LIST = "list"
    INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class Heard:
    """One opened frame.

    Attributes:
        source: Where it came from.
        message: Tag and values, canonical; nothing in it is believed yet.
    """

    source: Source
    message: list[object]


class Channel:
    """Seals and opens what passes between one unit and its hub."""

    def __init__(self, keys: UnitKeys) -> None:
        """Speak for the unit with these keys; ``use`` says under which rings."""
        self._keys = keys
        self.use(())
        box = f"m/{keys.mailbox}"
        self._inbox, self._outbox, self.key_topic = f"{box}/in", f"{box}/out", f"{box}/key"

    def use(self, rings: tuple[KeyRing, ...]) -> None:
        """Use the keys of these rings, newest epoch first, from now on."""
        self.rings = rings
        self._openers = {
            Source.INBOX: frames.named_keys(one.channel for one in rings),
            Source.LIST: frames.named_keys(one.control for one in rings),
        }

    @property
    def open(self) -> bool:
        """Whether there is a key to speak under."""
        return bool(self.rings)

    def topics(self) -> list[str]:
        """Give what to subscribe to."""
        lists = [f"l/{one.topic}" for one in self.rings]
        return [self._inbox, self.key_topic, *lists, *(f"{one}/head" for one in lists)]

    def heard(self, arrival: Arrival) -> Heard:
        """Open a frame; what came over another topic than it was made for does not open.

        Raises:
            Refused: TOO_LARGE, UNKNOWN_KEY, BAD_CIPHERTEXT or MALFORMED.
        """
        names = self._keys
        if arrival.topic == self._inbox:
            keys = self._openers[Source.INBOX]
            frame = frames.open_frame(keys, "to", names.list_id, names.unit_id, arrival.payload)
            return Heard(Source.INBOX, frame)
        keys = self._openers[Source.LIST]
        frame = frames.open_frame(keys, "list", names.list_id, "", arrival.payload)
        return Heard(Source.LIST, frame)

    def out(self, message: Message) -> Out:
        """Seal a message for the hub under the newest channel key."""
        key, names = self.rings[0].channel, self._keys
        payload = frames.seal_frame(key, "from", names.list_id, names.unit_id, message)
        return Out(self._outbox, payload)
