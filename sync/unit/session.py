"""The unit's end of the list, sans-I/O: what comes in, what time it is -> what goes out.

The journey of an arrival, from top to bottom: a key box or kill order, or a frame; a frame opened
by the channel; its tag looked up among those that its source may use; pages put together to a
blob; and then one of ``roots``, ``heads``, ``urgent``, ``records``, ``snapshots`` decides what is
believed, and the books carry it out. Whatever is refused on the way is counted by its code, and
changes nothing.

MQTT is a hint, the sequence number is the truth: after each connection the unit greets with what
it has, and whatever it still lacks it asks for. Lost, doubled and reordered messages all end in
the same state.

Example, how a carrier drives it::

    outs = session.connected(now)
    for arrival in arrivals:
        outs += session.receive(arrival, now)  # committed when this returns: acknowledge now
    outs += session.tick(now)                  # a few times a second, connected or not
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync import seal
from sync.errors import Code, Refused
from sync.statement.field import LATEST_MS
from sync.transfer import Assembly
from sync.unit.books import Books, Notify
from sync.unit.catchup import Catchup, lack_of
from sync.unit.channel import Channel, Source
from sync.unit.every import Every
from sync.unit.handshake import Handshake
from sync.unit.intake import Intake
from sync.unit.reports import Condition, Reporter
from sync.unit.restore import forgotten
from sync.unit.standing import standing_of
from sync.unit.submissions import Submissions, messages_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sync.clock import Now
    from sync.message import Arrival, Out
    from sync.signing import Verify
    from sync.unit.channel import Heard, Message
    from sync.unit.keys import UnitKeys
    from sync.unit.shelf import Shelf
    from sync.unit.standing import Standing

EXPIRY_MS = 1_000
"""How often rows are looked through for terms that are over; the engine stops on the second."""

LOOK_MS = 60_000
"""How often rows are compared with the ledger."""

STRANGE = frozenset({Code.ROOT_VERSION, Code.BAD_SIGNATURE, Code.FORK})
"""What comes from a hub whose newest root is not known here, or that stands on another chain."""

GREET_MS = 5_000
"""Such, or news from a hub that did not answer, makes the unit greet anew; not more often."""

HURRY_MS = 2_000
"""How often a hub may hurry the unit's reports."""

AGAIN_MS = 30_000
MOST_AGAIN = 64
"""Receipts that were not heard are sent again, so many at a time."""


