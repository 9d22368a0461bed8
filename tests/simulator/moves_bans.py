"""Moves that ban people whom nobody banned, or not like this."""

from dataclasses import replace

from simulator.attacker import Attacker, move
from simulator.forgery import anyone, ban, onto, put
from sync.entries import Reason
from sync.liveset import State
from sync.signing import Signed
from sync.statement.policy import DAY_MS
from sync.statement.proposal import (
    KIND,
    PutProposal,
    open_proposal,
)
from sync.statement.record import Op


@move("arbitrary install")
def ban_somebody_with_no_venue(attacker: Attacker) -> None:
    """Ban with the hub's signature alone."""
    onto(attacker, ban(attacker))


@move("arbitrary install")
def ban_somebody_as_two_strangers(attacker: Attacker) -> None:
    """Ban with two signatures that nobody knows."""
    onto(attacker, ban(attacker, attacker.stranger(), attacker.stranger()))


@move("one signature missing")
def ban_somebody_with_one_venue(attacker: Attacker) -> None:
    """Ban with the one venue's key that may be stolen."""
    onto(attacker, ban(attacker, attacker.manager))


@move("one signature missing")
def ban_somebody_with_one_venue_and_the_hub(attacker: Attacker) -> None:
    """Let the hub stand in for the second venue."""
    onto(attacker, ban(attacker, attacker.manager, attacker.hub, attacker.officer))


@move("one signature missing")
def leave_out_the_second_signature(attacker: Attacker) -> None:
    """Take one of two honest signatures away."""
    if attacker.archive and attacker.puts():
        wire, content = attacker.chance.choice(attacker.puts())
        carried, proposal = open_proposal(content or b"")
        assert isinstance(proposal, PutProposal)
        half = replace(carried, signatures=carried.signatures[:1]).encode()
        onto(attacker, (wire, half))
        onto(attacker, put(attacker, proposal, half))


@move("arbitrary install")
def spoil_a_signature(attacker: Attacker) -> None:
    """Change a bit of a venue's signature."""
    for wire, content in attacker.puts()[-1:]:
        carried, proposal = open_proposal(content or b"")
        assert isinstance(proposal, PutProposal)
        first = carried.signatures[0]
        bad = replace(first, value=bytes([first.value[0] ^ 1]) + first.value[1:])
        spoilt = replace(carried, signatures=(bad, *carried.signatures[1:])).encode()
        onto(attacker, put(attacker, proposal, spoilt))
        onto(attacker, (wire, spoilt))


@move("key compromise")
def make_a_local_ban_count_everywhere(attacker: Attacker) -> None:
    """Use the one signature that is enough for one venue in the ring of all."""
    proposal = attacker.world.people.person(Reason.THEFT)
    proposal = replace(proposal, venue_id=attacker.venue_id, scope=attacker.venue_id)
    content = proposal.signed(attacker.manager).encode()
    item = attacker.next_record(
        Op.PUT, content, entry_id=proposal.entry_id, ring="consortium/banned",
        not_after_ms=proposal.valid_until_ms,
    )  # fmt: skip
    onto(attacker, item)


@move("extraneous dependency")
def add_somebody_to_an_honest_burst(attacker: Attacker) -> None:
    """Let an unsigned ban ride along with honest records."""
    onto(attacker, *attacker.archive[-2:], ban(attacker, attacker.manager))


@move("extraneous dependency")
def send_what_was_never_asked_for(attacker: Attacker) -> None:
    """Answer with the whole list."""
    attacker.range(attacker.world.hub.heads[-1], attacker.archive[:40])


@move("swapped content")
def give_a_record_the_content_of_another(attacker: Attacker) -> None:
    """Pair an honest record with honest content of another one."""
    if len(attacker.puts()) > 1:
        one, two = attacker.chance.sample(attacker.puts(), 2)
        onto(attacker, (one[0], two[1]))


@move("swapped content")
def point_a_new_record_at_an_old_ban(attacker: Attacker) -> None:
    """Sign a record about one person with the proposal of another."""
    if attacker.puts():
        proposal = open_proposal(attacker.chance.choice(attacker.puts())[1] or b"")[1]
        content = attacker.chance.choice(attacker.puts())[1] or b""
        assert isinstance(proposal, PutProposal)
        onto(attacker, put(attacker, replace(proposal, entry_id="ab" * 8), content))


@move("swapped content")
def hide_the_content_of_a_record(attacker: Attacker) -> None:
    """Pass records on without what they carry."""
    bare = [(wire, None) for wire, _ in attacker.archive[-6:]]
    onto(attacker, *bare) if bare else None


@move("rollback")
def put_a_removed_person_back(attacker: Attacker) -> None:
    """Append an honest ban again after its lift."""
    gone = anyone(attacker, State.GONE)
    for _, content in attacker.puts():
        proposal = open_proposal(content or b"")[1]
        if isinstance(proposal, PutProposal) and proposal.entry_id == gone:
            onto(attacker, put(attacker, proposal, content or b""))


@move("replay")
def append_an_honest_ban_again(attacker: Attacker) -> None:
    """Show a ban a second time under a new number."""
    if attacker.puts():
        content = attacker.chance.choice(attacker.puts())[1] or b""
        proposal = open_proposal(content)[1]
        assert isinstance(proposal, PutProposal)
        onto(attacker, put(attacker, proposal, content))


@move("key compromise")
def make_a_ban_last_for_ever(attacker: Attacker) -> None:
    """Prolong an honest ban in its record."""
    if attacker.puts():
        content = attacker.chance.choice(attacker.puts())[1] or b""
        proposal = open_proposal(content)[1]
        assert isinstance(proposal, PutProposal)
        longer = replace(proposal, valid_until_ms=proposal.valid_until_ms + 400 * DAY_MS)
        onto(attacker, put(attacker, longer, content))
        onto(attacker, put(attacker, longer, Signed(KIND, longer.encode(), ()).encode()))


@move("key compromise")
def sign_records_with_a_venues_key(attacker: Attacker) -> None:
    """Append as a venue instead of as the hub."""
    for _, content in attacker.puts()[-1:]:
        proposal = open_proposal(content or b"")[1]
        assert isinstance(proposal, PutProposal)
        onto(
            attacker,
            attacker.next_record(
                Op.PUT, content or b"", attacker.manager, entry_id="cd" * 8, ring=proposal.ring,
                not_after_ms=proposal.valid_until_ms,
            ),
        )  # fmt: skip
