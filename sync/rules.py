"""Who has to sign what, and for how long an entry may stand. Pure.

A unit asks the same questions as the hub: whoever holds the hub's key alone, or one venue's
key alone, changes nothing for the consortium.
"""

from datetime import UTC, datetime

from sync.entries import DAY_S, Category, category_of
from sync.errors import Code, Refused
from sync.signing import Signed, Verify
from sync.statement.field import LATEST_MS
from sync.statement.policy import Policy
from sync.statement.proposal import (
    CONSORTIUM,
    ContestProposal,
    PolicyProposal,
    Proposal,
    PutProposal,
)
from sync.statement.root import Root

SKEW_MS = 5 * 60 * 1000
"""How far the clocks of honest hubs, venues and units may lie apart."""

_DAY_MS = round(DAY_S * 1000)
_FURTHEST_EAST_MS = 14 * 60 * 60 * 1000


def venue_keys(root: Root, seq: int = 0) -> dict[bytes, str]:
    """Tell which manager keys count, and for which venue.

    Args:
        root: Who is who.
        seq: Of the record that carries the signatures; 0 for one that is still to be appended.

    Returns:
        Public key to venue id.
    """
    return {
        venue.key: venue.venue_id
        for venue in root.venues
        if not venue.until_seq or 0 < seq <= venue.until_seq
    }


def signing_venues(carried: Signed, root: Root, verify: Verify, seq: int = 0) -> frozenset[str]:
    """Tell which venues signed a proposal; ``seq`` as in :func:`venue_keys`.

    Raises:
        Refused: BAD_SIGNATURE, a venue is named and its signature is wrong.
    """
    keys = venue_keys(root, seq)
    return frozenset(keys[public] for public in carried.signers(keys, verify))


def check_signed(
    proposal: Proposal, venues: frozenset[str], ring: str, root: Root, policy: Policy
) -> None:
    """Refuse a proposal that too few signed.

    Args:
        proposal: What is asked for.
        venues: Ids of the venues whose signatures on it are valid.
        ring: ``scope/category`` of the entry that it is about; "" for a policy.
        root: Who is who.
        policy: The rules in force.

    Raises:
        Refused: TOO_FEW_SIGNATURES, or RULE for a local entry proposed by another venue.
    """
    if proposal.venue_id not in venues:
        raise Refused(Code.TOO_FEW_SIGNATURES, f"its proposer did not sign this {proposal.TAG}")
    scope, _, category = ring.partition("/")
    if isinstance(proposal, ContestProposal):
        return  # in favour of the person: one venue is enough, and at once
    if isinstance(proposal, PolicyProposal):
        needed = 2
    elif scope == CONSORTIUM:
        needed = 2 if Category(category) in policy.two_person else 1
    else:
        needed = _local(proposal, scope, venues, root)
    if len(venues) < needed:
        raise Refused(
            Code.TOO_FEW_SIGNATURES, f"this {proposal.TAG} needs {needed} venues: ask for approval"
        )


def _local(proposal: Proposal, scope: str, venues: frozenset[str], root: Root) -> int:
    """Tell how many venues a change of one venue's own entry needs."""
    if isinstance(proposal, PutProposal) and proposal.venue_id != scope:
        raise Refused(Code.RULE, "an entry of one venue is proposed by that venue")
    if scope in venues:
        return 1
    if scope in venue_keys(root).values():
        raise Refused(Code.TOO_FEW_SIGNATURES, "the venue whose entry this is did not sign")
    return 2  # the venue has left: any two others may settle its entries


def check_put(proposal: PutProposal, policy: Policy, issued_ms: int) -> None:
    """Refuse an entry that breaks the rules of reason and term.

    Args:
        proposal: The entry.
        policy: The rules in force.
        issued_ms: When it is, or was, appended.

    Raises:
        Refused: RULE or TERM.
    """
    if category_of(proposal.reason) is not proposal.category:
        raise Refused(Code.RULE, f"reason {proposal.reason} does not fit {proposal.category}")
    if not proposal.declared:
        raise Refused(Code.RULE, "the declaration about minors and the vulnerable is missing")
    if proposal.category is Category.BANNED and not proposal.evidence:
        raise Refused(Code.RULE, "a ban needs a reference to its evidence")
    if proposal.incident_on > _latest_day(proposal.created_ms):
        raise Refused(Code.RULE, "the incident lies after the entry: correct its date")
    if proposal.created_ms > issued_ms + SKEW_MS:
        raise Refused(Code.RULE, "the entry was made in the future: correct the proposer's clock")
    _check_term(proposal, policy, issued_ms)


def _check_term(proposal: PutProposal, policy: Policy, issued_ms: int) -> None:
    term_ms = proposal.valid_until_ms - proposal.created_ms
    if term_ms <= 0 or proposal.valid_until_ms <= issued_ms:
        raise Refused(Code.TERM, "the entry is over before it counts: give a later end")
    longest = policy.longest_days(proposal.reason)
    if term_ms > (longest + 1) * _DAY_MS:  # a term runs to the end of its last day
        raise Refused(Code.TERM, f"{proposal.reason} may stand for {longest} days at most")


def _latest_day(moment_ms: int) -> str:
    """Give the latest date, YYYY-MM-DD, that it was anywhere on Earth at this moment."""
    local_ms = min(moment_ms + _FURTHEST_EAST_MS, LATEST_MS)
    return str(datetime.fromtimestamp(local_ms / 1000, UTC).date())
