"""What is erased in the hub's database is erased in its copies too, as far as they are in reach.

Each erasure leaves a row in the outbox, written in its own transaction; here it is carried out in
every copy that the hub knows of, and then the row goes. Copies that were carried elsewhere cannot
be reached: a hub that comes back from one listens to its units first (see ``adopting``). A copy is
known from before it is made, and what is erased meanwhile is erased in it once it can be.
"""

import shutil
from pathlib import Path

import msgspec

from edge.gallery.database import DatabaseFile
from sync.errors import HubError
from sync.hub import outbox
from sync.hub.copies import draft_of, is_draft, under_way
from sync.hub.desk import Desk
from sync.hub.layout import HUB
from sync.hub.store import KEYS, Store

MOST_COPIES = 16
"""Copies that are remembered, the newest ones."""


def remember(desk: Desk, copy: Path, who: str, now_ms: int) -> None:
    """Note where a copy of the database lies, so that what is erased here is erased there.

    Backups that failed were noted as well: they make room before one that is there.
    """
    with desk.change():
        state, hub = desk.store.state, desk.store.path.parent
        known = state.copies
        if len(known) >= MOST_COPIES:
            known = tuple(one for one in known if _is_kept(Path(one), hub))
        copies = (*known, str(copy.absolute()))[-MOST_COPIES:]
        desk.store.state = msgspec.structs.replace(state, copies=copies)
        desk.note(now_ms, who, "backup", detail=copy.parent.name)


def purge(store: Store) -> None:
    """Erase in every copy what was erased here; a copy that is gone is forgotten."""
    rows = outbox.purges(store)
    if not rows:
        return
    known = store.state.copies
    there = [copy for copy in known if _is_kept(Path(copy), store.path.parent)]
    done = [_erased(Path(copy), [row.subject for row in rows]) for copy in there]
    with store.change():
        state = store.state
        gone = set(known) - set(there)
        copies = tuple(copy for copy in state.copies if copy not in gone)
        store.state = msgspec.structs.replace(state, copies=copies)
        if all(done):
            outbox.told(store, [row.number for row in rows])


def _is_kept(copy: Path, hub: Path) -> bool:
    """Tell whether a copy is there, or being made; what a killed backup left is removed."""
    draft = draft_of(copy.parent)
    try:
        if is_draft(draft) and draft.exists() and not under_way(hub):
            shutil.rmtree(draft, ignore_errors=True)
        return draft.exists() or copy.is_file()  # in this order: it may get its name in between
    except OSError:
        return False  # in a folder that is closed to the hub, it is as good as carried away


def _erased(copy: Path, subjects: list[str]) -> bool:
    """Erase rows, each named by table and key, in one copy; False where that has to wait."""
    if not copy.is_file():
        return False
    try:
        file = DatabaseFile(copy, HUB)
        try:
            with file.change() as database:
                for subject in subjects:
                    table, _, key = subject.partition("/")
                    query = f"DELETE FROM {table} WHERE {KEYS[table]} = ?"  # noqa: S608 - two names
                    database.execute(query, (key,))
            file.forget_log()
        finally:
            file.close()
    except HubError:
        return False  # it is tried again: the rows stay in the outbox
    return True
