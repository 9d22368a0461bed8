"""What a change costs does not grow with the units, and little with the list.

Counted in statements and rows, not in seconds: a busy machine changes nothing about them.
DOORWATCH_UNITS says how many units there are at most (200 by default; 1,000 in a long run).
"""

import os
import random
from pathlib import Path

from simulator.office import Office
from sync import frames
from sync.hub import epochs
from sync.hub.exchange import Exchange
from sync.message import Arrival, Out

MANY = int(os.environ.get("DOORWATCH_UNITS", "200"))


class Counted:
    """An office with doors that only report, and a count of what the database does."""

    def __init__(self, folder: Path, doors: int) -> None:
        self.office = Office(folder)
        with self.office.service.together():
            self.doors = [self.office.door() for _ in range(doors)]
        self.exchange = Exchange(self.office.service, random.Random(1))
        self.statements = 0
        self.database = self.office.service.desk.store._file._db.conn
        self.publish()
        self.database.set_trace_callback(self._count)

    def publish(self) -> list[Out]:
        """Publish all there is, as a broker that takes everything."""
        outs = list[Out]()
        while True:
            self.office.now_ms += 25
            said = self.exchange.tick(self.office.now_ms)
            for out in said:
                if out.token:
                    self.exchange.acknowledged(out.token)
            outs += said
            if not said:
                return outs

    def report(self) -> None:
        """Let every door report that it holds what the hub holds."""
        desk, arrivals = self.office.service.desk, []
        for door in self.doors:
            told = door.registration
            key = epochs.channel_key(desk, desk.book.ledger.epoch, told)
            payload = frames.seal_frame(
                key, "from", self.office.service.list_id, told.unit_id,
                ("report", door.report(self.office.service)),
            )  # fmt: skip
            arrivals.append(Arrival(f"m/{told.mailbox}/out", payload))
        outs = self.exchange.receive_all(arrivals, self.office.now_ms)
        assert len(outs) == len(self.doors)
        assert not self.exchange.refusals

    def cost(self) -> tuple[int, int]:
        """Give statements and changed rows since the last time."""
        cost = (self.statements, self.database.total_changes)
        self.statements = 0
        return cost[0], cost[1]

    def _count(self, _statement: str) -> None:
        self.statements += 1


def spent(counted: Counted, entries: int) -> tuple[int, int, int]:
    """Add one entry and lift it; give statements, changed rows and messages."""
    with counted.office.service.together():
        for _ in range(entries):
            counted.office.ban()
    counted.publish()
    counted.cost()
    before = counted.database.total_changes
    proposal = counted.office.ban()
    outs = counted.publish()
    counted.office.lift(proposal.entry_id)
    outs += counted.publish()
    statements, after = counted.cost()
    return statements, after - before, len(outs)


def test_a_change_costs_the_same_for_ten_units_and_for_many(tmp_path: Path) -> None:
    few, many = Counted(tmp_path / "few", 10), Counted(tmp_path / "many", MANY)
    costs = spent(few, 20), spent(many, 20)
    assert costs[0] == costs[1]
    statements, rows, messages = costs[0]
    print(f"one ban and its lift: {statements} statements, {rows} rows, {messages} messages")
    for one in (few, many):
        one.office.service.close()


def test_a_change_costs_the_same_on_a_short_and_on_a_long_list(tmp_path: Path) -> None:
    short, long = Counted(tmp_path / "short", 2), Counted(tmp_path / "long", 2)
    assert spent(short, 5) == spent(long, 400)
    for one in (short, long):
        one.office.service.close()


def test_confirmations_cost_one_small_step_for_each_unit(tmp_path: Path) -> None:
    counted = Counted(tmp_path, MANY)
    proposal = counted.office.ban()
    counted.publish()
    counted.cost()
    before = counted.database.total_changes
    counted.report()
    statements, after = counted.cost()
    assert statements <= 12 * MANY
    assert after - before <= 2 * MANY
    reach = counted.office.service.reach(proposal.entry_id, counted.office.now_ms)
    assert len(reach) == MANY
    assert all(one.confirmed_ms for one in reach)
    counted.office.service.close()


def test_a_new_epoch_costs_one_box_for_each_unit(tmp_path: Path) -> None:
    counted = Counted(tmp_path, 30)
    unit_id = counted.doors[0].registration.unit_id
    counted.office.service.revoke(unit_id, "test", counted.office.now_ms)
    outs = counted.publish()
    keys = [out for out in outs if out.topic.endswith("/key")]
    assert len(keys) == 30
    assert {len(out.payload) for out in keys} == {frames.SMALL}
    assert len({out.topic for out in keys}) == 30
    counted.office.service.close()
