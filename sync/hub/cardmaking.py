"""Draws cards from the rows of the hub's database."""

from dataclasses import dataclass

from sync.entries import Category
from sync.errors import HubError
from sync.hub.card import Asked, Card
from sync.hub.desk import Desk
from sync.hub.facts import Standing
from sync.hub.rows import EntryRow, RecordRow, WaitingRow
from sync.liveset import Leaf, State
from sync.statement.proposal import PutProposal, open_proposal

_COUNT = slice(0, 2)
"""Where packed templates say how many they are, as a 16-bit number."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card, and the content that it was drawn from.

    Attributes:
        card: Without what waits and what was noted.
        put: None where a restored hub lacks the content.
    """

    card: Card
    put: PutProposal | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A proposal that waits for approval.

    Attributes:
        entry_id: Which entry it is about.
        asked: What the approver is asked.
        drawn: The entry as it would be; None unless it is a put.
    """

    entry_id: str
    asked: Asked
    drawn: Drawn | None


def standing(desk: Desk, entry_id: str, row: EntryRow, leaf: Leaf) -> Drawn:
    """Draw an entry that is on the ledger and not gone.

    Raises:
        HubError: Its record is missing.
    """
    record = desk.store.find("record", leaf.seq, RecordRow)
    if record is None:
        raise HubError(f"record {leaf.seq} is missing: restore a backup with doorwatch-hub restore")
    wire = desk.store.take("content", row.puts[-1]) if row.puts else None
    put = open_proposal(wire)[1] if wire else None
    state = Standing.LIVE if leaf.state is State.LIVE else Standing.CONTESTED
    if not isinstance(put, PutProposal):
        return Drawn(_hollow(entry_id, leaf, state, record.appended_ms), None)
    return Drawn(_card(put, state, leaf.seq, record.appended_ms), put)


def pending(row: WaitingRow) -> Pending:
    """Read a proposal that waits."""
    proposal = open_proposal(row.wire)[1]
    if not isinstance(proposal, PutProposal):
        asked = Asked(proposal.TAG, proposal.venue_id, row.since_ms)
        return Pending(row.entry_id, asked, None)
    asked = Asked(proposal.TAG, proposal.venue_id, row.since_ms, proposal.valid_until_ms)
    card = _card(proposal, Standing.WAITING, 0, row.since_ms)
    return Pending(row.entry_id, asked, Drawn(card, proposal))


def _card(put: PutProposal, state: Standing, seq: int, changed_ms: int) -> Card:
    return Card(
        entry_id=put.entry_id,
        standing=state,
        category=put.category,
        reason=put.reason,
        scope=put.scope,
        venue_id=put.venue_id,
        created_ms=put.created_ms,
        until_ms=put.valid_until_ms,
        incident_on=put.incident_on,
        evidence=put.evidence,
        revision=put.revision,
        seq=seq,
        changed_ms=changed_ms,
        templates=int.from_bytes(put.templates[_COUNT], "big"),
        model_id=put.model_id,
    )


def _hollow(entry_id: str, leaf: Leaf, state: Standing, changed_ms: int) -> Card:
    """Draw an entry of which a restored hub knows no more than the ledger says."""
    scope, _, category = leaf.ring.partition("/")
    return Card(
        entry_id=entry_id,
        standing=state,
        category=Category(category),
        reason=None,
        scope=scope,
        venue_id="",
        created_ms=0,
        until_ms=leaf.not_after_ms,
        incident_on="",
        evidence="",
        revision=leaf.revision,
        seq=leaf.seq,
        changed_ms=changed_ms,
        templates=0,
        model_id="",
    )
