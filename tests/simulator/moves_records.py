"""Moves with records: bans and lifts that people did not sign, or not like this."""

from dataclasses import replace

from simulator.attacker import Attacker, Item, Loot, move
from simulator.people import YEAR_MS, Key
from sync.entries import Reason
from sync.liveset import Leaf, State
from sync.signing import Signed
from sync.statement.membership import Registration, Rekey
from sync.statement.policy import DAY_MS, Policy
from sync.statement.proposal import (
    KIND,
    ContestProposal,
    PolicyProposal,
    Proposal,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
    Why,
    open_proposal,
)
from sync.statement.record import Expiry, Op, Record


def onto(attacker: Attacker, *items: Item) -> None:
    """Show records with a head that fits them: nothing but the records themselves is wrong."""
    ledger = attacker.victim.shelf.trusted().ledger
    live = ledger.live
    for item in items:
        record = attacker.record(item)
        if record.seq > ledger.seq and record.entry_id:
            live = live.updated({record.entry_id: leaf_after(record, live.get(record.entry_id))})
    last = attacker.record(items[-1])
    head = attacker.headed(
        seq=last.seq,
        record_hash=last.hash,
        epoch=last.epoch,
        live_root=live.root,
        issued_ms=max(attacker.now_ms, last.issued_ms),
        expires_ms=max(attacker.now_ms, last.issued_ms) + DAY_MS,
    )
    attacker.both(head, items)
    attacker.urgent(items)


def leaf_after(record: Record, leaf: Leaf | None) -> Leaf:
    """Give what a record would make of its entry, were it believed."""
    if record.op is Op.REMOVE:
        return Leaf(record.hash, record.not_after_ms, record.ring, State.GONE, record.seq)
    if leaf is not None and record.op is not Op.PUT:
        state = State.CONTESTED if record.op is Op.CONTEST else State.LIVE
        return replace(leaf, state=state, seq=record.seq)
    return Leaf(record.hash, record.not_after_ms, record.ring, State.LIVE, record.seq, 1)


def ban(attacker: Attacker, *signers: Key, **changes: object) -> Item:
    """Make a record that bans somebody, signed by whoever is at hand."""
    proposal = attacker.world.people.person(Reason.VIOLENCE)
    proposal = replace(proposal, venue_id=attacker.venue_id, **changes)  # type: ignore[arg-type]
    return put(attacker, proposal, proposal.signed(*signers).encode())


def put(attacker: Attacker, proposal: PutProposal, content: bytes) -> Item:
    """Make the put record of a proposal."""
    return attacker.next_record(
        Op.PUT, content, entry_id=proposal.entry_id, ring=proposal.ring,
        not_after_ms=proposal.valid_until_ms,
    )  # fmt: skip


def about(attacker: Attacker, op: Op, proposal: Proposal, *signers: Key) -> Item | None:
    """Make a record about an entry on the list."""
    if isinstance(proposal, PolicyProposal):
        return attacker.next_record(op, proposal.signed(*signers).encode())
    leaf = attacker.victim.shelf.trusted().ledger.live.get(proposal.entry_id)
    if leaf is None:
        return None
    content = proposal.signed(*signers).encode()
    return attacker.next_record(op, content, entry_id=proposal.entry_id, ring=leaf.ring)


def anyone(attacker: Attacker, *states: State) -> str | None:
    """Pick an entry in one of these states."""
    live = attacker.victim.shelf.trusted().ledger.live
    names = sorted(name for name, leaf in live.items() if leaf.state in states)
    return attacker.chance.choice(names) if names else None


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


@move("rollback")
def play_the_list_again_from_its_beginning(attacker: Attacker) -> None:
    """Replay old records with an old head."""
    attacker.both(attacker.chance.choice(attacker.world.hub.heads), attacker.archive[:12])


@move("truncated chain")
def leave_records_out(attacker: Attacker) -> None:
    """Pass on a run with a hole in it, and one whose beginning is missing."""
    last = attacker.archive[-8:]
    if len(last) > 2:
        hole = attacker.chance.randrange(1, len(last) - 1)
        attacker.both(attacker.world.hub.heads[-1], [*last[:hole], *last[hole + 1 :]])
        attacker.both(attacker.world.hub.heads[-1], last[2:])


@move("truncated chain")
def shuffle_records(attacker: Attacker) -> None:
    """Pass on a run in another order."""
    last = attacker.archive[-8:]
    attacker.both(attacker.world.hub.heads[-1], attacker.chance.sample(last, len(last)))


@move("fork")
def append_ones_own_record(attacker: Attacker) -> None:
    """Append a registration that harms nobody and forks the chain."""
    registration = Registration(
        attacker.chance.randbytes(8).hex(), attacker.venue_id, "a door", attacker.chance.randbytes(32),
        attacker.chance.randbytes(32), attacker.chance.randbytes(8).hex(),
    )  # fmt: skip
    onto(attacker, attacker.next_record(Op.REGISTER, registration.encode()))


