"""Moves with key boxes, kill orders and snapshots, and those that are aimed at the hub."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from simulator.attacker import Attacker, Item, move
from simulator.people import Key
from sync import canonical, frames, seal
from sync.statement.head import MOST_PAGES, Manifest
from sync.statement.keybox import KeyBox, KeyRing, Kill
from sync.statement.proposal import CONSORTIUM
from sync.statement.report import Report
from sync.transfer import pages


def boxed(attacker: Attacker, key: Key, **changes: object) -> bytes:
    """Make a key box for the victim that leads it to keys of the attacker's."""
    unit, chance = attacker.victim, attacker.chance
    epoch = unit.ring.epoch + 1
    ring = KeyRing(epoch, chance.randbytes(32), chance.randbytes(32), chance.randbytes(8).hex(), ())
    box = KeyBox(
        attacker.world.list_id, unit.unit_id, epoch, seal.SUITE, bytes(32), attacker.now_ms
    )
    box = replace(box, **changes)  # type: ignore[arg-type]
    suite, sealed = seal.box(unit.keys.box.public, ring.encode(), box.info)
    return replace(box, suite=suite, sealed=sealed).signed(key).encode()


def to_key_topic(attacker: Attacker, signed: bytes) -> None:
    """Retain something where the unit's keys come from; the attacker has got hold of its key."""
    keys = attacker.victim.keys
    payload = frames.seal_in_key_topic(keys.box.public, keys.list_id, keys.unit_id, signed)
    attacker.show(f"m/{attacker.victim.mailbox}/key", payload)


@move("key compromise", keyed=False)
def box_keys_of_ones_own(attacker: Attacker) -> None:
    """Seal a key box, for HPKE's sender is anonymous; sign it by anything but the hub's key."""
    for key in (attacker.stranger(), attacker.manager, attacker.officer):
        to_key_topic(attacker, boxed(attacker, key))


@move("wrong list", keyed=False)
def box_keys_of_another_list(attacker: Attacker) -> None:
    """Sign a key box for another list, and one for another unit."""
    to_key_topic(
        attacker, boxed(attacker, attacker.hub, list_id=attacker.chance.randbytes(16).hex())
    )
    to_key_topic(
        attacker, boxed(attacker, attacker.hub, unit_id=attacker.chance.randbytes(8).hex())
    )


@move("rollback", keyed=False)
def box_keys_of_an_old_epoch(attacker: Attacker) -> None:
    """Sign a key box of the past."""
    to_key_topic(attacker, boxed(attacker, attacker.hub, epoch=1, issued_ms=1))


@move("kill order forged", keyed=False)
def order_it_to_destroy_itself(attacker: Attacker) -> None:
    """Sign a kill order by anything but the hub's key, or for another unit or list."""
    unit, now_ms, chance = attacker.victim, attacker.now_ms, attacker.chance
    order = Kill(attacker.world.list_id, unit.unit_id, now_ms)
    for key in (attacker.stranger(), attacker.manager, attacker.officer):
        to_key_topic(attacker, order.signed(key).encode())
    for other in (
        replace(order, unit_id=chance.randbytes(8).hex()),
        replace(order, list_id=chance.randbytes(16).hex()),
    ):
        to_key_topic(attacker, other.signed(attacker.hub).encode())


def page_of(attacker: Attacker, items: Sequence[Item]) -> bytes:
    """Encode a page of a snapshot as the hub does."""
    return canonical.encode(attacker.sealed(items))


def announce(attacker: Attacker, contents: list[bytes], **changes: object) -> str:
    """Show a manifest for pages of the attacker's own, then the pages."""
    head, chance = attacker.head(), attacker.chance
    digests = [sha256(page).digest() for page in contents]
    manifest = Manifest(
        head.list_id, chance.randbytes(8).hex(), head.seq + 5, chance.randbytes(32),
        chance.randbytes(32), head.epoch, len(contents), sha256(b"".join(digests)).digest(), 1,
    )  # fmt: skip
    manifest = replace(manifest, **changes)  # type: ignore[arg-type]
    wire = manifest.signed(attacker.hub).encode()
    attacker.transfer(["manifest", wire, b"".join(digests)])
    for number, page in enumerate(contents):
        attacker.transfer(["snapshot", manifest.snapshot_id, number, page])
    return manifest.snapshot_id


@move("mix-and-match")
def announce_an_empty_list(attacker: Attacker) -> None:
    """Offer a snapshot of nothing, at a position ahead and at the present one."""
    head = attacker.head()
    announce(attacker, [])
    announce(attacker, [], seq=head.seq, record_hash=head.record_hash)
    announce(attacker, [], seq=head.seq, record_hash=head.record_hash, live_root=head.live_root)


@move("omitted entry in a snapshot")
def leave_somebody_out_of_a_snapshot(attacker: Attacker) -> None:
    """Offer the list without its newest ban."""
    page = page_of(attacker, attacker.puts()[:-1])
    head = attacker.head()
    announce(attacker, [page])
    announce(attacker, [page], seq=head.seq, record_hash=head.record_hash, live_root=head.live_root)