class Session:
    """One unit in conversation with its hub, from one connection to the next."""

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self,
        shelf: Shelf,
        keys: UnitKeys,
        random: Random,
        *,
        notify: Notify = lambda: None,
        condition: Callable[[], Condition] = Condition,
        verify: Verify = seal.verify,
    ) -> None:
        """Go on with what ``shelf`` holds.

        Args:
            shelf: Keeps the list.
            keys: Who this unit is.
            random: Draws nonces and pauses; a ``SystemRandom`` but in tests.
            notify: Tells the engine that rows or lease changed, and waits for its new index.
            condition: Tells how the door is, for reports.
            verify: Checks an Ed25519 signature.
        """
        self._shelf, self._random = shelf, random
        self._books = Books(shelf, notify, Reporter(keys, condition))
        self._intake = Intake(self._books, shelf, keys, verify)
        self._channel = Channel(keys)
        self._channel.use(self._books.trusted.keyrings)
        self._handshake = Handshake(random)
        self._catchup = Catchup(random, self._books.refuse)
        self._submissions = Submissions(shelf)
        self._assemblies = {source: Assembly() for source in Source}
        self._heartbeat, self._again, self._expiry = Every(), Every(), Every()
        self._look, self._news, self._wanted = Every(), Every(), Every()
        self._connected = self._outdated = False

    # --- the carrier's side -------------------------------------------------------------------
    def topics(self) -> list[str]:
        """Give what to subscribe to; look again after each arrival, for keys bring topics."""
        return self._channel.topics()

    @property
    def standing(self) -> Standing:
        """How things stand."""
        return standing_of(self._books, self._handshake, self._intake)

    def connected(self, now: Now) -> list[Out]:
        """Greet the hub: the connection is made, and all of ``topics`` is subscribed to."""
        self.disconnected()
        self._connected = True
        self._heartbeat.soon()
        self._again.soon()
        self._catchup.restart()
        self._submissions.restart()
        return self._sealed(self._hello(now))

    def disconnected(self) -> None:
        """Note that the connection is gone; what is local goes on."""
        self._connected = False
        self._handshake.lost()
        self._intake.snapshots.restart()

    def receive(self, arrival: Arrival, now: Now) -> list[Out]:
        """Take one message; what it changes is committed when this returns.

        Whatever is wrong with it is counted, and nothing is raised for it.
        """
        head = self._books.trusted.head
        try:
            messages = self._received(arrival, now)
        except Refused as refusal:
            self._books.refuse(refusal.code)
            self._outdated |= refusal.code in STRANGE
            messages = []
        self._outdated |= not self._handshake.live and self._books.trusted.head != head
        return self._sealed([*messages, *self._onward(now)])

    def tick(self, now: Now) -> list[Out]:
        """Do what is due; call it a few times a second, connected or not."""
        if self._intake.last_words is not None:
            return self._sealed(self._repeated(now))
        messages = self._intake.expire(now) if self._expiry.due(EXPIRY_MS, now.ms) else []
        if self._look.due(LOOK_MS, now.ms):
            self._books.notice(entry_id for entry_id, _ in self._shelf.submissions())
            self._intake.look(now)
        if self._connected and self._channel.open:
            messages += [*self._alive(now), *self._reported(now), *self._submitted(now)]
        return self._sealed([*messages, *self._onward(now)])

    # --- what comes in ------------------------------------------------------------------------
    def _received(self, arrival: Arrival, now: Now) -> list[Message]:
        if arrival.topic == self._channel.key_topic:
            if self._intake.last_words is not None:
                return []  # the order again: a broker delivers twice
            return self._keyed(self._intake.key(arrival.payload, now), now)
        return self._answer(self._channel.heard(arrival), now)

    def _answer(self, heard: Heard, now: Now) -> list[Message]:  # noqa: C901, PLR0911 - one for each tag
        """Let whoever the tag names decide; only the inbox says what is for this unit alone."""
        match heard.source, heard.message:
            case Source.INBOX, ["heard", int(counter)]:
                return self._heard(counter, now)
            case _ if self._intake.last_words is not None:
                pass  # there is no list any more that anything could be about
            case _, ["urgent", raw]:
                return self._intake.urgent(raw, now)
            case _, ["caution", bytes(wire)]:
                self._intake.caution(wire, now)
            case _, ["head", bytes(wire)]:
                return self._intake.head(wire, now)
            case _, ["page", *_]:
                return self._page(heard, now)
            case _, ["roots", raw]:
                return self._keyed(self._intake.roots(raw, now), now)
            case Source.INBOX, ["pong", bytes(nonce), int(hub_ms)] if hub_ms <= LATEST_MS:
                self._outdated &= self._handshake.live  # else this answers a greeting
                self._handshake.answered(nonce, now.ms)
                self._books.hear(hub_ms)
            case Source.INBOX, ["taken", list(entry_ids)]:
                self._shelf.taken([str(one) for one in entry_ids])
            case Source.INBOX, ["want", int(seq)]:
                self._hurry(now)
                return forgotten(self._shelf.records(seq), self._random.randbytes(8).hex())
            case _:
                raise Refused(Code.MALFORMED, "a message that nobody sends there")
        return []

    def _page(self, heard: Heard, now: Now) -> list[Message]:
        blob = self._assemblies[heard.source].add(heard.message, now.ms)
        return self._intake.blob(heard.source, blob, now) if blob is not None else []

    def _hurry(self, now: Now) -> None:
        """Report soon: a hub that was restored waits for the word of each unit."""
        if self._wanted.due(HURRY_MS, now.ms):
            self._heartbeat.soon()

    def _keyed(self, messages: list[Message], now: Now) -> list[Message]:
        """Speak under new keys, if there are any: the hub answers with what they open."""
        if self._channel.rings == self._books.trusted.keyrings:
            return messages
        self._channel.use(self._books.trusted.keyrings)
        return [*messages, *self._hello(now)]

    def _heard(self, counter: int, now: Now) -> list[Message]:
        """Forget a receipt that the hub has: nothing but an answer to it can know its number."""
        last = self._intake.last_words
        if last is not None:
            self._intake.last_heard |= counter == last.counter
        elif any(counter == number for number, _ in self._shelf.unheard()):
            self._shelf.heard(counter)
            self._handshake.proven(now.ms)
        return []

    # --- what goes out ------------------------------------------------------------------------
    def _hello(self, now: Now) -> list[Message]:
        """Greet with what is here, so that the hub can answer with what is not."""
        if not self._channel.open:
            return []
        trusted, epoch = self._books.trusted, self._channel.rings[0].epoch
        ledger, nonce = trusted.ledger, self._handshake.ask(now.ms)
        return [("hello", ledger.seq, ledger.hash, epoch, trusted.root.version, nonce)]

    def _alive(self, now: Now) -> list[Message]:
        """Ask for a proof of life after a silence; greet where the hub may not know us."""
        if self._outdated and self._news.due(GREET_MS, now.ms):
            self._outdated = False
            return self._hello(now)
        if not self._handshake.due(now.ms):
            return []
        if self._handshake.live:
            return [("ping", self._handshake.ask(now.ms))]
        return self._hello(now)

    def _reported(self, now: Now) -> list[Message]:
        """Report now and then, and again what names erasures and was not heard."""
        policy = self._books.trusted.ledger.policy
        beat = self._heartbeat.due(policy.report_every_ms, now.ms)
        messages = self._books.report(now) if beat else []
        if self._handshake.live and self._again.due(AGAIN_MS, now.ms):
            messages += [("report", wire) for _, wire in self._shelf.unheard()[:MOST_AGAIN]]
        return messages

    def _repeated(self, now: Now) -> list[Message]:
        """Say again that everything is destroyed, until the hub has heard it."""
        last = self._intake.last_words
        if last is None or self._intake.last_heard or not self._again.due(AGAIN_MS, now.ms):
            return []
        return [("report", last.wire)]

    def _submitted(self, now: Now) -> list[Message]:
        """Hand over what was entered here while the hub was away."""
        if not self._handshake.live:
            return []
        due = self._submissions.due(now.ms)
        self._books.notice(entry_id for entry_id, _ in due)
        return [message for _, wire in due for message in messages_of(wire)]

    def _onward(self, now: Now) -> list[Message]:
        """Ask for what is missing: pages of the snapshot under way, or what a head tells of."""
        if not self._connected or not self._channel.open or self._intake.last_words is not None:
            return []
        if self._intake.snapshots.active:
            return self._intake.snapshots.requests(now.ms)
        if not self._handshake.live:
            return []  # the answer to the greeting brings it
        lack = lack_of(self._books.trusted, lacking=self._intake.lacking)
        head = self._books.trusted.head
        return self._catchup.question(lack, head.issued_ms if head else 0, now.ms)

    def _sealed(self, messages: list[Message]) -> list[Out]:
        """Seal messages; without a connection or a key they are not sent, but made anew later."""
        if not self._connected or not self._channel.open:
            return []
        return [self._channel.out(message) for message in messages]
