"""Moves that need no key: what passes the broker, repeated, spoilt, misdirected, made up."""

from simulator.attacker import Attacker, move
from simulator.ram_broker import Message

SMALL, LARGE = 2_048, 61_440
"""The only sizes of honest payloads, bytes."""


def some(attacker: Attacker) -> Message | None:
    """Pick something that passed."""
    return attacker.chance.choice(list(attacker.seen)) if attacker.seen else None


@move("rollback", keyed=False)
def repeat_something_old(attacker: Attacker) -> None:
    """Replay whole frames where they were said."""
    for _ in range(3):
        if (one := some(attacker)) is not None:
            attacker.show(one.topic, one.payload)


@move("rollback", keyed=False)
def repeat_everything_backwards(attacker: Attacker) -> None:
    """Replay the last frames, newest first."""
    for one in list(attacker.seen)[:-25:-1]:
        attacker.show(one.topic, one.payload)


@move("replay", keyed=False)
def repeat_to_another_topic(attacker: Attacker) -> None:
    """Show a frame where it does not belong."""
    one = some(attacker)
    for topic in attacker.victim.session.topics():
        if one is not None:
            attacker.show(topic, one.payload)


@move("wrong unit", keyed=False)
def give_it_the_box_of_another_unit(attacker: Attacker) -> None:
    """Deliver every key box and kill order that ever passed."""
    for one in list(attacker.seen):
        if one.topic.endswith("/key"):
            attacker.show(f"m/{attacker.victim.mailbox}/key", one.payload)


@move("arbitrary install", keyed=False)
def make_up_bytes(attacker: Attacker) -> None:
    """Send noise of the right and of the wrong sizes."""
    chance = attacker.chance
    size = chance.choice([0, 1, 19, 20, 36, SMALL - 1, SMALL, SMALL + 1, LARGE])
    for topic in attacker.victim.session.topics():
        attacker.show(topic, chance.randbytes(size))


@move("endless data", keyed=False)
def send_a_megabyte(attacker: Attacker) -> None:
    """Send far more than anything honest has."""
    attacker.show(attacker.chance.choice(attacker.victim.session.topics()), bytes(1 << 20))


@move("arbitrary install", keyed=False)
def change_one_byte(attacker: Attacker) -> None:
    """Flip a byte of a frame: its key id, nonce, body or tag."""
    if (one := some(attacker)) is not None:
        chance = attacker.chance
        at = chance.choice([0, 9, len(one.payload) - 1, chance.randrange(len(one.payload))])
        spoilt = bytearray(one.payload)
        spoilt[at] ^= 1 << chance.randrange(8)
        attacker.show(one.topic, bytes(spoilt))


@move("arbitrary install", keyed=False)
def cut_a_frame_short(attacker: Attacker) -> None:
    """Cut or lengthen a frame."""
    if (one := some(attacker)) is not None:
        attacker.show(one.topic, one.payload[: attacker.chance.randrange(len(one.payload))])
        attacker.show(one.topic, one.payload + b"\0")


@move("indefinite freeze", keyed=False)
def hold_everything_back(attacker: Attacker) -> None:
    """Let nothing through for a while; the world goes on meanwhile."""
    attacker.world.hold(attacker.victim, attacker.chance.choice([10_000, 60_000, 300_000]))


@move("slow retrieval", keyed=False)
def let_through_one_page_in_a_while(attacker: Attacker) -> None:
    """Pass one message in ten on."""
    attacker.world.starve(attacker.victim, attacker.chance.randint(5, 60) * 1_000)


@move("replay", keyed=False)
def say_it_all_twice(attacker: Attacker) -> None:
    """Double what passed last."""
    for one in list(attacker.seen)[-12:]:
        attacker.show(one.topic, one.payload)
        attacker.show(one.topic, one.payload)


@move("replay", keyed=False)
def answer_the_hub_in_its_place(attacker: Attacker) -> None:
    """Give the unit its own words back, and the hub its own."""
    world = attacker.world
    for one in list(attacker.seen)[-20:]:
        if one.topic.endswith("/out"):
            attacker.show(f"m/{attacker.victim.mailbox}/in", one.payload)
            world.hub.attacked(one.topic, one.payload)
        else:
            world.hub.attacked(f"m/{attacker.victim.mailbox}/out", one.payload)


@move("garbage", keyed=False)
def make_up_bytes_for_the_hub(attacker: Attacker) -> None:
    """Send noise to the hub in the name of a unit, known and unknown."""
    chance = attacker.chance
    for mailbox in (attacker.victim.mailbox, chance.randbytes(8).hex()):
        size = chance.choice([0, 7, SMALL, LARGE, LARGE + 1])
        attacker.world.hub.attacked(f"m/{mailbox}/out", chance.randbytes(size))
        attacker.world.hub.attacked(f"m/{mailbox}/will", chance.randbytes(size))
