"""The machine-readable copy of what is held on a person (GDPR Articles 15(3) and 20). Pure.

Keys are plain words, times are ISO 8601 in UTC, bytes are base64; every value that the readable
page shows is in it, and the templates, which nobody can read, as well.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync.hub.rights.held import Held, Place
from sync.statement.proposal import PutProposal

FORMAT = "doorwatch-subject-access-1"
PROOF_FORMAT = "doorwatch-erasure-proof-1"


@dataclass(frozen=True, slots=True)
class Shortened:
    """What was written in free words, as it is handed out.

    Attributes:
        evidence: Where the evidence is.
        note: What the hub alone keeps.
        left_out: Whether anything about other people was taken out.
    """

    evidence: str
    note: str
    left_out: bool


def as_data(
    held: Held, shortened: Shortened, about: Mapping[str, str], made_ms: int
) -> dict[str, Any]:
    """Give the copy as plain values.

    Args:
        held: What is held.
        shortened: The free words without other people.
        about: What Article 15(1) asks to be told besides: purposes, recipients, rights.
        made_ms: When, milliseconds since the epoch.
    """
    facts = held.facts
    return {
        "format": FORMAT,
        "made": moment(made_ms),
        "about": dict(about),
        "entry": facts.entry_id,
        "standing": facts.standing.value,
        "category": facts.ring.partition("/")[2],
        "counts_at": held.scope_name or "every door",
        "proposed_by": held.proposed_by,
        "signed_by": list(held.signed_by),
        "ends": moment(facts.not_after_ms) if facts.not_after_ms else None,
        "note": shortened.note,
        "left_out_about_others": shortened.left_out,
        **(_content(held.put, shortened) if held.put else {}),
        "doors": [_door(place) for place in held.places],
        "rang": [
            {"door": one.door, "alerts": one.alerts, "said_not_them": one.not_them}
            for one in held.rang
        ],
        "noticed_for_ringing_wrongly": held.watched,
        "history": [
            {"at": moment(one.at_ms), "did": one.did, "by": one.by.name or one.by.party.value}
            for one in held.happenings
        ],
    }


def proof(held: Held, keys: Mapping[str, bytes], made_ms: int) -> dict[str, Any]:
    """Give the proof that an entry is erased: the doors' signed words and how to check them.

    Args:
        held: What is left of the entry.
        keys: Public Ed25519 keys of the doors, by unit.
        made_ms: When, milliseconds since the epoch.
    """
    return {
        "format": PROOF_FORMAT,
        "made": moment(made_ms),
        "entry": held.facts.entry_id,
        "record": held.facts.seq,
        "erased": moment(held.facts.appended_ms),
        "doors": [_door(place) for place in held.places],
        "receipts": [
            {
                "unit": one.unit_id,
                "heard": moment(one.heard_ms),
                "signed_report": _base64(one.wire),
                "signed_with": _base64(keys[one.unit_id]) if one.unit_id in keys else None,
            }
            for one in held.receipts
        ],
    }


def as_json(data: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Write values as JSON that a person can read, too."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2)


def moment(at_ms: int) -> str:
    """Write a moment as ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat().replace("+00:00", "Z")


def _content(put: PutProposal, shortened: Shortened) -> dict[str, Any]:
    return {
        "reason": put.reason.value,
        "incident_on": put.incident_on,
        "evidence": shortened.evidence,
        "begins": moment(put.created_ms),
        "revision": put.revision,
        "declared_not_minor_or_vulnerable_or_handled_so": put.declared,
        "photo": {"type": "image/jpeg", "base64": _base64(put.photo)} if put.photo else None,
        "templates": {"network": put.model_id, "base64": _base64(put.templates)},
    }


def _door(place: Place) -> dict[str, Any]:
    at_ms = place.reached.confirmed_ms
    return {
        "door": place.name,
        "venue": place.venue,
        "confirmed": None if at_ms is None else moment(at_ms),
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
