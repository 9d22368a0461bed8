"""What venues ask for and approve: the part of a change that the hub cannot make up. Pure.

Each is signed by manager keys of venues under the kind ``proposal``; the wire bytes of that
are the content of a record.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from sync import canonical
from sync.entries import Category, Reason
from sync.signing import LARGEST_SIGNED, Signed
from sync.statement.field import (
    Calendar,
    Choice,
    ListId,
    Moment,
    Number,
    Octets,
    Scope,
    ShortId,
    Text,
    Truth,
    Word,
    malformed,
)
from sync.statement.part import Nested, Statement, tag_of
from sync.statement.policy import Policy

CONSORTIUM = "consortium"
"""The scope of an entry that counts at every door; any other scope is a venue's id."""

KIND = "proposal"

LARGEST_TEMPLATES = 64 * 1024
LARGEST_PHOTO = 48 * 1024


class Why(StrEnum):
    """Why an entry is removed before the end of its term."""

    LIFTED = "lifted"
    ERASED = "erased"


def ring_of(scope: str, category: Category) -> str:
    """Name the key under which entries of this scope and category travel."""
    return f"{scope}/{category}"


@dataclass(frozen=True, slots=True)
class PutProposal(Statement):
    """A person to put on the list, or a newer version of one.

    Attributes:
        list_id: Whose list.
        entry_id: Random, 16 hexadecimal digits.
        revision: 1 for a new entry, larger for each newer version.
        salt: Random; so that equal entries have different digests.
        category: How a match is shown.
        reason: From the closed list.
        scope: :data:`CONSORTIUM` or the id of the one venue where it counts.
        venue_id: Who proposes.
        created_ms: When the term begins.
        valid_until_ms: When it ends by itself.
        incident_on: Day of the incident, YYYY-MM-DD.
        evidence: Where the evidence is kept: a reference, not the evidence.
        declared: The proposer declares: not known to be under 18 or vulnerable, or handled as
            the rules for such persons ask.
        model_id: Network that made the templates.
        templates: As a unit's gallery packs them; opaque here.
        photo: JPEG, may be empty.
    """

    TAG: ClassVar[str] = "put"
    KIND: ClassVar[str] = KIND
    LARGEST: ClassVar[int] = LARGEST_TEMPLATES + LARGEST_PHOTO + 4096

    list_id: ListId
    entry_id: ShortId
    revision: Annotated[int, Number(1, 2**32 - 1)]
    salt: Annotated[bytes, Octets(16, 16)]
    category: Annotated[Category, Choice(Category)]
    reason: Annotated[Reason, Choice(Reason)]
    scope: Scope
    venue_id: ShortId
    created_ms: Moment
    valid_until_ms: Moment
    incident_on: Annotated[str, Calendar()]
    evidence: Annotated[str, Text(200)]
    declared: Truth
    model_id: Word
    templates: Annotated[bytes, Octets(1, LARGEST_TEMPLATES)]
    photo: Annotated[bytes, Octets(0, LARGEST_PHOTO)]

    @property
    def ring(self) -> str:
        """Name the key under which this travels."""
        return ring_of(self.scope, self.category)


@dataclass(frozen=True, slots=True)
class RemoveProposal(Statement):
    """A person to take off the list for good.

    Attributes:
        list_id: Whose list.
        entry_id: Which entry.
        venue_id: Who proposes.
        why: Lifted, or erased at the person's request.
        at_ms: When it was proposed.
    """

    TAG: ClassVar[str] = "remove"
    KIND: ClassVar[str] = KIND

    list_id: ListId
    entry_id: ShortId
    venue_id: ShortId
    why: Annotated[Why, Choice(Why)]
    at_ms: Moment


@dataclass(frozen=True, slots=True)
class ContestProposal(Statement):
    """An entry that is in dispute: suspended at every door until it is settled.

    Attributes:
        list_id: Whose list.
        entry_id: Which entry.
        venue_id: Who proposes.
        at_ms: When.
    """

    TAG: ClassVar[str] = "contest"
    KIND: ClassVar[str] = KIND

    list_id: ListId
    entry_id: ShortId
    venue_id: ShortId
    at_ms: Moment


@dataclass(frozen=True, slots=True)
class ReinstateProposal(Statement):
    """A contested entry that counts again.

    Attributes:
        list_id: Whose list.
        entry_id: Which entry.
        venue_id: Who proposes.
        at_ms: When; later than the contest, so that an old one cannot be shown again.
    """

    TAG: ClassVar[str] = "reinstate"
    KIND: ClassVar[str] = KIND

    list_id: ListId
    entry_id: ShortId
    venue_id: ShortId
    at_ms: Moment


@dataclass(frozen=True, slots=True)
class PolicyProposal(Statement):
    """New rules of the consortium.

    Attributes:
        list_id: Whose list.
        venue_id: Who proposes.
        at_ms: When; later than the policy before.
        policy: The rules.
    """

    TAG: ClassVar[str] = "policy"
    KIND: ClassVar[str] = KIND

    list_id: ListId
    venue_id: ShortId
    at_ms: Moment
    policy: Annotated[Policy, Nested(Policy)]


EntryProposal: TypeAlias = PutProposal | RemoveProposal | ContestProposal | ReinstateProposal
Proposal: TypeAlias = EntryProposal | PolicyProposal

_CLASSES: dict[str, type[Proposal]] = {
    one.TAG: one
    for one in (PutProposal, RemoveProposal, ContestProposal, ReinstateProposal, PolicyProposal)
}


def parse_proposal(body: bytes) -> Proposal:
    """Read the canonical bytes of a proposal of any kind.

    Raises:
        Refused: TOO_LARGE or MALFORMED.
    """
    raw = canonical.decode(body, PutProposal.LARGEST)
    made = _CLASSES.get(tag_of(raw))
    if made is None or not isinstance(raw, list):
        raise malformed("this is no proposal")
    return made.of_values(raw[2:])


def open_proposal(wire: bytes) -> tuple[Signed, Proposal]:
    """Read the wire bytes of a signed proposal; no signature is checked yet.

    Raises:
        Refused: TOO_LARGE or MALFORMED.
    """
    carried = Signed.parse(wire, KIND, LARGEST_SIGNED)
    return carried, parse_proposal(carried.body)
