"""Which clock times what."""

import time
from itertools import pairwise

from edge.bench.clock import clock_for


def test_waiting_for_a_processor_is_not_counted_on_one_thread() -> None:
    clock = clock_for(1)
    start, really = clock(), time.perf_counter()
    time.sleep(0.2)
    assert clock() - start < (time.perf_counter() - really) / 2


def test_on_several_threads_it_is_real_time() -> None:
    start = clock_for(2)()
    time.sleep(0.05)
    assert clock_for(2)() - start >= 0.05


def test_no_clock_goes_backwards() -> None:
    for threads in (1, 2):
        clock = clock_for(threads)
        moments = [clock() for _ in range(100)]
        assert all(one <= other for one, other in pairwise(moments))
