"""A snapshot's pages stay the same pages for as long as nothing in them changes."""

from dataclasses import replace
from hashlib import sha256

from simulator.office import Office
from sync import canonical
from sync.hub.items import Items
from sync.hub.snapshot import LONGEST_STANDING, PAGE_ROOM, Announced, Snapshots
from sync.snapshot import pages_digest
from sync.statement.head import Manifest
from sync.statement.policy import DAY_MS, Policy
from sync.statement.record import Op, Record


def filled(office: Office, count: int) -> list[str]:
    """Put people with a photo on the list, about six to a page."""
    ids = []
    with office.service.together():
        for _ in range(count):
            proposal = office.people.person()
            photo = b"\xff\xd8" + office.chance.randbytes(9_000)
            proposal = replace(proposal, photo=photo)
            office.service.propose(office.signed(proposal), office.now_ms)
            ids.append(proposal.entry_id)
    return ids


def snapshots(office: Office) -> Snapshots:
    return Snapshots(office.service.desk, Items(office.service.desk))


def digests(announced: Announced) -> list[bytes]:
    return [announced.digests[i : i + 32] for i in range(0, len(announced.digests), 32)]


def records(made: Snapshots, announced: Announced) -> list[Record]:
    found = []
    for number in range(len(digests(announced))):
        page = made.page(announced.snapshot_id, number)
        assert sha256(page).digest() == digests(announced)[number]
        found += [Record.open(wire)[1] for wire, _ in canonical.decode(page, 2**24)]
    return found


def test_the_manifest_names_every_page_and_the_pages_hold_the_list(office: Office) -> None:
    ids = filled(office, 40)
    made = snapshots(office)
    announced = made.announced()
    manifest = Manifest.parse(announced.signed.body)
    assert (manifest.pages, manifest.entries) == (len(digests(announced)), 40)
    assert manifest.pages_digest == pages_digest(digests(announced))
    assert 6 <= manifest.pages <= 8
    assert [one.entry_id for one in records(made, announced)] == ids
    assert all(len(made.page(announced.snapshot_id, i)) <= PAGE_ROOM for i in range(manifest.pages))


def test_the_pages_survive_a_restart_of_the_hub(office: Office) -> None:
    filled(office, 20)
    before = snapshots(office).announced()
    office.reopened()
    after = snapshots(office).announced()
    assert (after.snapshot_id, after.digests) == (before.snapshot_id, before.digests)


def test_a_snapshot_stands_while_others_are_added(office: Office) -> None:
    filled(office, 20)
    made = snapshots(office)
    before = made.announced()
    filled(office, 5)
    assert made.warm(most=1000)
    assert made.announced() is before
    assert len(records(made, before)) == 20


def test_a_snapshot_that_was_prepared_little_by_little_is_the_same(office: Office) -> None:
    ids = filled(office, 40)
    made = snapshots(office)
    rounds = 1
    while not made.warm(most=7):
        rounds += 1
        if rounds == 3:
            office.lift(ids[30])  # of what is not laid out yet
            office.lift(ids[1])
    assert rounds > 5
    told = records(made, made.announced())
    assert [one.seq for one in told] == sorted(one.seq for one in told)
    assert {one.entry_id for one in told if one.op is Op.PUT} == {*ids} - {ids[30], ids[1]}


def test_a_lift_makes_a_new_snapshot_in_which_one_page_is_another(office: Office) -> None:
    ids = filled(office, 40)
    made = snapshots(office)
    before = made.announced()
    office.lift(ids[20])
    after = made.announced()
    assert after.snapshot_id != before.snapshot_id
    assert made.page(before.snapshot_id, 0) is None
    changed = [
        i for i, (a, b) in enumerate(zip(digests(before), digests(after), strict=False)) if a != b
    ]
    assert len(changed) <= 2  # the page it was on, and the last one, which holds its tombstone
    told = records(made, after)
    assert [one.op for one in told if one.entry_id == ids[20]] == [Op.REMOVE]
    seqs = [one.seq for one in told]
    assert seqs == sorted(seqs)


def test_contests_reinstatements_and_policies_are_in_it_in_their_order(office: Office) -> None:
    first, second, third = filled(office, 3)
    made = snapshots(office)
    made.announced()
    for entry_id in (first, second):
        office.now_ms += 1
        contest = office.people.contest(entry_id)
        office.service.propose(office.signed(contest, contest.venue_id), office.now_ms)
    office.now_ms += 1
    office.service.propose(office.signed(office.people.reinstatement(second)), office.now_ms)
    policy = office.people.policy(Policy(lease_ms=DAY_MS))
    office.service.propose(office.signed(policy), office.now_ms)
    office.door()
    told = [(one.op, one.entry_id) for one in records(made, made.announced())]
    assert told == [
        (Op.PUT, first),
        (Op.PUT, second),
        (Op.PUT, third),
        (Op.CONTEST, first),
        (Op.REINSTATE, second),
        (Op.POLICY, ""),
    ]
    fresh = snapshots(office)
    assert [(one.op, one.entry_id) for one in records(fresh, fresh.announced())] == told


def test_a_new_epoch_seals_every_page_anew(office: Office) -> None:
    filled(office, 12)
    door = office.door()
    made = snapshots(office)
    before = made.announced()
    office.service.revoke(door.registration.unit_id, "test", office.now_ms)
    after = made.announced()
    assert not set(digests(before)) & set(digests(after))
    assert len(records(made, after)) == 12


def test_a_new_hub_key_makes_a_new_snapshot(office: Office) -> None:
    filled(office, 3)
    made = snapshots(office)
    made.announced()
    ledger = office.service.desk.book.ledger
    key = office.service.next_hub_key(office.now_ms)
    office.service.add_root(
        office.people.next_root(office.service.root, key, ledger.seq, ledger.hash), office.now_ms
    )
    after = made.announced()
    assert after.signed.signers((key,), lambda *_: True) == {key}
    assert len(records(made, after)) == 3


def test_a_snapshot_does_not_stand_for_ever(office: Office) -> None:
    filled(office, 2)
    made = snapshots(office)
    before = made.announced()
    with office.service.together():
        for _ in range(LONGEST_STANDING + 1):
            office.ban()
    assert made.announced().seq > before.seq


def test_a_page_that_does_not_exist_is_none(office: Office) -> None:
    filled(office, 2)
    made = snapshots(office)
    announced = made.announced()
    assert made.page(announced.snapshot_id, -1) is None
    assert made.page(announced.snapshot_id, 10**9) is None
    assert made.page("0" * 16, 0) is None


def test_a_large_entry_is_a_page_alone(office: Office) -> None:
    proposal = office.people.person()
    large = {"photo": b"\xff\xd8" + bytes(48_000), "templates": bytes(60_000)}
    proposal = replace(proposal, **large)
    filled(office, 1)
    office.service.propose(office.signed(proposal), office.now_ms)
    filled(office, 1)
    made = snapshots(office)
    announced = made.announced()
    assert len(digests(announced)) == 3
    assert len(records(made, announced)) == 3


def test_an_empty_list_is_a_snapshot_too(office: Office) -> None:
    announced = snapshots(office).announced()
    assert Manifest.parse(announced.signed.body).pages == 0
