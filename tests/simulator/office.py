"""A hub on a fresh file with its officers, venues and units' keys, for tests of the hub alone."""

import random
from pathlib import Path

from edge.keys.file import KeyFile
from simulator.history import History
from simulator.people import People
from sync import seal
from sync.entries import Reason
from sync.hub.service import Service
from sync.message import Arrival, Out
from sync.signing import Signed
from sync.statement.membership import Registration  # noqa: TC001 - only annotates
from sync.statement.proposal import CONSORTIUM, Proposal, PutProposal
from sync.statement.report import Report

NOON_MS = 1_798_804_800_000
"""Noon on 1 January 2027."""


class Door:
    """The keys of one unit, and what it says, without a unit behind it."""

    def __init__(self, chance: random.Random) -> None:
        """Make the keys."""
        self.signer = seal.SigningKey(chance.randbytes(32))
        self.box = seal.BoxKey(chance.randbytes(seal.BOX_SEED_SIZE))
        self.registration: Registration | None = None
        self.counter = 0

    def report(self, service: Service, seq: int | None = None, **changes: object) -> bytes:
        """Sign that this unit holds what the hub holds, or something else."""
        ledger = service.desk.book.ledger
        self.counter += 1
        fields = {
            "list_id": service.list_id,
            "unit_id": self.registration.unit_id,
            "counter": self.counter,
            "at_ms": 0,
            "seq": ledger.seq if seq is None else seq,
            "record_hash": ledger.hash,
            "live_root": ledger.live.root,
            "held_root": bytes(32),
            "held": 0,
            "epoch": ledger.epoch,
            "model_id": "model",
            "version": "1",
            "erased": (),
            "faults": (),
            "refusals": (),
            "counts": (),
            "rings": (),
            "destroyed": False,
        }
        return Report(**(fields | changes)).signed(self.signer).encode()


class Office:
    """An open hub and everybody who has to do with it.

    Attributes:
        service: The hub.
        people: Officers and managers.
        now_ms: The time; tests move it.
        chance: Seeded.
    """

    def __init__(self, folder: Path, seed: int = 1) -> None:
        """Make the hub in ``folder``, with its first root."""
        self.chance = random.Random(seed)
        self.people = People(self.chance, History())
        self.people.now = lambda: self.now_ms
        self.now_ms = NOON_MS
        self.path, self.keys = folder / "hub.db", KeyFile(folder / "hub.key")
        self.service = Service.create(self.path, self.keys, self.now_ms)
        self.people.list_id = self.service.list_id
        self.service.add_root(self.people.first_root(self.service.hub_key), self.now_ms)
        self.venues = list(self.people.managers)

    def reopened(self) -> Service:
        """Close the hub and open it again."""
        self.service.close()
        self.service = Service.open(self.path, self.keys)
        return self.service

    def signed(self, proposal: Proposal, *venues: str) -> Signed:
        """Let these venues sign; by default the proposer and one other."""
        return self.people.sign(proposal, venues or self.people.two(proposal))

    def ban(self, scope: str = CONSORTIUM, reason: Reason = Reason.VIOLENCE) -> PutProposal:
        """Put somebody on the list."""
        proposal = self.people.person(reason, scope)
        venues = () if scope == CONSORTIUM else (scope,)
        assert self.service.propose(self.signed(proposal, *venues), self.now_ms).seq
        return proposal

    def lift(self, entry_id: str) -> int:
        """Take somebody off the list; gives the record's number."""
        proposal = self.people.removal(entry_id)
        return self.service.propose(self.signed(proposal), self.now_ms).seq

    def door(self, venue_id: str = "") -> Door:
        """Let one unit join."""
        door, now = Door(self.chance), self.now_ms
        venue_id = venue_id or self.venues[0]
        unit_id, secret = self.service.invite(venue_id, "door", now + 1000, "test", now)
        door.registration = self.service.join(
            unit_id, secret, door.signer.public, door.box.public, now
        )
        return door


def arrival(out: Out) -> Arrival:
    """Carry a message over."""
    return Arrival(out.topic, out.payload)
