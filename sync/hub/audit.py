"""Who did what, when: a log in which each line seals all lines before it.

A line's chain hash covers the line and the hash before it, so that no line can be taken out,
changed or moved without every later hash changing; the newest number and hash stand in the hub's
sealed state, so that the end cannot be cut off either. Whoever holds the hub's key could still
write the whole log anew: venues therefore sign its newest hash now and then (a witness), and a
log that was written anew no longer holds what they signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from sync import canonical
from sync.errors import Code, HubError, Refused
from sync.hub.facts import AuditLine
from sync.hub.rows import AuditRow, encode
from sync.hub.store import Store
from sync.signing import Signed, Verify, digest
from sync.statement.field import Hash, ListId, Moment, Seq
from sync.statement.part import Statement
from sync.statement.root import Root

EVERY_MS = 3_600_000
"""What a unit can cause again and again is one line an hour, so that none fills the log."""


@dataclass(frozen=True, slots=True)
class AuditHead(Statement):
    """The newest line of a hub's audit log, for venues to sign and keep.

    Attributes:
        list_id: Whose log.
        number: Of the newest line.
        chain: Its chain hash.
        at_ms: When this was said.
    """

    TAG: ClassVar[str] = "audit-head"
    KIND: ClassVar[str] = "audit-head"

    list_id: ListId
    number: Seq
    chain: Hash
    at_ms: Moment


def is_due(noted_ms: int, now_ms: int) -> bool:
    """Tell whether a line that repeats itself may be written again; 0 where none was yet.

    A clock that was put back counts as well.
    """
    return not 0 < noted_ms <= now_ms < noted_ms + EVERY_MS


def note(store: Store, row: AuditRow) -> None:
    """Write one line, within a change."""
    state = store.state
    number = state.audited + 1
    chain = _chained(store.list_id, state.audit_chain, number, row)
    store.put("audit", number, encode(row), chain=chain)
    store.state = msgspec.structs.replace(state, audited=number, audit_chain=chain)


def lines(store: Store, after: int = 0) -> Iterator[AuditLine]:
    """Give the lines with a number above ``after``, as they stand.

    Raises:
        HubError: A line was changed.
    """
    chains = dict(store.rows("SELECT number, chain FROM audit WHERE number > ?", (after,)))
    for number, row in store.each("audit", AuditRow, "number > ?", (after,)):
        yield AuditLine(
            number, row.at_ms, row.who, row.did, row.what, row.detail, chains.get(number, b"")
        )


def verify(store: Store) -> tuple[int, bytes]:
    """Check every line, the end of the log, and what venues signed of it.

    Returns:
        The number and chain hash of the newest line.

    Raises:
        HubError: A line was removed, changed or moved.
    """
    with store.moment():
        state, chains = store.state, {0: bytes(32)}
        for line in lines(store):
            _check(store.list_id, line, chains)
        if len(chains) - 1 != state.audited or chains[len(chains) - 1] != state.audit_chain:
            raise _tampered(f"it ends at line {len(chains) - 1}, written were {state.audited}")
        _check_witnesses(store, chains)
    return state.audited, state.audit_chain


def head(store: Store, at_ms: int) -> AuditHead:
    """State the newest line, for venues to sign."""
    state = store.state
    return AuditHead(store.list_id, state.audited, state.audit_chain, at_ms)


def witness(store: Store, signed: Signed, root: Root, verify_key: Verify) -> tuple[str, ...]:
    """Keep what venues signed about the log, within a change.

    Returns:
        The venues' ids.

    Raises:
        Refused: No venue of the root signed it, or it is not what this log says.
    """
    said = AuditHead.parse(signed.body)
    keys = {venue.key: venue.venue_id for venue in root.venues if not venue.until_seq}
    venues = {keys[key] for key in signed.signers(keys, verify_key)}
    if not venues:
        raise Refused(Code.TOO_FEW_SIGNATURES, "no venue of this list signed the audit head")
    found = store.rows("SELECT chain FROM audit WHERE number = ?", (said.number,))
    if said.list_id != store.list_id or not found or found[0][0] != said.chain:
        raise Refused(Code.FORK, f"line {said.number} of this hub's log is a different one")
    store.put("witness", said.number, signed.encode())
    return tuple(sorted(venues))


def _check(list_id: str, line: AuditLine, chains: dict[int, bytes]) -> None:
    """Check one line against the hash before it, and note its own."""
    number = len(chains)
    row = AuditRow(line.at_ms, line.who, line.did, line.what, line.detail)
    if line.number != number:
        raise _tampered(f"line {number} is missing")
    if line.chain != _chained(list_id, chains[number - 1], number, row):
        raise _tampered(f"line {number} was changed or moved")
    chains[number] = line.chain


def _check_witnesses(store: Store, chains: dict[int, bytes]) -> None:
    for (number,) in store.rows("SELECT number FROM witness"):
        wire = store.take("witness", number) or b""
        said = AuditHead.parse(Signed.parse(wire, AuditHead.KIND).body)
        if chains.get(said.number) != said.chain:
            raise _tampered(f"line {said.number} is not the one that a venue signed")


def _chained(list_id: str, before: bytes, number: int, row: AuditRow) -> bytes:
    fields = [list_id, number, before, row.at_ms, row.who, row.did, row.what, row.detail]
    return digest("audit", canonical.encode(fields))


def _tampered(problem: str) -> HubError:
    return HubError(
        f"the audit log was tampered with: {problem}; keep this database as evidence, and compare "
        "with a backup and with what the venues signed"
    )
