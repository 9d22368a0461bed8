"""Which clock times what: others on the machine must not count."""

from collections.abc import Callable
from time import perf_counter, process_time

Clock = Callable[[], float]
"""Gives seconds from some moment on."""


def clock_for(threads: int) -> Clock:
    """Choose the clock for work on so many threads.

    On one thread it is the processor time of this process: what the work takes where nothing
    else wants the processor, and the same to within a few percent where ten others do. On
    several it is real time, since threads that wait for each other burn processor time too.
    """
    return process_time if threads == 1 else perf_counter
