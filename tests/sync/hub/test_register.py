"""The register shows what the database holds, whoever wrote it, and reads no more than it must."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from edge.enrolment import Reference
from edge.gallery.template import pack
from simulator.office import Office
from sync.entries import Reason
from sync.errors import HubError
from sync.hub import notes
from sync.hub.facts import Standing
from sync.hub.register import Register
from sync.hub.service import Service
from sync.statement.policy import DAY_MS
from sync.statement.proposal import CONSORTIUM, ContestProposal, PutProposal

MODEL = "model-of-the-test"


def direction(seed: int) -> np.ndarray:
    raw = np.random.default_rng(seed).normal(size=(1, 64)).astype(np.float32)
    return raw / np.linalg.norm(raw)


def reference(seed: int) -> Reference:
    return Reference(direction(seed), MODEL, b"", ())


@pytest.fixture
def register(office: Office) -> Register:
    return Register(office.service.desk)


@pytest.fixture
def other(office: Office) -> Iterator[Service]:
    """Open the same hub as another process does."""
    with Service.open(office.path, office.keys) as service:
        yield service


def known(office: Office, seed: int, **changes: object) -> PutProposal:
    """Put somebody on the list whose templates can be compared."""
    put = replace(
        office.people.person(Reason.VIOLENCE), templates=pack(direction(seed)), model_id=MODEL
    )
    put = replace(put, **changes)
    office.service.propose(office.signed(put), office.now_ms)
    return put


def test_a_card_says_what_was_proposed(office: Office, register: Register) -> None:
    put = known(office, 1)
    card = register.card(put.entry_id)
    assert (card.reason, card.scope, card.venue_id) == (put.reason, CONSORTIUM, put.venue_id)
    assert (card.until_ms, card.evidence) == (put.valid_until_ms, put.evidence)
    assert (card.standing, card.templates, card.revision) == (Standing.LIVE, 1, 1)
    assert card.seq == office.service.desk.book.ledger.seq
    assert card.everywhere


def test_what_another_process_wrote_is_seen(
    office: Office, register: Register, other: Service
) -> None:
    assert not register.cards()
    put = office.people.person(Reason.THEFT)
    other.propose(office.signed(put), office.now_ms)
    assert set(register.cards()) == {put.entry_id}
    other.propose(office.signed(office.people.removal(put.entry_id)), office.now_ms)
    assert not register.cards()
    with pytest.raises(HubError, match="no entry"):
        register.card(put.entry_id)


def test_a_proposal_is_a_card_from_when_it_waits_until_it_is_withdrawn(
    office: Office, register: Register
) -> None:
    put = office.people.person(Reason.THEFT)
    office.service.propose(office.signed(put, put.venue_id), office.now_ms)
    card = register.card(put.entry_id)
    assert (card.standing, card.seq) == (Standing.WAITING, 0)
    assert card.asked is not None
    assert (card.asked.what, card.asked.venue_id) == ("put", put.venue_id)
    office.service.withdraw(put.entry_id, "test", office.now_ms)
    assert not register.cards()


def test_what_waits_longest_is_asked_first_and_nothing_that_is_settled(
    office: Office, register: Register
) -> None:
    office.ban()
    waiting = [office.people.person(Reason.THEFT) for _ in range(3)]
    for late, put in enumerate(reversed(waiting)):
        office.service.propose(office.signed(put, put.venue_id), office.now_ms + late)
    office.service.withdraw(waiting[1].entry_id, "test", office.now_ms)
    ids = [card.entry_id for card in register.asked()]
    assert ids == [waiting[2].entry_id, waiting[0].entry_id]


def test_a_lift_that_waits_stands_on_the_card_of_what_still_counts(
    office: Office, register: Register
) -> None:
    put = office.ban()
    removal = office.people.removal(put.entry_id)
    office.service.propose(office.signed(removal, removal.venue_id), office.now_ms)
    card = register.card(put.entry_id)
    assert card.standing is Standing.LIVE
    assert card.asked is not None
    assert card.asked.what == "remove"


def test_a_contested_entry_and_a_newer_version_change_its_card(
    office: Office, register: Register
) -> None:
    put = known(office, 1)
    newer = replace(put, revision=2, evidence="corrected")
    office.service.propose(office.signed(newer), office.now_ms)
    assert register.card(put.entry_id).evidence == "corrected"
    contest = ContestProposal(office.service.list_id, put.entry_id, office.venues[0], office.now_ms)
    office.service.propose(office.signed(contest, office.venues[0]), office.now_ms)
    assert register.card(put.entry_id).standing is Standing.CONTESTED


def test_order_and_tally_follow_what_happens(office: Office, register: Register) -> None:
    first = office.ban(office.venues[0])
    office.now_ms += 1000
    second = office.ban(office.venues[1])
    names = [card.entry_id for card in register.newest_first()]
    assert names == [second.entry_id, first.entry_id]
    own = frozenset({office.venues[0], CONSORTIUM})
    assert [card.entry_id for card in register.newest_first(own)] == [first.entry_id]
    assert register.tally(own)[Standing.LIVE] == 1
    office.now_ms += 1000
    third = office.ban()
    assert register.newest_first(own)[0].entry_id == third.entry_id
    assert register.tally()[Standing.LIVE] == 3


def test_somebody_alike_is_found_also_while_the_proposal_waits(
    office: Office, register: Register
) -> None:
    put, _ = known(office, 1), known(office, 2)
    found = register.alike(reference(1), office.now_ms)
    assert [one.entry_id for one in found] == [put.entry_id]
    waits = replace(
        office.people.person(Reason.THEFT), templates=pack(direction(3)), model_id=MODEL
    )
    office.service.propose(office.signed(waits, waits.venue_id), office.now_ms)
    assert [one.entry_id for one in register.alike(reference(3), office.now_ms)] == [waits.entry_id]
    office.service.withdraw(waits.entry_id, "test", office.now_ms)
    assert not register.alike(reference(3), office.now_ms)


def test_nobody_is_alike_who_went_is_over_or_has_another_photo_by_now(
    office: Office, register: Register
) -> None:
    went, over, changed = (known(office, seed) for seed in (1, 2, 3))
    assert register.alike(reference(3), office.now_ms)
    office.lift(went.entry_id)
    newer = replace(changed, revision=2, templates=pack(direction(4)))
    office.service.propose(office.signed(newer), office.now_ms)
    assert not register.alike(reference(1), office.now_ms)
    assert not register.alike(reference(2), over.valid_until_ms + 1)
    assert not register.alike(reference(3), office.now_ms)
    assert register.alike(reference(4), office.now_ms)
    assert not register.alike(replace(reference(4), model_id="another"), office.now_ms)


def test_damaged_templates_of_one_entry_keep_nobody_else_from_being_found(
    office: Office, register: Register
) -> None:
    known(office, 1, templates=b"\0" * 40)
    put = known(office, 2)
    assert [one.entry_id for one in register.alike(reference(2), office.now_ms)] == [put.entry_id]


def test_an_entry_whose_content_was_lost_keeps_a_card_of_what_the_ledger_says(
    office: Office, register: Register
) -> None:
    put = office.ban()
    with office.service.together():
        office.service.desk.store.drop("content", office.service.desk.book.ledger.seq)
    card = register.card(put.entry_id)
    assert card.reason is None
    assert (card.category, card.until_ms) == (put.category, put.valid_until_ms)


def test_content_that_comes_back_after_a_restore_is_on_its_card(
    office: Office, register: Register
) -> None:
    put, desk = known(office, 1), office.service.desk
    seq = desk.book.ledger.seq
    content = desk.store.take("content", seq)
    with desk.change():
        desk.store.drop("content", seq)
    assert register.card(put.entry_id).reason is None
    with desk.change():
        desk.store.put("content", seq, content)
    assert register.card(put.entry_id).reason is put.reason
    assert [one.entry_id for one in register.alike(reference(1), office.now_ms)] == [put.entry_id]


def test_nothing_is_read_where_nobody_wrote(office: Office, register: Register) -> None:
    for _ in range(5):
        office.ban()
    register.catch_up()
    statements: list[str] = []
    office.service.desk.store._file._db.conn.set_trace_callback(statements.append)
    register.catch_up()
    quiet = len(statements)
    with office.service.together():
        office.service.desk.note(office.now_ms, "test", "look")
    statements.clear()
    register.catch_up()
    office.service.desk.store._file._db.conn.set_trace_callback(None)
    assert quiet <= 4
    assert not [one for one in statements if "FROM content" in one]


def test_progress_is_told_of_a_long_list(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.register.EVERY", 2)
    for _ in range(5):
        office.ban()
    told: list[tuple[int, int]] = []
    Register(office.service.desk).catch_up(lambda read, of: told.append((read, of)))
    assert told == [(2, 5), (4, 5)]


def step(office: Office, chance: random.Random, alive: list[str]) -> None:
    """Do one thing that people do."""
    kind = chance.randrange(6)
    if kind <= 1 or not alive:
        alive.append(office.ban().entry_id)
    elif kind == 2:
        office.lift(alive.pop(chance.randrange(len(alive))))
    elif kind == 3:
        put = office.people.person(Reason.THEFT)
        office.service.propose(office.signed(put, put.venue_id), office.now_ms)
    elif kind == 4:
        with office.service.together():
            name = chance.choice(alive)
            notes.write(office.service.desk, name, chance.choice("ab"), "test", office.now_ms)
    else:
        office.now_ms += 20 * DAY_MS
        over = office.service.expire(office.now_ms)
        alive[:] = [name for name in alive if name not in over]


@pytest.mark.parametrize("seed", range(3))
def test_following_comes_to_the_same_as_reading_it_all(office: Office, seed: int) -> None:
    chance, alive = random.Random(seed), list[str]()
    following = Register(office.service.desk)
    for _ in range(30):
        step(office, chance, alive)
        office.now_ms += 1000
        if chance.random() < 0.5:
            following.catch_up()
    fresh = Register(office.service.desk)
    assert dict(following.cards()) == dict(fresh.cards())
    assert following.newest_first() == fresh.newest_first()


def test_no_template_of_an_entry_that_is_gone_stays_in_memory(
    office: Office, register: Register
) -> None:
    put, kept = known(office, 1), known(office, 2)
    register.alike(reference(1), office.now_ms)
    office.lift(put.entry_id)
    register.settle()
    assert register._lookalikes._indexes[MODEL].entry_ids == (kept.entry_id,)