@move("resurrected tombstone")
def bring_everybody_back_in_a_snapshot(attacker: Attacker) -> None:
    """Offer everybody who was ever banned as if nobody had been lifted."""
    announce(attacker, [page_of(attacker, attacker.puts())])


@move("endless data")
def announce_a_snapshot_without_end(attacker: Attacker) -> None:
    """Offer more pages than anybody can store."""
    announce(attacker, [bytes(40_000)] * 2, pages=MOST_PAGES)
    announce(attacker, [attacker.chance.randbytes(60_000)])


@move("garbage")
def say_things_that_mean_nothing(attacker: Attacker) -> None:
    """Say every tag with the wrong values, well sealed."""
    chance = attacker.chance
    junk = [
        None,
        True,
        -0,
        2**63,
        b"",
        b"\xff" * 40,
        "",
        "head",
        [],
        [[]],
        [[[[[1]]]]],
        [b"x", None],
    ]
    for tag in (
        "head",
        "page",
        "roots",
        "urgent",
        "taken",
        "pong",
        "heard",
        "want",
        "manifest",
        "?",
    ):
        for _ in range(3):
            values = [chance.choice(junk) for _ in range(chance.randrange(5))]
            chance.choice([attacker.on_list, attacker.to_inbox])(tag, *values)
    attacker.transfer([chance.choice(["burst", "range", "manifest", "snapshot"]), *junk[:4]])


@move("replay")
def ask_the_unit_for_everything(attacker: Attacker) -> None:
    """Ask for records as a restored hub does."""
    for _ in range(3):
        attacker.to_inbox("want", attacker.chance.choice([0, 1, 2**53 - 1]))


@move("replay")
def claim_that_the_hub_has_heard(attacker: Attacker) -> None:
    """Confirm reports and submissions in the hub's name, with answers nobody asked for."""
    attacker.to_inbox("pong", attacker.chance.randbytes(16), attacker.now_ms)
    attacker.to_inbox("taken", [attacker.chance.randbytes(8).hex()])


# --- aimed at the hub ---------------------------------------------------------------------------
def to_hub(attacker: Attacker, *message: object) -> None:
    """Say something to the hub in the victim's name."""
    unit = attacker.victim
    frame = frames.seal_frame(
        unit.ring.channel, "from", attacker.world.list_id, unit.unit_id, message
    )
    attacker.world.hub.attacked(f"m/{unit.mailbox}/out", frame)


@move("rollback")
def report_in_the_name_of_another(attacker: Attacker) -> None:
    """State something for a unit without its key, and out of order with it."""
    trusted, unit = attacker.victim.shelf.trusted(), attacker.victim
    report = Report(
        attacker.world.list_id, unit.unit_id, trusted.counter + 1_000_000, attacker.now_ms, 1 << 40,
        bytes(32), bytes(32), bytes(32), 0, 1, "", "x", (), (), (), (), (),
        destroyed=True,
    )  # fmt: skip
    for key in (attacker.stranger(), attacker.manager, attacker.hub):
        to_hub(attacker, "report", report.signed(key).encode())


@move("key compromise")
def submit_a_ban_for_all(attacker: Attacker) -> None:
    """Hand the hub a local entry that is none, or not of this venue."""
    people = attacker.world.people
    for scope, key in (
        (CONSORTIUM, attacker.manager),
        (attacker.venue_id, attacker.stranger()),
        (attacker.victim.venue_id, attacker.stranger()),
    ):
        proposal = people.person(scope=scope)
        wire = proposal.signed(key).encode()
        for page in pages(wire, sha256(wire).hexdigest()[:16]):
            to_hub(attacker, "submit", *page[1:])


@move("garbage")
def confuse_the_hub(attacker: Attacker) -> None:
    """Say every tag to the hub with the wrong values, well sealed."""
    chance = attacker.chance
    junk = [
        None,
        True,
        2**63,
        b"",
        b"\xff" * 40,
        "",
        [],
        [[]],
        [b"x", None],
        [0, 1, 2],
        "ff" * 8,
        64,
    ]
    for tag in ("hello", "range", "snapshot", "report", "submit", "ping", "page", "?"):
        for _ in range(3):
            to_hub(attacker, tag, *[chance.choice(junk) for _ in range(chance.randrange(6))])
    to_hub(attacker, "range", chance.choice([0, 2**53 - 1]))
    to_hub(attacker, "snapshot", "ff" * 8, list(range(64)))


@move("key compromise")
def sign_a_future_box_with_the_hubs_key(attacker: Attacker) -> None:
    """Give the victim its own keys again, in a box that no honest one can be newer than."""
    if attacker.loot.hub:
        unit = attacker.victim
        box = KeyBox(
            attacker.world.list_id, unit.unit_id, unit.ring.epoch, seal.SUITE, bytes(32),
            attacker.now_ms + 10**12,
        )  # fmt: skip
        suite, sealed = seal.box(unit.keys.box.public, unit.ring.encode(), box.info)
        signed = replace(box, suite=suite, sealed=sealed).signed(attacker.hub)
        to_key_topic(attacker, signed.encode())
