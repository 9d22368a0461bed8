"""The log of requests: opened, worked on, answered, and in the end forgotten.

A request is deleted as surely as what it is about: the person's words and address go some time
after its end, the rest later, in the backups too.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from sync.errors import HubError
from sync.hub.desk import Desk
from sync.hub.rights.request import (
    LONGEST_WORDS,
    MOST_ENTRIES,
    Ask,
    Outcome,
    Request,
    Step,
)
from sync.hub.rows import encode
from sync.statement.policy import DAY_MS

WORDS_KEPT_DAYS = 180
"""Days after its end for which a request keeps the person's words and address: as long as they
may come back to it, or to a supervisory authority."""

KEPT_DAYS = 3 * 365
"""Days after its end for which the line of a request shows that it was answered in time."""


class Requests:
    """The requests of one hub; every change is audited.

    Attributes:
        desk: The open hub.
    """

    def __init__(self, desk: Desk) -> None:
        """Work at an open hub."""
        self.desk = desk

    def each(self) -> Iterator[tuple[int, Request]]:
        """Give all requests with their numbers, oldest first."""
        yield from self.desk.store.each("request", Request)

    def find(self, number: int) -> Request:
        """Give one request.

        Raises:
            HubError: There is none of that number.
        """
        found = self.desk.store.find("request", number, Request)
        if found is None:
            raise HubError(f"there is no request {number}: it may be past its term and gone")
        return found

    def about(self, entry_id: str) -> Iterator[tuple[int, Request]]:
        """Give the requests about one entry."""
        return ((number, one) for number, one in self.each() if entry_id in one.entries)

    def asked_of(self, venue_id: str) -> list[tuple[int, Ask]]:
        """Give what a venue is asked to sign, with the numbers of the requests."""
        return [
            (number, ask)
            for number, one in self.each()
            for ask in one.asks
            if ask.open and one.open and ask.venue_id == venue_id
        ]

    def open(self, request: Request, who: str, now_ms: int) -> int:
        """Log a new request. Gives its number.

        Raises:
            HubError: It is to come, too long, or says nothing of whom to answer.
        """
        _check_new(request, now_ms)
        with self.desk.change():
            number = self._next_number()
            self._put(number, _stepped(request, Step(now_ms, who, "open")))
            self.desk.note(now_ms, who, "request-open", f"request {number}", request.kind)
        return number

    def step(self, number: int, step: Step, **changes: object) -> Request:
        """Write down that something was done about an open request, with what it changes.

        Raises:
            HubError: It is closed, unknown, or the words are too long.
        """
        request = self.find(number)
        if not request.open:
            raise HubError(f"request {number} is closed: open a new one")
        _check_words(step.words)
        with self.desk.change():
            changed = _stepped(msgspec.structs.replace(request, **changes), step)
            self._put(number, changed)
            self.desk.note(step.at_ms, step.who, f"request-{step.did}", f"request {number}")
        return changed

    def attach(self, number: int, entry_id: str, who: str, now_ms: int) -> Request:
        """Note that an entry is about the one who asks.

        Raises:
            HubError: It is one too many, or the request is closed.
        """
        known = self.find(number).entries
        if entry_id in known:
            return self.find(number)
        if len(known) == MOST_ENTRIES:
            raise HubError(f"one request is about {MOST_ENTRIES} entries at most: open another")
        entries = (*known, entry_id)
        return self.step(number, Step(now_ms, who, "attach", entry_id), entries=entries)

    def detach(self, number: int, entry_id: str, who: str, now_ms: int) -> Request:
        """Note that an entry is about somebody else after all."""
        known = tuple(one for one in self.find(number).entries if one != entry_id)
        return self.step(number, Step(now_ms, who, "detach", entry_id), entries=known)

    def ask(self, number: int, ask: Ask, who: str) -> Request:
        """Ask a venue to sign something; asked again, nothing changes.

        Raises:
            HubError: The entry is not one of this request.
        """
        request = self.find(number)
        if ask.entry_id not in request.entries:
            raise HubError(f"request {number} is not about entry {ask.entry_id}")
        same = (ask.remedy, ask.entry_id, ask.venue_id)
        if any(
            (one.remedy, one.entry_id, one.venue_id) == same for one in request.asks if one.open
        ):
            return request
        step = Step(ask.asked_ms, who, f"ask-{ask.remedy}", ask.entry_id)
        return self.step(number, step, asks=(*request.asks, ask))

    def close(self, number: int, outcome: Outcome, words: str, who: str, now_ms: int) -> Request:
        """Note how a request ended, and what the person was told.

        Raises:
            HubError: It is closed already.
        """
        step = Step(now_ms, who, "close", words)
        return self.step(number, step, outcome=outcome, closed_ms=now_ms)

    def forget(self, now_ms: int) -> None:
        """Destroy what has been kept for its time: first the words, later the line."""
        with self.desk.change():
            for number, request in list(self.each()):
                if request.open:
                    continue
                if request.closed_ms + KEPT_DAYS * DAY_MS <= now_ms:
                    self.desk.destroy("request", number)
                    self.desk.note(now_ms, "hub", "forget", f"request {number}", "all of it")
                elif request.closed_ms + WORDS_KEPT_DAYS * DAY_MS <= now_ms:
                    self._forget_words(number, request, now_ms)

    def _forget_words(self, number: int, request: Request, now_ms: int) -> None:
        if request.forgotten:
            return
        steps = tuple(msgspec.structs.replace(step, words="") for step in request.steps)
        bare = msgspec.structs.replace(
            request, asker="", words="", extended="-" * bool(request.extended),
            entries=(), asks=(), steps=steps, forgotten=True,
        )  # fmt: skip
        self.desk.destroy("request", number)  # so that no copy keeps the older row
        self._put(number, bare)
        self.desk.note(now_ms, "hub", "forget", f"request {number}", "words and address")

    def _put(self, number: int, request: Request) -> None:
        self.desk.store.put("request", number, encode(request))

    def _next_number(self) -> int:
        query = "SELECT COALESCE(MAX(number), 0) + 1 FROM request"
        return int(self.desk.store.rows(query)[0][0])


def _stepped(request: Request, step: Step) -> Request:
    return msgspec.structs.replace(request, steps=(*request.steps, step))


def _check_new(request: Request, now_ms: int) -> None:
    if not request.asker.strip():
        raise HubError("say how to reach the person: an answer has to go somewhere")
    for words in (request.asker, request.words):
        _check_words(words)
    received_ms = date.fromisoformat(request.received_on).toordinal() * DAY_MS
    if received_ms > (date(1970, 1, 1).toordinal() + 1) * DAY_MS + now_ms:
        raise HubError("the day on which the request came is still to come")


def _check_words(words: str) -> None:
    if len(words) > LONGEST_WORDS:
        raise HubError(f"that is too long: at most {LONGEST_WORDS} characters")
