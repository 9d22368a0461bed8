"""What is missing is asked for patiently, and soon again once the hub speaks."""

import random
from itertools import pairwise

from sync.errors import Code
from sync.unit.catchup import FIRST_PAUSE_MS, GRACE_MS, Catchup

LACK = ("range", 7)


class Asker:
    """Ticks a catch-up until it asks."""

    def __init__(self) -> None:
        self.refused: list[Code] = []
        self.catchup = Catchup(random.Random(1), self.refused.append)
        self.now_ms = self.told_ms = 1_000

    def waits_ms(self) -> int:
        began_ms = self.now_ms
        while not self.catchup.question(LACK, self.told_ms, self.now_ms):
            self.now_ms += 100
        return self.now_ms - began_ms


def test_pauses_double_while_nothing_comes() -> None:
    asker = Asker()
    pauses = [asker.waits_ms() for _ in range(5)]
    assert pauses[0] == GRACE_MS
    for before, after in pairwise(pauses[1:]):
        assert 1.5 * before < after < 2.6 * before
    assert asker.refused == [Code.SLOW] * 4


def test_a_newer_head_ends_a_long_pause_for_the_hub_is_at_work_again() -> None:
    asker = Asker()
    for _ in range(6):
        asker.waits_ms()
    asker.told_ms += 1
    assert asker.waits_ms() <= FIRST_PAUSE_MS


def test_the_same_head_again_ends_no_pause() -> None:
    asker = Asker()
    for _ in range(6):
        asker.waits_ms()
    assert asker.waits_ms() > 20 * FIRST_PAUSE_MS
