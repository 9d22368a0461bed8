"""What a venue signs for a person: an entry suspended, or erased. The hub cannot do it alone."""

import msgspec

from sync.errors import HubError
from sync.hub import proposing, reach
from sync.hub.desk import Desk
from sync.hub.facts import Outcome, Standing
from sync.hub.rights.book import Requests
from sync.hub.rights.request import Ask, Remedy, Request, Step
from sync.signing import Signer
from sync.statement.proposal import (
    CONSORTIUM,
    ContestProposal,
    Proposal,
    RemoveProposal,
    Why,
)


def venue_to_ask(desk: Desk, entry_id: str) -> str:
    """Name the venue that can sign for an entry: whose it is, or who proposed it.

    Raises:
        HubError: The entry is unknown or erased already.
    """
    put = reach.content(desk, entry_id)
    return put.venue_id if put.scope == CONSORTIUM else put.scope


def sign(requests: Requests, at: tuple[int, Ask], signer: Signer, who: str, now_ms: int) -> Outcome:
    """Sign what a venue was asked for, and note it with the request, in one change.

    Args:
        requests: The log.
        at: The request's number, and what was asked.
        signer: The key of the venue that was asked.
        who: Who signs, for the audit log.
        now_ms: Milliseconds since the epoch.

    Returns:
        What became of it: an erasure for every door waits for another venue.

    Raises:
        HubError: It is not asked any more, or the entry is gone.
        Refused: The signature is not that venue's.
    """
    (number, ask), desk = at, requests.desk
    with desk.change():
        request = requests.find(number)
        if ask not in request.asks or not ask.open:
            raise HubError("this was settled meanwhile: nothing is left to sign")
        asked = proposal(ask.remedy, desk.store.list_id, ask.entry_id, ask.venue_id, now_ms)
        outcome = proposing.propose(desk, asked.signed(signer), now_ms)
        settle(requests, at, who, now_ms)
    return outcome


def settle(requests: Requests, at: tuple[int, Ask], who: str, now_ms: int) -> Request:
    """Note that a venue signed what it was asked for; the proposal itself is already made.

    Raises:
        HubError: The request is closed.
    """
    number, ask = at
    step = Step(now_ms, who, f"sign-{ask.remedy}", ask.entry_id)
    return _settle(requests, number, ask, step)


def decline(requests: Requests, at: tuple[int, Ask], why: str, who: str, now_ms: int) -> Request:
    """Note that a venue would not sign, and why; the person has to be told.

    Raises:
        HubError: No reason is given.
    """
    number, ask = at
    if not why:
        raise HubError("say why: the person is told the reason (Article 12(4))")
    return _settle(requests, number, ask, Step(now_ms, who, f"decline-{ask.remedy}", why))


def proposal(remedy: Remedy, list_id: str, entry_id: str, venue_id: str, now_ms: int) -> Proposal:
    """Write what a venue signs."""
    if remedy is Remedy.SUSPEND:
        return ContestProposal(list_id, entry_id, venue_id, now_ms)
    return RemoveProposal(list_id, entry_id, venue_id, Why.ERASED, now_ms)


def left(standing: Standing) -> tuple[Remedy, ...]:
    """Tell what can still be asked for, by how an entry stands."""
    return {
        Standing.LIVE: (Remedy.SUSPEND, Remedy.ERASE),
        Standing.CONTESTED: (Remedy.ERASE,),
        Standing.WAITING: (),
        Standing.GONE: (),
    }[standing]


def _settle(requests: Requests, number: int, ask: Ask, step: Step) -> Request:
    declined = step.words if step.did.startswith("decline") else ""
    settled = msgspec.structs.replace(
        ask, signed_ms=0 if declined else step.at_ms, declined=declined
    )
    request = requests.find(number)
    asks = tuple(settled if one == ask else one for one in request.asks)
    return requests.step(number, step, asks=asks)
