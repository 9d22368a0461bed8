"""The restore drill: a copy is worth what comes back from it, so it is restored and compared.

A copy is made, a hub is restored from it in memory, every sealed row of that hub is opened, its
ledger and its audit log are checked line by line, and both are held against the hub that runs.
What was restored is forgotten again. Only a copy that has passed gets the name of one, and takes an
older one's place.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.errors import DoorwatchError
from sync.errors import HubError, SyncError, told
from sync.hub import backup
from sync.hub.certificates import Certificates
from sync.hub.config import HubPlaces
from sync.hub.copies import Copies
from sync.hub.hubkey import hub_key
from sync.hub.rows import RecordRow
from sync.hub.service import Service
from sync.hub.store import KEYS

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own, closed to others, is made in it
"""Where a hub is restored to: it is needed for seconds, and a disk wears out."""

_ROOM = 3
"""How many times its own size a copy needs there: itself, its log, its index while it is read."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """A copy that became the same hub again.

    Attributes:
        copy: The copy's folder.
        record: Number of the ledger's newest record in it.
        live_root: Merkle root of the list after that record, the same in the hub that runs.
        entries: How many entries are on the list.
        doors: How many doors the copy knows.
        rows: How many sealed rows there are; each was opened.
        audit_lines: How many lines of the audit log were checked.
        took_s: Seconds from the copy on the disk to the comparison.
    """

    copy: Path
    record: int
    live_root: bytes
    entries: int
    doors: int
    rows: int
    audit_lines: int
    took_s: float


def drill(service: Service, copies: Copies, who: str, now_ms: int) -> Drilled:
    """Copy the hub, restore the copy in memory, and compare the two.

    Args:
        service: The hub, running or not.
        copies: Its files, and where its copies are collected.
        who: For the audit log.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: The copy cannot be made, or does not become this hub again; it is removed then,
            and every older one is still there.
    """
    _require_room(copies.places.database)
    with backup.new_copy(service, copies, who, now_ms) as (draft, made):
        began = time.monotonic()
        try:
            with _restored(service, draft, copies.places, now_ms) as (again, whole):
                found = _compared(service, again, made, whole, began)
        except (SyncError, DoorwatchError) as error:
            raise HubError(f"the copy does not become this hub again: {told(error)}") from error
    service.drilled(f"record {found.record}, {found.rows} rows", who, now_ms)
    return found


def _require_room(database: Path) -> None:
    """Refuse before anything is copied if the memory cannot take a hub of this size."""
    if not database.exists():
        raise HubError(f"there is no hub in {database.parent}: make one with doorwatch-hub init")
    needed, free = _ROOM * database.stat().st_size, shutil.disk_usage(MEMORY).free
    if free < needed:
        raise HubError(
            f"the drill needs {needed >> 20} MiB of memory in {MEMORY}, {free >> 20} are free: "
            "run it on another machine with doorwatch-hub restore"
        )


@contextlib.contextmanager
def _restored(
    service: Service, copy: Path, places: HubPlaces, now_ms: int
) -> Iterator[tuple[Service, int]]:
    """Give a hub made from a copy, and how many sealed rows it has; both are gone afterwards."""
    prefix = f"doorwatch-drill-{service.list_id[:16]}-"
    for left in MEMORY.glob(f"{prefix}*"):  # by a drill that was killed: there is one at a time
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=MEMORY) as scratch:
        made = HubPlaces(Path(scratch) / "hub")
        provider = hub_key(places, places.load())
        backup.restore_beside(copy, made, provider, now_ms)
        made.load()  # its settings, too, can be read
        Certificates(made.authority, provider.kek())  # opens what signs for doors, or says why not
        with Service.open(made.database, provider) as again:
            yield again, _open_all(again)


def _open_all(service: Service) -> int:
    """Open every sealed row; a damaged one is an error."""
    store, opened = service.desk.store, 0
    for table, name in KEYS.items():
        for (key,) in store.rows(f"SELECT {name} FROM {table}"):  # noqa: S608 - two names of ours
            store.take(table, key)
            opened += 1
    return opened


def _compared(service: Service, again: Service, copy: Path, rows: int, began: float) -> Drilled:
    """Hold the restored hub against the one that runs, which may have gone on meanwhile."""
    lines, _ = again.verify_audit()
    ledger = again.desk.book.ledger
    here, there = (one.desk.store.find("record", ledger.seq, RecordRow) for one in (service, again))
    if service.list_id != again.list_id or here != there:
        raise HubError(f"its record {ledger.seq} is a different one")
    if there is not None and ledger.live.root != there.live_root:
        raise HubError(f"its list is not the one that record {ledger.seq} names")
    _require_same_log(service, again, lines - 1)  # the last line says that it was restored
    return Drilled(
        copy=copy,
        record=ledger.seq,
        live_root=ledger.live.root,
        entries=len(again.entries()),
        doors=len(again.desk.book.units),
        rows=rows,
        audit_lines=lines,
        took_s=time.monotonic() - began,
    )


def _require_same_log(service: Service, again: Service, line: int) -> None:
    """Each line seals all before it, so that one comparison is enough for the whole log."""
    query = "SELECT chain FROM audit WHERE number = ?"
    here, there = (one.desk.store.rows(query, (line,)) for one in (service, again))
    if here != there:
        raise HubError(f"line {line} of its audit log is a different one")
