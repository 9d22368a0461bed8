"""Names the machine that a benchmark ran on."""

import os
import platform
from pathlib import Path


def machine(info: Path = Path("/proc/cpuinfo")) -> str:
    """Name the processor as Linux does, how many of them we may use, and the architecture."""
    try:
        lines = info.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    processor = next(named, platform.processor() or "unknown processor")
    return f"{processor}, {len(os.sched_getaffinity(0))} processors, {platform.machine()}"
