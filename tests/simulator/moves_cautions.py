"""Moves with cautions: turning red into amber for those that nobody marked."""

from dataclasses import replace

from simulator.attacker import Attacker, move
from simulator.people import YEAR_MS
from sync import canonical
from sync.signing import signed
from sync.statement.caution import LONGEST_CAUTION_MS, MOST_CAUTIONED, Caution

HOUR_MS = 3_600_000


def a_caution(attacker: Attacker, **changes: object) -> Caution:
    """Name everybody whom the victim holds."""
    names = tuple(sorted(attacker.victim.shelf.rows()))[:MOST_CAUTIONED]
    now_ms = attacker.now_ms
    made = Caution(attacker.world.list_id, names, now_ms, now_ms + HOUR_MS)
    return replace(made, **changes)  # type: ignore[arg-type]


def say(attacker: Attacker, wire: bytes) -> None:
    """Say it to all, and to the victim alone."""
    attacker.on_list("caution", wire)
    attacker.to_inbox("caution", wire)


@move("key compromise")
def hold_everybody_back(attacker: Attacker) -> None:
    """Sign a caution by any key that is at hand."""
    for key in (attacker.hub, attacker.manager, attacker.officer, attacker.stranger()):
        say(attacker, a_caution(attacker).signed(key).encode())


@move("arbitrary install")
def hold_back_with_no_key(attacker: Attacker) -> None:
    """Leave the signature out, or spoil what the hub signed."""
    say(attacker, a_caution(attacker).signed().encode())
    for wire in attacker.world.hub.cautions[-1:]:
        say(attacker, wire[:-1] + bytes([wire[-1] ^ 1]))


@move("rollback")
def show_an_old_caution(attacker: Attacker) -> None:
    """Show cautions again that were honest once."""
    said = attacker.world.hub.cautions
    for wire in attacker.chance.sample(said, min(3, len(said))):
        say(attacker, wire)


@move("rollback")
def sign_a_caution_of_the_past(attacker: Attacker) -> None:
    """Date a caution back, before what is over or was replaced."""
    issued_ms = attacker.now_ms - attacker.chance.choice([HOUR_MS, 30 * HOUR_MS])
    say(attacker, a_caution(attacker, issued_ms=issued_ms).signed(attacker.hub).encode())


@move("indefinite freeze")
def hold_back_for_longer_than_a_night(attacker: Attacker) -> None:
    """Sign a caution that does not end, or that never began."""
    for until_ms in (attacker.now_ms + LONGEST_CAUTION_MS + 1, attacker.now_ms + YEAR_MS, 0):
        say(attacker, a_caution(attacker, until_ms=until_ms).signed(attacker.hub).encode())


@move("fast-forward")
def hold_back_in_the_future(attacker: Attacker) -> None:
    """Sign a caution of tomorrow, so that honest ones look old."""
    later = attacker.now_ms + YEAR_MS
    caution = a_caution(attacker, issued_ms=later, until_ms=later + HOUR_MS)
    say(attacker, caution.signed(attacker.hub).encode())


@move("wrong list")
def hold_back_on_another_list(attacker: Attacker) -> None:
    """Sign a caution of a list that belongs to somebody else."""
    other = attacker.chance.randbytes(16).hex()
    say(attacker, a_caution(attacker, list_id=other).signed(attacker.hub).encode())


@move("endless data")
def hold_back_more_than_anybody_keeps(attacker: Attacker) -> None:
    """Name more entries than a caution takes."""
    names = [f"{number:016x}" for number in range(MOST_CAUTIONED + 1)]
    times = [attacker.now_ms, attacker.now_ms + HOUR_MS]
    body = canonical.encode([1, "caution", attacker.world.list_id, names, *times])
    say(attacker, signed("caution", body, attacker.hub).encode())
