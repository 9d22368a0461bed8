"""What a process has used of the machine, as Linux counts it."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """A process at one moment.

    Attributes:
        cpu_s: Processor time so far, seconds.
        memory_mib: Resident memory, MiB.
    """

    cpu_s: float
    memory_mib: float


def used(pid: int) -> Used:
    """Read what the process ``pid`` has used.

    Raises:
        OSError: It has ended.
    """
    # The name of the process may hold spaces; what is counted begins after its bracket.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    user, system, pages = int(fields[11]), int(fields[12]), int(fields[21])
    return Used((user + system) / _TICKS_PER_S, pages * os.sysconf("SC_PAGE_SIZE") / 2**20)


def waited_s(pid: int) -> float:
    """Tell for how many seconds the first thread of ``pid`` waited for a processor so far.

    Raises:
        OSError: It has ended.
    """
    counted = Path(f"/proc/{pid}/task/{pid}/schedstat").read_text(encoding="utf-8").split()
    return int(counted[1]) / 1e9
