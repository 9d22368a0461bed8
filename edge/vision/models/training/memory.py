"""Lets the allocator keep what torch gives back, instead of asking the kernel for it again."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""From glibc's malloc.h: when to give memory back, and how many blocks to map on their own."""


def keep_freed_memory() -> bool:
    """Keep freed memory for the next step of training.

    Every step frees and asks for the same hundreds of megabytes. Left to itself glibc maps each
    large block anew, and the kernel clearing those pages takes as long as the arithmetic.

    Returns:
        Whether there was something to set: only on Linux with glibc.
    """
    if not sys.platform.startswith("linux"):
        return False
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is None:
        return False
    return bool(adjust(_MMAP_MAX, 0) and adjust(_TRIM_THRESHOLD, 2**31 - 1))
