"""The tables of the hub's file, version by version.

What speaks of people, keys or rules is sealed. In the open stand random ids, sequence numbers and
times, which order and join the rows.
"""

from edge.gallery.database import FileKind
from sync.errors import HubError

_FIRST = (
    """
    CREATE TABLE hub (list_id TEXT PRIMARY KEY, data_key BLOB NOT NULL, state BLOB NOT NULL) STRICT
    """,
    "CREATE TABLE root (version INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE record (seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE content (seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    """
    CREATE TABLE entry (entry_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, sealed BLOB NOT NULL)
    STRICT
    """,
    "CREATE INDEX entry_by_seq ON entry (seq)",
    """
    CREATE TABLE waiting (digest TEXT PRIMARY KEY, entry_id TEXT NOT NULL, sealed BLOB NOT NULL)
    STRICT
    """,
    "CREATE TABLE epoch (epoch INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE unit (unit_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE invitation (unit_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE word (unit_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    """
    CREATE TABLE confirmation (
      unit_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
      PRIMARY KEY (unit_id, seq)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE receipt (
      number INTEGER PRIMARY KEY, unit_id TEXT NOT NULL, digest BLOB NOT NULL UNIQUE,
      sealed BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE erased (
      entry_id TEXT NOT NULL, receipt INTEGER NOT NULL, PRIMARY KEY (entry_id, receipt)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox (
      number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject TEXT NOT NULL,
      at_ms INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE audit (number INTEGER PRIMARY KEY, chain BLOB NOT NULL, sealed BLOB NOT NULL)
    STRICT
    """,
    "CREATE TABLE witness (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
)
_BROWSER = (
    "CREATE TABLE account (account_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE welcome (digest TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE note (entry_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE request (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE alarm (entry_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    """
    CREATE TABLE night (
      night_id TEXT PRIMARY KEY, unit_id TEXT NOT NULL, begins_on TEXT NOT NULL,
      sealed BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX night_by_day ON night (begins_on, unit_id)",
    "CREATE TABLE paper (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
)
_SHARES = ("CREATE TABLE share (unit_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",)

HUB = FileKind(
    name="hub",
    application_id=0x44574831,  # "DWH1"
    version=3,
    tables=(*_FIRST, *_BROWSER, *_SHARES),
    upgrades={2: _BROWSER, 3: _SHARES},
    # Contents are most of the file and each is checked by its tag when it is read.
    checked=frozenset(
        {"hub", "root", "record", "entry", "waiting", "epoch", "unit", "invitation", "audit"}
    ),
    start_over="restore a backup with doorwatch-hub restore",
    twice="that is there already",
    error=HubError,
)
"""The hub's database."""
