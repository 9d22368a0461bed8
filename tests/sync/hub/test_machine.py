"""Whatever people do in whatever order: the list is what they signed, and a unit can follow it.

DOORWATCH_EXAMPLES says how many histories are made (25 by default).
"""

import os
import random
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from simulator.office import Door, Office
from sync import seal
from sync.entries import Reason
from sync.errors import Refused, SyncError
from sync.hub import words
from sync.hub.appending import head_of
from sync.hub.facts import Standing
from sync.hub.rows import RecordRow
from sync.hub.service import Service
from sync.ledger import Ledger
from sync.liveset import State
from sync.signing import Signed
from sync.statement.policy import DAY_MS
from sync.statement.proposal import CONSORTIUM, PutProposal
from sync.statement.record import Record

EXAMPLES = int(os.environ.get("DOORWATCH_EXAMPLES", "25"))
VENUES = st.integers(0, 2)


class HubMachine(RuleBasedStateMachine):
    """A hub, and a plain dictionary of what ought to be on its list."""

    entries = Bundle("entries")
    units = Bundle("units")

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.office = Office(self.folder, seed)
        self.chance = random.Random(seed)
        self.expected: dict[str, Standing] = {}
        self.ends: dict[str, int] = {}
        self.scopes: dict[str, str] = {}
        self.last = (0, 0)

    def teardown(self) -> None:
        if not hasattr(self, "office"):
            return
        self.replay()
        self.office.service.verify_audit()
        self.office.service.close()
        shutil.rmtree(self.folder)

    @property
    def service(self) -> Service:
        return self.office.service

    # --- what people do -----------------------------------------------------------------------
    @rule(target=entries, venue=VENUES, local=st.booleans(), reason=st.sampled_from(Reason))
    def put(self, venue: int, local: bool, reason: Reason) -> str:  # noqa: FBT001 - drawn
        scope = self.office.venues[venue] if local else CONSORTIUM
        proposal = replace(
            self.office.people.person(reason, scope), venue_id=self.office.venues[venue]
        )
        venues = [proposal.venue_id] if local else self.office.people.two(proposal)
        outcome = self.service.propose(
            self.office.people.sign(proposal, venues), self.office.now_ms
        )
        assert outcome.seq
        self.note(proposal, Standing.LIVE)
        return proposal.entry_id

    @rule(target=entries, venue=VENUES, other=VENUES)
    def put_and_approve(self, venue: int, other: int) -> object:
        proposal = replace(self.office.people.person(), venue_id=self.office.venues[venue])
        first = self.office.people.sign(proposal, [proposal.venue_id])
        assert self.service.propose(first, self.office.now_ms).seq is None
        second = self.office.people.sign(proposal, [self.office.venues[other]])
        outcome = self.service.approve(second, self.office.now_ms)
        assert (outcome.seq is None) == (venue == other)
        self.note(proposal, Standing.WAITING if venue == other else Standing.LIVE)
        return multiple() if venue == other else proposal.entry_id

    @rule(entry_id=consumes(entries), alone=st.booleans())
    def lift(self, entry_id: str, alone: bool) -> None:  # noqa: FBT001 - drawn
        proposal = self.office.people.removal(entry_id)
        needed = 1 if self.scopes[entry_id] == proposal.venue_id else 2
        venues = [proposal.venue_id] if alone else self.office.venues
        carried = self.office.people.sign(proposal, venues)
        if self.expected[entry_id] is Standing.GONE:
            with pytest.raises(Refused):
                self.service.propose(carried, self.office.now_ms)
            return
        outcome = self.service.propose(carried, self.office.now_ms)
        local = self.scopes[entry_id] != CONSORTIUM
        enough = not alone or (local and needed == 1)
        assert (outcome.seq is not None) == enough
        if enough:
            self.expected[entry_id] = Standing.GONE

    @rule(entry_id=entries)
    def contest(self, entry_id: str) -> None:
        self.office.now_ms += 1
        proposal = self.office.people.contest(entry_id)
        carried = self.office.people.sign(proposal, [proposal.venue_id])
        self.try_to(carried, entry_id, Standing.LIVE, Standing.CONTESTED)

    @rule(entry_id=entries)
    def reinstate(self, entry_id: str) -> None:
        self.office.now_ms += 1
        proposal = self.office.people.reinstatement(entry_id)
        carried = self.office.people.sign(proposal, self.office.venues)
        if self.expected[entry_id] is Standing.LIVE:
            return  # a live entry may be confirmed, which changes nothing
        self.try_to(carried, entry_id, Standing.CONTESTED, Standing.LIVE)

    def try_to(self, carried: Signed, entry_id: str, before: Standing, after: Standing) -> None:
        if self.expected[entry_id] is before:
            assert self.service.propose(carried, self.office.now_ms).seq
            self.expected[entry_id] = after
            return
        with pytest.raises(Refused):
            self.service.propose(carried, self.office.now_ms)

    @rule(days=st.sampled_from([0, 1, 20, 80]))
    def let_time_pass(self, days: int) -> None:
        self.office.now_ms = min(
            self.office.now_ms + days * DAY_MS, self.service.root.expires_ms - DAY_MS
        )
        gone = set(self.service.expire(self.office.now_ms))
        over = {
            one
            for one, end_ms in self.ends.items()
            if end_ms <= self.office.now_ms
            and self.expected.get(one) in {Standing.LIVE, Standing.CONTESTED}
        }
        assert gone == over
        self.expected.update(dict.fromkeys(gone, Standing.GONE))
        waiting = {one.entry_id for one in self.service.entries() if not one.seq}
        for entry_id, standing in list(self.expected.items()):
            if standing is Standing.WAITING and entry_id not in waiting:
                del self.expected[entry_id]

    # --- units --------------------------------------------------------------------------------
    @rule(target=units, venue=VENUES)
    def join(self, venue: int) -> Door:
        return self.office.door(self.office.venues[venue])

    @rule(door=units)
    def report(self, door: Door) -> None:
        unit = self.service.desk.book.units[door.registration.unit_id]
        self.office.now_ms += 1
        wire = door.report(self.service)
        with self.service.desk.change():
            words.take(self.service.desk, unit, wire, self.office.now_ms)
        facts = self.service.unit(door.registration.unit_id, self.office.now_ms)
        assert (facts.agrees, facts.behind) == (True, 0)

    @rule(door=consumes(units))
    def revoke(self, door: Door) -> None:
        epoch = self.service.desk.book.ledger.epoch
        self.service.revoke(door.registration.unit_id, "test", self.office.now_ms)
        assert self.service.desk.book.ledger.epoch == epoch + 1
        assert list(self.service.desk.book.epochs) == [epoch + 1]

    # --- the hub itself -----------------------------------------------------------------------
    @rule()
    def reopen(self) -> None:
        self.office.reopened()

    @rule()
    def change_the_key(self) -> None:
        ledger = self.service.desk.book.ledger
        key = self.service.next_hub_key(self.office.now_ms)
        root = self.office.people.next_root(self.service.root, key, ledger.seq, ledger.hash)
        self.service.add_root(root, self.office.now_ms)
        assert self.service.hub_key == key

    @precondition(lambda self: self.expected)
    @rule()
    def fail_in_the_middle(self) -> None:
        before = self.service.desk.book
        with pytest.raises(SyncError), self.service.together():  # noqa: PT012 - one change
            self.office.ban()
            self.office.lift("0" * 16)
        assert self.service.desk.book is before

    # --- what always holds --------------------------------------------------------------------
    @invariant()
    def the_list_is_what_was_signed(self) -> None:
        if not hasattr(self, "office"):
            return
        told = {one.entry_id: one.standing for one in self.service.entries()}
        wanted = {k: v for k, v in self.expected.items() if v is not Standing.GONE}
        assert told == wanted

    @invariant()
    def the_head_is_newest_and_never_older(self) -> None:
        if not hasattr(self, "office"):
            return
        head = head_of(self.service.head().encode())
        assert self.service.desk.book.ledger.matches(head)
        assert (head.seq, head.issued_ms) >= self.last
        self.last = (head.seq, head.issued_ms)

    def note(self, proposal: PutProposal, standing: Standing) -> None:
        self.expected[proposal.entry_id] = standing
        self.ends[proposal.entry_id] = proposal.valid_until_ms
        self.scopes[proposal.entry_id] = proposal.scope

    def replay(self) -> None:
        """Judge all records anew, as a unit that holds every key does."""
        store = self.service.desk.store
        items = [
            (Signed.parse(row.wire, Record.KIND), store.take("content", seq))
            for seq, row in store.each("record", RecordRow)
        ]
        ledger, _ = Ledger.empty(self.service.list_id).extended(
            items, self.service.root, seal.verify
        )
        assert ledger == self.service.desk.book.ledger
        held = {one.entry_id for one in self.service.puts()}
        assert held == {name for name, leaf in ledger.live.items() if leaf.state is not State.GONE}


HubMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a history is short enough to read
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestHub = HubMachine.TestCase
