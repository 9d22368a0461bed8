"""How the hub puts what it says into frames: to all on the list's topic, to one in its inbox."""

import secrets

from sync import canonical, frames
from sync.hub import epochs
from sync.hub.desk import Desk
from sync.hub.reading import Unit
from sync.message import Out
from sync.signing import Signed
from sync.transfer import pages

BURST = 5
"""Frames in every burst, whatever it holds: a ban, twenty lifts, or nothing."""

_TRANSFER_BYTES = 8


class Voice:
    """Seals messages of one hub."""

    def __init__(self, desk: Desk) -> None:
        """Speak for ``desk``."""
        self._desk = desk

    @property
    def topic(self) -> str:
        """The list's topic in this epoch."""
        return f"l/{epochs.present(self._desk).topic}"

    def head(self) -> Out:
        """Give the newest head, retained for whoever subscribes later."""
        message = ("head", self._desk.store.state.head)
        return Out(f"{self.topic}/head", self._to_all(message), retain=True)

    def burst(self, lead: tuple[object, ...] | None, items: list[object]) -> list[Out]:
        """Give one burst for all units: always as many frames, all of them LARGE.

        Args:
            lead: A message that has to be read before the records, or none.
            items: Records with their contents; empty for a cover.
        """
        blob = canonical.encode(["burst", self._desk.store.state.head, items])
        leads = [lead] if lead else []
        cut = pages(blob, secrets.token_hex(_TRANSFER_BYTES), BURST - len(leads))
        return [Out(self.topic, self._to_all(one, large=True)) for one in (*leads, *cut)]

    def box(self, unit: Unit, now_ms: int) -> Out:
        """Give a unit's key box, retained in its key topic."""
        return self._key(unit, epochs.key_box(self._desk, unit, now_ms))

    def kill(self, unit: Unit, order: Signed) -> Out:
        """Give the order to destroy its key, retained in place of its key box."""
        return self._key(unit, order)

    def to(self, unit: Unit, key: bytes, message: tuple[object, ...], qos: int = 1) -> Out:
        """Give one message for one unit, under its channel key."""
        registration = unit.registration
        payload = frames.seal_frame(
            key, "to", self._desk.store.list_id, registration.unit_id, message
        )
        return Out(f"m/{registration.mailbox}/in", payload, qos)

    def transfer(self, unit: Unit, key: bytes, blob: bytes) -> list[Out]:
        """Give a long message for one unit, cut into pages.

        They are not kept by the broker, which writes everything that it keeps to its disk anew at
        each change: whoever misses one asks again.
        """
        cut = pages(blob, secrets.token_hex(_TRANSFER_BYTES))
        return [self.to(unit, key, page, qos=0) for page in cut]

    def _to_all(self, message: tuple[object, ...], *, large: bool = False) -> bytes:
        key = epochs.ring_key(epochs.present(self._desk), "")
        return frames.seal_frame(key, "list", self._desk.store.list_id, "", message, large=large)

    def _key(self, unit: Unit, carried: Signed) -> Out:
        about = unit.registration
        payload = frames.seal_in_key_topic(
            about.box_key, self._desk.store.list_id, about.unit_id, carried.encode()
        )
        return Out(f"m/{about.mailbox}/key", payload, retain=True)
