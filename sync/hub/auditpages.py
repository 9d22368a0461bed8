"""The audit log page by page, newest first, sieved, and as files for an auditor.

The log only grows, so a search goes back from the newest line and stops after so many lines: the
page says how far it came and goes on from there.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from sync import seal
from sync.hub.audit import AuditHead
from sync.hub.facts import AuditLine
from sync.hub.rows import AuditRow
from sync.hub.store import Store
from sync.signing import Signed
from sync.statement.root import Root

PAGE_LINES = 100
SEARCHED_AT_ONCE = 5_000
"""Lines that are opened for one page, at most."""

LOOKED_THROUGH = 1_000
"""Newest lines whose words can be chosen."""

_COLUMNS = ("number", "at_ms", "who", "did", "what", "detail", "chain")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines somebody looks for; what is empty does not matter.

    Attributes:
        words: Stand in who, what, did or detail, in any case.
        did: Exactly this word.
        from_ms: Not older.
        until_ms: Older than this; 0 for no end.
    """

    words: str = ""
    did: str = ""
    from_ms: int = 0
    until_ms: int = 0

    def __bool__(self) -> bool:
        """Tell whether anything is asked for."""
        return bool(self.words or self.did or self.from_ms or self.until_ms)

    def matches(self, line: AuditLine) -> bool:
        """Tell whether a line is looked for."""
        if self.did and line.did != self.did:
            return False
        if line.at_ms < self.from_ms or (self.until_ms and line.at_ms >= self.until_ms):
            return False
        text = f"{line.who} {line.did} {line.what} {line.detail}".casefold()
        return self.words.casefold() in text


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first.

    Attributes:
        lines: What was found.
        before: Number below which the next page begins; 0 at the end of the log.
    """

    lines: tuple[AuditLine, ...]
    before: int


def page(store: Store, wanted: Wanted, before: int = 0) -> Page:
    """Give a page of the log.

    Args:
        store: The hub's database.
        wanted: Which lines.
        before: Number below which to begin; 0 for the newest line.
    """
    newest = store.state.audited
    top = min(before or newest + 1, newest + 1)
    low = max(0, top - 1 - (SEARCHED_AT_ONCE if wanted else PAGE_LINES))
    found: list[AuditLine] = []
    for line in reversed(list(lines(store, low, top))):
        if wanted.matches(line):
            found.append(line)
        if len(found) == PAGE_LINES:
            return Page(tuple(found), line.number if line.number > 1 else 0)
    return Page(tuple(found), low + 1 if low else 0)


def words_used(store: Store) -> tuple[str, ...]:
    """Give the words for what was done among the newest lines, for choosing one."""
    after = max(0, store.state.audited - LOOKED_THROUGH)
    return tuple(sorted({row.did for _, row in store.each("audit", AuditRow, *_above(after))}))


def witnessed(store: Store, root: Root) -> dict[str, AuditHead]:
    """Give what each venue signed last of the log, by venue."""
    keys = {venue.key: venue.venue_id for venue in root.venues if not venue.until_seq}
    newest: dict[str, AuditHead] = {}
    for (number,) in store.rows("SELECT number FROM witness ORDER BY number"):
        carried = Signed.parse(store.take("witness", number) or b"", AuditHead.KIND)
        said = AuditHead.parse(carried.body)
        newest |= {keys[key]: said for key in carried.signers(keys, seal.verify)}
    return newest


def as_csv(found: Iterable[AuditLine]) -> Iterator[str]:
    """Write lines as CSV; no cell is taken for a formula by a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for line in found:
        writer.writerow([_cell(value) for value in _values(line)])
        yield _drained(buffer)
    yield _drained(buffer)


def as_jsonl(found: Iterable[AuditLine]) -> Iterator[str]:
    """Write lines as JSON, one object a line."""
    for line in found:
        yield msgspec.json.encode(dict(zip(_COLUMNS, _values(line), strict=True))).decode() + "\n"


def lines(store: Store, low: int, top: int) -> Iterator[AuditLine]:
    """Read the lines whose number is above ``low`` and below ``top``. Raises: HubError."""
    where, values = "number > ? AND number < ?", (low, top)
    chains = dict(store.rows(f"SELECT number, chain FROM audit WHERE {where}", values))  # noqa: S608 - our own words
    for number, row in store.each("audit", AuditRow, where, values):
        yield AuditLine(number, row.at_ms, row.who, row.did, row.what, row.detail, chains[number])


def _above(number: int) -> tuple[str, tuple[int]]:
    return "number > ?", (number,)


def _values(line: AuditLine) -> tuple[int | str, ...]:
    return (
        line.number, line.at_ms, line.who, line.did, line.what, line.detail, line.chain.hex(),
    )  # fmt: skip


def _cell(value: int | str) -> int | str:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _drained(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
