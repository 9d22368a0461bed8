"""Looking the whole list through: what is whole says so, and whatever is not is named."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from edge.syncing.verification import verified
from simulator.shelf_samples import (
    LIST_ID,
    NOW_MS,
    VENUE,
    entry,
    entry_id,
    grown,
    key,
    leaf,
    putting,
    root,
    trusted,
)
from sync.clock import Reading
from sync.liveset import State
from sync.seal import SigningKey
from sync.signing import digest
from sync.statement.record import NO_HASH, Op, Record
from sync.statement.root import Venue
from sync.unit.shelf import KeptRecord, Step, Trusted

HUB, MANAGER = SigningKey(key("hub seed")), SigningKey(key("manager seed"))


def clocks() -> Reading:
    return Reading(NOW_MS, 10_000, "boot", synchronised=True)


def member() -> Trusted:
    """Make what a unit believes whose hub and manager have real keys."""
    venues = (Venue(VENUE, "The Blue Note", MANAGER.public),)
    return replace(trusted(), root=replace(root(), hub_key=HUB.public, venues=venues))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[GalleryShelf]:
    with GalleryShelf.open(tmp_path / "g.db", KeyFile(tmp_path / "g.key"), read=clocks) as made:
        made.join(member())
        made.commit(putting(made.trusted(), range(5)))
        yield made


def problems(shelf: GalleryShelf) -> str:
    return "\n".join(verified(shelf).problems)


def test_a_list_that_is_whole_says_so(shelf: GalleryShelf) -> None:
    found = verified(shelf)
    assert found.problems == ()
    assert (found.list_id, found.seq, found.entries, found.waiting) == (LIST_ID, 1, 5, 0)
    assert found.live_root == shelf.trusted().ledger.live.root
    assert found.fresh


def test_an_entry_on_its_way_to_the_hub_is_counted_apart(shelf: GalleryShelf) -> None:
    shelf.add_locally(entry(9, provisional=True), b"signed")
    found = verified(shelf)
    assert (found.problems, found.entries, found.waiting) == ((), 5, 1)


def test_before_the_first_list_there_is_nothing_to_be_whole(tmp_path: Path) -> None:
    with GalleryShelf.open(tmp_path / "g.db", KeyFile(tmp_path / "g.key"), read=clocks) as shelf:
        shelf.join(member())
        assert problems(shelf) == "the hub has not confirmed this list yet"
        assert not verified(shelf).fresh


@pytest.mark.parametrize(
    ("table", "column"),
    [("entry", "details"), ("entry", "templates"), ("photo", "sealed"), ("leaf", "sealed")],
)
def test_a_row_that_was_changed_on_the_card_is_named(
    shelf: GalleryShelf, table: str, column: str
) -> None:
    with shelf._file.change() as database:
        database.execute(f"UPDATE {table} SET {column} = zeroblob(300) WHERE rowid = 2")  # noqa: S608 - our own names
    if table == "leaf":
        assert [place for place, _ in shelf.damaged()] == ["leaf"]
        return
    assert "does not open" in problems(shelf)


def test_a_row_that_is_not_on_the_list_and_one_that_lacks_are_named(shelf: GalleryShelf) -> None:
    shelf.commit(Step(shelf.trusted(), put=(entry(7),)))
    assert problems(shelf) == f"entry {entry_id(7)} is in the rows and not on the list"
    shelf.commit(Step(shelf.trusted(), erase=(entry_id(7), entry_id(1))))
    assert problems(shelf) == f"entry {entry_id(1)} is on the list and not in the rows"


def test_a_row_of_another_version_or_standing_is_named(shelf: GalleryShelf) -> None:
    shelf.commit(Step(shelf.trusted(), put=(entry(1, revision=2),)))
    assert "is not the version" in problems(shelf)
    shelf.commit(Step(shelf.trusted(), put=(entry(1),), suspend=(entry_id(2),)))
    assert problems(shelf) == f"entry {entry_id(2)} is contested on one side only"


def test_an_entry_that_is_over_need_not_be_there(shelf: GalleryShelf) -> None:
    over = {entry_id(1): replace(leaf(1), not_after_ms=NOW_MS)}
    after = grown(shelf.trusted(), over)
    shelf.commit(Step(after, leaves=over, erase=(entry_id(1),)))
    assert problems(shelf) == ""


def test_a_ledger_that_the_hub_did_not_sign_for_is_named(shelf: GalleryShelf) -> None:
    gone = {entry_id(1): leaf(1, State.GONE)}
    ledger = replace(shelf.trusted().ledger, live=shelf.trusted().ledger.live.updated(gone))
    shelf.commit(Step(replace(shelf.trusted(), ledger=ledger), gone, erase=(entry_id(1),)))
    assert "is not what the hub signed for" in problems(shelf)


Chain = list[tuple[Record, SigningKey, bytes | None]]


def chained(shelf: GalleryShelf, change: Callable[[Chain], None] = lambda _: None) -> str:
    """Keep three records, changed by a thief with the key of the card; what is found."""
    wires, before = Chain(), NO_HASH
    for seq in range(1, 4):
        content = entry(seq).proposal.signed(MANAGER).encode()
        record = Record(
            list_id=LIST_ID,
            seq=seq,
            prev=before,
            epoch=1,
            op=Op.PUT,
            entry_id=entry_id(seq),
            ring="consortium/banned",
            not_after_ms=entry(seq).proposal.valid_until_ms,
            content_digest=digest("content", content),
            issued_ms=NOW_MS,
        )
        before = digest("record", record.encode())
        wires.append((record, HUB, content))
    change(wires)
    kept = tuple(
        KeptRecord(one.seq, one.entry_id, one.signed(signer).encode(), content)
        for one, signer, content in wires
    )
    known = shelf.trusted()
    chain = replace(known.ledger.chain, seq=3, hash=before)
    reached = replace(known.reached, seq=3, record_hash=before) if known.reached else None
    ledger = replace(known.ledger, chain=chain)
    shelf.commit(Step(replace(known, ledger=ledger, reached=reached), records=kept))
    assert verified(shelf).records == 3
    return problems(shelf)


def test_kept_records_are_followed_to_the_head(shelf: GalleryShelf) -> None:
    assert chained(shelf) == ""


def test_records_of_the_hubs_former_key_are_followed_by_their_hashes(shelf: GalleryShelf) -> None:
    def signed_before(wires: Chain) -> None:
        wires[0] = (wires[0][0], SigningKey.generate(), wires[0][2])

    assert chained(shelf, signed_before) == ""


@pytest.mark.parametrize(
    ("at", "changed", "says"),
    [
        (0, {"issued_ms": NOW_MS + 1}, "record 2 does not follow"),
        (1, {"prev": bytes(32)}, "record 2 does not follow"),
        (2, {"issued_ms": NOW_MS + 1}, "record 3 is not the newest change"),
    ],
)
def test_a_record_that_was_exchanged_is_named(
    shelf: GalleryShelf, at: int, changed: dict[str, object], says: str
) -> None:
    def exchange(wires: Chain) -> None:
        record, signer, content = wires[at]
        wires[at] = (replace(record, **changed), signer, content)  # type: ignore[arg-type]

    assert says in chained(shelf, exchange)


def test_a_content_that_was_exchanged_is_named(shelf: GalleryShelf) -> None:
    def exchange(wires: Chain) -> None:
        wires[1] = (wires[1][0], HUB, wires[2][2])

    assert chained(shelf, exchange) == "the content of record 2 belongs to another"


def test_a_content_that_no_venue_signed_is_named(shelf: GalleryShelf) -> None:
    def exchange(wires: Chain) -> None:
        content = entry(3).proposal.signed(SigningKey.generate()).encode()
        told = digest("content", content)
        wires[2] = (replace(wires[2][0], content_digest=told), HUB, content)

    assert "no venue signed what record 3 carries" in chained(shelf, exchange)
