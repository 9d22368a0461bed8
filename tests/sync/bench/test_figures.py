import os
import time

from hypothesis import given
from hypothesis import strategies as st

from sync.bench.figures import times
from sync.bench.meter import used, waited_s


def test_percentiles_are_runs_and_lie_in_their_intervals() -> None:
    found = times([number / 1000 for number in range(1, 201)])
    assert (found.p50.value_ms, found.p99.value_ms, found.most_ms, found.runs) == (
        101.0,
        199.0,
        200.0,
        200,
    )
    assert found.p50.low_ms < 101.0 < found.p50.high_ms
    assert 190.0 <= found.p99.low_ms <= found.p99.high_ms <= 200.0


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_whatever_was_timed_the_figures_are_in_order(seconds: list[float]) -> None:
    found = times(seconds)
    assert found.p50.low_ms <= found.p50.high_ms
    assert found.p50.value_ms <= found.p99.value_ms <= found.most_ms


def test_a_process_is_metered_as_linux_counts_it() -> None:
    before, until = used(os.getpid()), time.process_time() + 0.2
    while time.process_time() < until:
        pass
    after = used(os.getpid())
    assert 0.1 <= after.cpu_s - before.cpu_s <= 2.0
    assert 5 < after.memory_mib < 4_000
    assert waited_s(os.getpid()) >= 0.0
