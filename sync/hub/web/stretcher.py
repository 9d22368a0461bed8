"""Passwords are stretched beside the pages: each takes 64 MiB and a seventh of a second."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 2
"""Passwords at the same time; the others wait, so that guessers cannot fill the memory."""

T = TypeVar("T")

_THREADS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="stretching")


async def beside(work: Callable[[], T]) -> T:
    """Run ``work`` while other pages are answered, and give what it gives."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
