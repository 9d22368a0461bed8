"""What is still to be told, written in the transaction of the change that it tells.

A row is an intention, not a message: the message is made, under the keys then in force, when it is
sent, and the row goes once the broker took it. Whatever dies in between, it is told again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sync.hub.store import Store

RECORD = "record"
"""A record was appended; the subject is its sequence number."""

LIFT = "lift"
"""The same, of a record that takes an entry off or suspends it."""

ROOTS = "roots"
"""There is a new root; the subject is its version."""

BOX = "box"
"""A unit needs its key box; the subject is its id."""

KILL = "kill"
"""A unit was revoked and has to destroy its key; the subject is its id."""

CAUTION = "caution"
"""Other entries are to be held back tonight; the subject is when that was said."""

PURGE = "purge"
"""A row was destroyed here and has to be destroyed in the backups; the subject is table and key."""

CLEAR = "clear"
"""A retained message is out of date; the subject is its topic."""


@dataclass(frozen=True, slots=True)
class Due:
    """One row.

    Attributes:
        number: In the order in which they were written.
        kind: What is to be told.
        subject: About whom or what.
        at_ms: When it was written.
    """

    number: int
    kind: str
    subject: str
    at_ms: int


def add(store: Store, kind: str, subject: str, now_ms: int) -> None:
    """Write one row, within a change."""
    store.write(
        "INSERT INTO outbox (kind, subject, at_ms) VALUES (?, ?, ?)", (kind, subject, now_ms)
    )


def due(store: Store, most: int = 1000) -> list[Due]:
    """Give up to ``most`` rows of what is to be said, oldest first."""
    return _rows(store, "kind <> ? ORDER BY number LIMIT ?", (PURGE, most))


def purges(store: Store) -> list[Due]:
    """Give what has to be destroyed in the backups."""
    return _rows(store, "kind = ? ORDER BY number", (PURGE,))


def told(store: Store, numbers: Iterable[int]) -> None:
    """Forget rows whose messages the broker took."""
    with store.change():
        for number in numbers:
            store.write("DELETE FROM outbox WHERE number = ?", (number,))


def _rows(store: Store, where: str, values: tuple[str | int, ...]) -> list[Due]:
    query = f"SELECT number, kind, subject, at_ms FROM outbox WHERE {where}"  # noqa: S608 - our own
    return [Due(*row) for row in store.rows(query, values)]
