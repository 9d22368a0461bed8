"""Notes of the hub's people on an entry: they stay here, sealed, and go when their entry goes.

No door ever gets one. A note is personal data of the person on the list: it is part of what that
person may ask to see (GDPR Art. 15), and is written for that reader too.
"""

from msgspec import Struct

from sync.errors import HubError
from sync.hub.desk import Desk
from sync.hub.rows import encode
from sync.hub.store import Store

LONGEST_NOTE = 300
"""Characters."""


class NoteRow(Struct, frozen=True, array_like=True):
    """One note.

    Attributes:
        words: What was noted; empty for one that was taken back.
        who: Who wrote it.
        at_ms: When, milliseconds since the epoch.
    """

    words: str
    who: str
    at_ms: int


def check(words: str) -> None:
    """Refuse a note that is too long or not plain text.

    Raises:
        HubError: It is.
    """
    if len(words) > LONGEST_NOTE:
        raise HubError(f"a note has at most {LONGEST_NOTE} characters: this one has {len(words)}")
    if not words.replace("\n", " ").replace("\r", " ").isprintable():
        raise HubError("a note is plain text: it holds a character that cannot be shown")


def write(desk: Desk, entry_id: str, words: str, who: str, now_ms: int) -> None:
    """Keep a note on an entry in place of the one before; "" takes it back.

    Copies of the database keep the words of before until the entry goes, or the copy.

    Args:
        desk: Where.
        entry_id: On which entry.
        words: At most 300 characters.
        who: Who writes, as the audit log names people.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: It is too long or not plain text.
    """
    check(words)
    before = read(desk.store, entry_id)
    if words == (before.words if before else ""):
        return
    with desk.change():
        desk.store.put("note", entry_id, encode(NoteRow(words, who, now_ms)))
        desk.note(now_ms, who, "note", entry_id)


def read(store: Store, entry_id: str) -> NoteRow | None:
    """Give the note on an entry; None if there was never one."""
    return store.find("note", entry_id, NoteRow)


class Following:
    """All notes in RAM, read again where they changed.

    A note that is written anew gets a higher row number, and one goes only with its entry, so
    the number of rows and the highest tell that something changed.
    """

    def __init__(self) -> None:
        """Know none."""
        self._rows: dict[str, int] = {}
        self._mark = (0, 0)
        self._words: dict[str, str] = {}

    def of(self, entry_id: str) -> str:
        """Give the note on an entry; "" without one."""
        return self._words.get(entry_id, "")

    def follow(self, store: Store) -> set[str]:
        """Read what changed; gives the entries whose note is another now."""
        ((count, highest),) = store.rows("SELECT COUNT(*), COALESCE(MAX(rowid), 0) FROM note")
        if (count, highest) == self._mark:
            return set()
        self._mark = count, highest
        return self._read(store)

    def _read(self, store: Store) -> set[str]:
        there = dict(store.rows("SELECT entry_id, rowid FROM note"))
        changed = {name for name, row in there.items() if self._rows.get(name) != row}
        went = self._rows.keys() - there.keys()
        for entry_id in went:
            del self._words[entry_id]
        for entry_id in changed:
            row = read(store, entry_id)
            self._words[entry_id] = row.words if row else ""
        self._rows = there
        return changed | went
