"""A hub that is killed at any moment has lost nothing, doubled nothing, left nothing half there.

DOORWATCH_KILLS says how often (30 by default), DOORWATCH_SEED where chance begins.
"""

import contextlib
import os
import random
import re
import signal
import time
from collections import Counter
from pathlib import Path

from simulator.office import Office
from sync.errors import SyncError
from sync.hub.exchange import Exchange
from sync.hub.facts import Standing
from sync.hub.service import Service
from sync.liveset import State
from sync.statement.proposal import CONSORTIUM

KILLS = int(os.environ.get("DOORWATCH_KILLS", "30"))
SEED = int(os.environ.get("DOORWATCH_SEED", "1"))
MOST_STEPS = 40
"""Words that the hub's process may say before it is killed; none is a kill while it opens."""


class Worker:
    """The hub's process: changes the list and says what was acknowledged."""

    def __init__(self, office: Office, chance: random.Random, told: int) -> None:
        self.office, self.chance, self.told = office, chance, told
        self.service = office.service = Service.open(office.path, office.keys)
        office.chance = office.people._chance = chance
        self.exchange = Exchange(self.service, chance)
        entries = self.service.entries()
        self.known = [one.entry_id for one in entries if one.standing is not Standing.WAITING]

    def run(self) -> None:
        moves = [self.put] * 5 + [self.lift] * 3 + [self.contest, self.join, self.talk]
        while True:
            self.office.now_ms += 10
            with contextlib.suppress(SyncError):
                self.chance.choice(moves)()

    def say(self, word: str, what: str) -> None:
        os.write(self.told, f"{word} {what}\n".encode())

    def put(self) -> None:
        people = self.office.people
        proposal = people.person(scope=self.chance.choice([CONSORTIUM, *self.office.venues]))
        carried = people.sign(proposal, people.two(proposal))
        self.say("try", proposal.entry_id)
        if self.service.propose(carried, self.office.now_ms).seq:
            self.say("put", proposal.entry_id)
            self.known.append(proposal.entry_id)

    def lift(self) -> None:
        if self.known:
            entry_id = self.known.pop(self.chance.randrange(len(self.known)))
            self.say("lifting", entry_id)
            removal = self.office.people.removal(entry_id)
            carried = self.office.people.sign(removal, self.office.venues)
            self.service.propose(carried, self.office.now_ms)
            self.say("lifted", entry_id)

    def contest(self) -> None:
        if self.known:
            contest = self.office.people.contest(self.chance.choice(self.known))
            carried = self.office.people.sign(contest, [contest.venue_id])
            self.service.propose(carried, self.office.now_ms)

    def join(self) -> None:
        unit_id = self.office.door(self.chance.choice(self.office.venues)).registration.unit_id
        self.say("joined", unit_id)
        if self.chance.random() < 0.3:
            self.service.revoke(unit_id, "test", self.office.now_ms)
            self.say("revoked", unit_id)

    def talk(self) -> None:
        for out in self.exchange.tick(self.office.now_ms):
            if out.token:
                self.exchange.acknowledged(out.token)


def killed(office: Office, chance: random.Random) -> list[tuple[str, str]]:
    """Run the hub's process for some steps and a moment, and kill it; what it had acknowledged.

    Steps, not time alone: on a busy machine a process does next to nothing in a quarter second.
    """
    hear, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(hear)
            Worker(office, chance, told).run()
        finally:
            os._exit(1)
    os.close(told)
    with os.fdopen(hear) as lines:
        said = [lines.readline() for _ in range(chance.randrange(MOST_STEPS))]
        time.sleep(chance.uniform(0.0, 0.05))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the hub's process ended by itself"
        said += lines.readlines()
    return [tuple(line.split()) for line in said if line.count(" ") == 1]


def check_whole(service: Service) -> None:
    """Check that ledger, entries, contents and log belong together."""
    service.verify_audit()
    desk = service.desk
    told = Counter(
        int(found[1])
        for line in service.audit()
        if (found := re.match(r"record (\d+)", line.detail))
    )
    assert set(told) == set(range(1, desk.book.ledger.seq + 1))
    assert set(told.values()) <= {1}
    waiting = {int(row[0]) for row in desk.store.rows("SELECT seq FROM content")}
    for entry_id, leaf in desk.book.ledger.live.items():
        if leaf.state is State.GONE:
            assert leaf.seq in waiting
        else:
            assert service.entry(entry_id).seq == leaf.seq
    there = [one.entry_id for one in service.puts()]
    assert len(there) == len(set(there)) == desk.book.ledger.live.entries


def test_kills_at_any_moment(tmp_path: Path) -> None:
    print(f"{KILLS} kills, seed {SEED}")
    office = Office(tmp_path)
    office.service.close()
    chance = random.Random(SEED)
    put, lifted, units, revoked = set[str](), set[str](), set[str](), set[str]()
    tried = set[str]()
    for _ in range(KILLS):
        said = killed(office, random.Random(chance.random()))
        tried |= {what for word, what in said if word == "try"}
        put |= {what for word, what in said if word == "put"}
        doubtful = {what for word, what in said if word == "lifting"}
        lifted |= {what for word, what in said if word == "lifted"}
        units |= {what for word, what in said if word == "joined"}
        revoked |= {what for word, what in said if word == "revoked"}
        service = Service.open(office.path, office.keys)
        check_whole(service)
        office.now_ms += 60_000
        live = {one.entry_id for one in service.entries()}
        gone = {
            name for name, leaf in service.desk.book.ledger.live.items() if leaf.state is State.GONE
        }
        assert put - lifted - doubtful <= live
        assert lifted <= gone
        assert live | gone <= tried
        lifted |= gone
        assert units <= set(service.desk.book.units)
        assert all(service.desk.book.units[one].row.revoked_ms for one in revoked)
        service.close()
    assert len(put) > KILLS
