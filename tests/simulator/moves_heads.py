"""Moves with heads and roots: going back, standing still, jumping ahead, telling two stories."""

from dataclasses import replace

from simulator.attacker import Attacker, move
from simulator.people import YEAR_MS, People
from sync.statement.head import Head
from sync.statement.policy import DAY_MS
from sync.statement.root import Root, Venue

FAR = 1 << 40


@move("rollback")
def show_an_old_head(attacker: Attacker) -> None:
    """Show a head that was honest once."""
    attacker.heading(attacker.chance.choice(attacker.world.hub.heads))


@move("rollback")
def sign_a_head_of_the_past(attacker: Attacker) -> None:
    """Sign an old position anew."""
    old = Head.open(attacker.chance.choice(attacker.world.hub.heads))[1]
    attacker.heading(
        attacker.headed(seq=old.seq, record_hash=old.record_hash, live_root=old.live_root)
    )


@move("arbitrary install")
def sign_a_head_with_an_unknown_key(attacker: Attacker) -> None:
    """Sign as nobody."""
    attacker.heading(attacker.headed(attacker.stranger()))


@move("arbitrary install")
def sign_a_head_with_no_key(attacker: Attacker) -> None:
    """Leave the signature out."""
    attacker.heading(replace(attacker.head(), issued_ms=attacker.now_ms).signed().encode())


@move("fast-forward")
def jump_far_ahead(attacker: Attacker) -> None:
    """Claim a record that will never come."""
    attacker.heading(attacker.headed(seq=attacker.chance.choice([FAR, 5_000_000])))


@move("fast-forward")
def jump_to_a_far_epoch(attacker: Attacker) -> None:
    """Claim an epoch that will never come."""
    attacker.heading(attacker.headed(epoch=2**32 - 1))


@move("fast-forward")
def issue_a_head_in_the_future(attacker: Attacker) -> None:
    """Sign a head from years ahead, so that honest ones look old."""
    later = attacker.now_ms + attacker.chance.choice([600_000, YEAR_MS, 40 * YEAR_MS])
    attacker.heading(attacker.headed(issued_ms=later, expires_ms=later + DAY_MS))


@move("indefinite freeze")
def let_a_head_count_for_years(attacker: Attacker) -> None:
    """Sign a lease that is too long."""
    attacker.heading(attacker.headed(expires_ms=attacker.now_ms + 10 * YEAR_MS))


@move("indefinite freeze")
def show_a_head_that_is_over(attacker: Attacker) -> None:
    """Sign a head whose lease has ended."""
    issued_ms = attacker.now_ms - 2 * DAY_MS
    attacker.heading(attacker.headed(issued_ms=issued_ms, expires_ms=issued_ms + DAY_MS))


@move("indefinite freeze")
def let_a_head_end_before_it_begins(attacker: Attacker) -> None:
    """Sign a lease that runs backwards."""
    attacker.heading(attacker.headed(expires_ms=attacker.now_ms - 1))


@move("mix-and-match")
def pair_a_record_with_another_list(attacker: Attacker) -> None:
    """Name one record's hash and another one's list."""
    old = Head.open(attacker.chance.choice(attacker.world.hub.heads))[1]
    attacker.heading(attacker.headed(live_root=old.live_root))
    attacker.heading(attacker.headed(live_root=attacker.chance.randbytes(32)))


@move("fork")
def tell_another_story_of_the_same_record(attacker: Attacker) -> None:
    """Name another hash at the same position."""
    attacker.heading(attacker.headed(record_hash=attacker.chance.randbytes(32)))


@move("wrong list")
def show_a_head_of_another_list(attacker: Attacker) -> None:
    """Sign the head of a list that belongs to somebody else."""
    attacker.heading(attacker.headed(list_id=attacker.chance.randbytes(16).hex()))


@move("key compromise")
def sign_a_head_with_a_venues_key(attacker: Attacker) -> None:
    """Use a real key for what it is not for."""
    attacker.heading(attacker.headed(attacker.manager))
    attacker.heading(attacker.headed(attacker.officer))


@move("fast-forward")
def name_a_root_that_does_not_exist(attacker: Attacker) -> None:
    """Claim that the officers have signed a newer root."""
    attacker.heading(attacker.headed(root_version=attacker.head().root_version + 7))


def forged_root(attacker: Attacker, **changes: object) -> Root:
    """Make the next root with changes."""
    root = attacker.victim.shelf.trusted().root
    issued = {"issued_ms": attacker.now_ms, "expires_ms": attacker.now_ms + YEAR_MS}
    return replace(root, **({"version": root.version + 1} | issued | changes))  # type: ignore[arg-type]


@move("key compromise")
def replace_the_hub_with_one_officers_word(attacker: Attacker) -> None:
    """Sign a new hub key with one officer and as many strangers as it takes."""
    root = forged_root(attacker, hub_key=attacker.stranger().public)
    signers = (attacker.officer, attacker.stranger(), attacker.hub, attacker.manager)
    attacker.to_inbox("roots", [root.signed(*signers).encode()])
    attacker.to_inbox("roots", [root.signed(attacker.officer).encode()])


@move("key compromise")
def elect_ones_own_officers(attacker: Attacker) -> None:
    """Sign a root by the officers that it names itself."""
    mine = sorted((attacker.stranger() for _ in range(2)), key=lambda key: key.public)
    officers = tuple(key.public for key in mine)
    root = forged_root(attacker, officers=officers, threshold=1)
    attacker.to_inbox("roots", [root.signed(*mine, attacker.officer).encode()])


@move("key compromise")
def add_a_venue_of_ones_own(attacker: Attacker) -> None:
    """Name a venue that nobody admitted."""
    root = attacker.victim.shelf.trusted().root
    extra = Venue("ff" * 8, "ours", attacker.stranger().public)
    forged = forged_root(attacker, venues=(*root.venues, extra))
    attacker.to_inbox("roots", [forged.signed(attacker.officer, attacker.hub).encode()])


@move("rollback")
def show_an_old_root(attacker: Attacker) -> None:
    """Show the chain of roots again, from its beginning."""
    service = attacker.world.hub.service
    if service is not None:
        attacker.to_inbox("roots", [one.encode() for one in service.roots()])


@move("fast-forward")
def skip_a_root(attacker: Attacker) -> None:
    """Skip versions that a stolen officer's key cannot sign."""
    attacker.to_inbox(
        "roots", [forged_root(attacker, version=900).signed(attacker.officer).encode()]
    )


@move("wrong list")
def show_the_root_of_another_consortium(attacker: Attacker) -> None:
    """Show a root that is well signed, by other people."""
    others = People(attacker.chance, attacker.world.nothing)
    others.list_id, others.now = attacker.world.list_id, lambda: attacker.now_ms
    attacker.to_inbox("roots", [others.first_root(attacker.hub.public).encode()])


@move("endless data")
def send_roots_without_end(attacker: Attacker) -> None:
    """Send more roots than fit any chain, all of them the same."""
    wire = forged_root(attacker).signed(attacker.officer).encode()
    attacker.to_inbox("roots", [wire] * 60)


@move("key compromise")
def use_the_stolen_hub_key_for_a_lasting_head(attacker: Attacker) -> None:
    """Sign the honest position again and again: a freeze that only silence of records shows."""
    if attacker.loot.hub:
        for _ in range(3):
            attacker.heading(attacker.headed())
