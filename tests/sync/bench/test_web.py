"""What the load test sums up, and where those it sends go."""

import random

from sync.bench.errands import EXAMINED, Going, Sights, errands, next_errand
from sync.bench.town import Visitor
from sync.bench.visitors import Answer
from sync.bench.web import summed_up

SIGHTS = Sights(
    entries=tuple(f"{number:016x}" for number in range(100)),
    own={"a" * 16: ("1" * 16, "4" * 16)},
    waiting=("2" * 16,),
    doors=("3" * 16,),
    requests={"a" * 16: (1, 2)},
)
MANAGER = Visitor("ana", "x", "y", "manager", "a" * 16)
AUDITOR = Visitor("ida", "x", "y", "auditor", "")


def test_pages_are_summed_up_the_slowest_first() -> None:
    answers = [Answer("slow", 0.4, came=True, size=2048) for _ in range(20)]
    answers += [Answer("fast", 0.001 * n, came=n < 20, size=0) for n in range(1, 21)]
    slow, fast = summed_up(answers)
    assert (slow.name, slow.runs, slow.p95.value_ms, slow.kib) == ("slow", 20, 400.0, 2.0)
    assert (fast.p50.value_ms, fast.p95.value_ms, fast.most_ms, fast.failed) == (11, 20, 20, 1)


def test_everybody_goes_where_their_role_may() -> None:
    for visitor in (MANAGER, AUDITOR):
        going = Going(SIGHTS, visitor, random.Random(1))
        names = {next_errand(going, with_photo=False).name for _ in range(2_000)}
        assert names == {errand.name for errand in errands(visitor)}
        assert ("approvals" in names) is (visitor is MANAGER)
        assert ("audit log" in names) is (visitor is AUDITOR)
        assert all(errand.path(going).startswith("/") for errand in errands(visitor))


def test_only_managers_send_a_photo_and_only_where_there_is_one() -> None:
    assert EXAMINED in errands(MANAGER, with_photo=True)
    assert EXAMINED not in errands(MANAGER)
    assert EXAMINED not in errands(AUDITOR, with_photo=True)


def test_the_first_pages_of_the_list_are_looked_at_most() -> None:
    going = Going(SIGHTS, MANAGER, random.Random(1))
    pages = [going.page() for _ in range(500)]
    assert min(pages) == 1
    assert max(pages) == 100 // 24
    assert pages.count(1) > pages.count(2)


def test_nobody_changes_what_another_puts_in_dispute() -> None:
    going = Going(SIGHTS, MANAGER, random.Random(1), ["1" * 16])
    assert {going.own_entry() for _ in range(20)} == {"4" * 16}
    assert going.disputed() == "1" * 16
