"""Moves that lift, suspend and settle what nobody did, and that bend the chain of records."""

from simulator.attacker import Attacker, move
from simulator.forgery import about, anyone, ban, onto
from simulator.people import YEAR_MS
from sync.liveset import State
from sync.statement.membership import Registration, Rekey
from sync.statement.policy import Policy
from sync.statement.proposal import (
    ContestProposal,
    PolicyProposal,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
    Why,
    open_proposal,
)
from sync.statement.record import Expiry, Op


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
    chance = attacker.chance
    registration = Registration(
        chance.randbytes(8).hex(), attacker.venue_id, "a door", chance.randbytes(32),
        chance.randbytes(1_216), chance.randbytes(8).hex(),
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
    if attacker.loot.hub:
        registration = Registration(
            "ee" * 8, attacker.venue_id, "a door", bytes(32), bytes(32), "ee" * 8
        )
        item = attacker.next_record(
            Op.REGISTER, registration.encode(), issued_ms=attacker.now_ms + YEAR_MS
        )
        onto(attacker, item)
