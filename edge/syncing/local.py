"""An entry that a venue's manager makes at a unit: in force at that door at once, hub or no hub.

It counts at the doors of that venue alone, so one venue's signature is enough; it goes to the
hub when that is there, by its id, and so becomes one entry however often it is handed over.
"""

import secrets
from dataclasses import dataclass
from typing import Protocol

from edge.errors import ConsortiumError, EnrolmentError
from edge.gallery.template import pack
from edge.syncing.identity import Identity
from edge.vision.face import FloatArray
from sync.entries import Entry
from sync.rules import check_put, venue_keys
from sync.signing import Signer
from sync.statement.proposal import LARGEST_PHOTO, PutProposal
from sync.unit.shelf import HeldEntry, Trusted


class Enrolled(Protocol):
    """What enrolment made of photos, or the door of what its camera saw."""

    @property
    def templates(self) -> FloatArray:
        """Give them, float32[n, D], rows of unit length."""

    @property
    def model_id(self) -> str:
        """Name what made them."""

    @property
    def photo_jpeg(self) -> bytes:
        """Give the picture that staff compare with."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an entry rests on.

    Attributes:
        incident_on: Day of the incident, YYYY-MM-DD.
        evidence: Where the evidence is kept: a reference, not the evidence.
        declared: The manager declares: not known to be under 18 or vulnerable, or handled as the
            rules for such persons ask.
    """

    incident_on: str
    evidence: str
    declared: bool


def check_manager(signer: Signer, identity: Identity, trusted: Trusted) -> None:
    """Refuse a key that is not that of this unit's venue.

    Raises:
        ConsortiumError: It is another one's.
    """
    if venue_keys(trusted.root).get(signer.public) != identity.venue_id:
        raise ConsortiumError(
            f"this key is not that of the manager of {identity.venue}, at whose door this unit "
            "stands: give --key with that one"
        )


def proposed(
    entry: Entry, reference: Enrolled, grounds: Grounds, identity: Identity, trusted: Trusted
) -> PutProposal:
    """Put an entry into the words of the consortium, checked by its rules.

    Raises:
        EnrolmentError: The photo is too heavy.
        Refused: RULE, TERM or MALFORMED.
    """
    if len(reference.photo_jpeg) > LARGEST_PHOTO:
        raise EnrolmentError("the photo is too heavy for the list: give a calmer or smaller one")
    created_ms = round(entry.created_at * 1000)
    proposal = PutProposal(
        list_id=identity.list_id,
        entry_id=entry.entry_id,
        revision=1,
        salt=secrets.token_bytes(16),
        category=entry.category,
        reason=entry.reason,
        scope=identity.venue_id,
        venue_id=identity.venue_id,
        created_ms=created_ms,
        valid_until_ms=round(entry.valid_until * 1000),
        incident_on=grounds.incident_on,
        evidence=grounds.evidence,
        declared=grounds.declared,
        model_id=reference.model_id,
        templates=pack(reference.templates),
        photo=reference.photo_jpeg,
    )
    proposal.encode()  # every field within its bounds, before anything is asked or written
    check_put(proposal, trusted.ledger.policy, created_ms)
    return proposal


def signed_entry(proposal: PutProposal, signer: Signer) -> tuple[HeldEntry, bytes]:
    """Give what the unit holds from now on, and what goes to the hub."""
    held = HeldEntry(record_hash=b"", proposal=proposal, provisional=True)
    return held, proposal.signed(signer).encode()