@move("fork")
def begin_an_epoch_of_ones_own(attacker: Attacker) -> None:
    """Begin a new epoch that revokes everybody."""
    epoch = attacker.victim.shelf.trusted().ledger.epoch + 1
    content = Rekey(epoch, (attacker.victim.unit_id,)).encode()
    onto(attacker, attacker.next_record(Op.REKEY, content, epoch=epoch))


@move("wrong list")
def show_a_record_of_another_list(attacker: Attacker) -> None:
    """Append a well-made record of a list with another id."""
    other = attacker.chance.randbytes(16).hex()
    wire, content = ban(attacker, *attacker.world.people.managers.values(), list_id=other)
    onto(attacker, (wire, content))
    proposal = open_proposal(content or b"")[1]
    assert isinstance(proposal, PutProposal)
    onto(
        attacker,
        attacker.next_record(
            Op.PUT, content or b"", list_id=other, entry_id=proposal.entry_id, ring=proposal.ring,
            not_after_ms=proposal.valid_until_ms,
        ),
    )  # fmt: skip


@move("one signature missing")
def lift_somebody_with_one_venue(attacker: Attacker) -> None:
    """Lift a ban with the one key that may be stolen."""
    if name := anyone(attacker, State.LIVE, State.CONTESTED):
        removal = RemoveProposal(
            attacker.world.list_id, name, attacker.venue_id, Why.ERASED, attacker.now_ms
        )
        for signers in ([attacker.manager], [attacker.manager, attacker.hub, attacker.officer], []):
            if item := about(attacker, Op.REMOVE, removal, *signers):
                onto(attacker, item)


@move("not over")
def end_a_ban_before_its_time(attacker: Attacker) -> None:
    """Let an entry expire today, by today's date and by a date to come."""
    if name := anyone(attacker, State.LIVE, State.CONTESTED):
        leaf = attacker.victim.shelf.trusted().ledger.live.get(name)
        assert leaf is not None
        for told, issued_ms in (
            (leaf.not_after_ms, attacker.now_ms),
            (attacker.now_ms, attacker.now_ms),
            (leaf.not_after_ms, leaf.not_after_ms),
            (leaf.not_after_ms, leaf.not_after_ms + YEAR_MS),
        ):
            onto(
                attacker,
                attacker.next_record(
                    Op.REMOVE, Expiry(name).encode(), entry_id=name, ring=leaf.ring,
                    not_after_ms=told, issued_ms=issued_ms,
                ),
            )  # fmt: skip


@move("key compromise")
def contest_without_a_venue(attacker: Attacker) -> None:
    """Suspend a ban with a stranger's, an officer's or the hub's signature."""
    if name := anyone(attacker, State.LIVE):
        for key in (attacker.stranger(), attacker.officer, attacker.hub):
            contest = ContestProposal(
                attacker.world.list_id, name, attacker.venue_id, attacker.now_ms
            )
            if key is not attacker.manager and (item := about(attacker, Op.CONTEST, contest, key)):
                onto(attacker, item)


@move("one signature missing")
def settle_a_dispute_alone(attacker: Attacker) -> None:
    """Reinstate a contested entry with one key."""
    if name := anyone(attacker, State.CONTESTED):
        settled = ReinstateProposal(
            attacker.world.list_id, name, attacker.venue_id, attacker.now_ms
        )
        if item := about(attacker, Op.REINSTATE, settled, attacker.manager):
            onto(attacker, item)


@move("key compromise")
def loosen_the_rules(attacker: Attacker) -> None:
    """Let one venue be enough from now on, then ban."""
    loose = PolicyProposal(
        attacker.world.list_id, attacker.venue_id, attacker.now_ms, Policy(two_person=frozenset())
    )
    for signers in ([attacker.manager], [attacker.manager, attacker.hub], [attacker.officer]):
        if item := about(attacker, Op.POLICY, loose, *signers):
            onto(attacker, item)
    onto(attacker, ban(attacker, attacker.manager))


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


@move("endless data")
def never_finish_a_transfer(attacker: Attacker) -> None:
    """Begin transfers without end, and claim pages without number."""
    for _ in range(12):
        name = attacker.chance.randbytes(8).hex()
        attacker.to_inbox("page", name, 0, attacker.chance.choice([5, 35, 2**31]), bytes(100))
    attacker.to_inbox("page", "zz" * 8, 9, 5, b"")


@move("endless data")
def send_urgent_words_without_end(attacker: Attacker) -> None:
    """Say a hundred urgent things that are all old."""
    for _ in range(3):
        attacker.urgent(attacker.archive[:30])


@move("key compromise")
def use_the_hub_key_to_append_in_the_future(attacker: Attacker) -> None:
    """Sign harmless records from years ahead, so that honest ones look old."""
    if attacker.loot is Loot.HUB:
        registration = Registration(
            "ee" * 8, attacker.venue_id, "a door", bytes(32), bytes(32), "ee" * 8
        )
        item = attacker.next_record(
            Op.REGISTER, registration.encode(), issued_ms=attacker.now_ms + YEAR_MS
        )
        onto(attacker, item)
