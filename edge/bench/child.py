"""A measurement in a process of its own, so that nothing else's threads or memory count."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from edge.errors import DoorwatchError

_LONGEST_S = 1800
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Answer = TypeVar("Answer")


class BenchError(DoorwatchError):
    """Something that cannot be timed."""


def asked(module: str, job: msgspec.Struct, answer: type[Answer], threads: int) -> Answer:
    """Have a module do a job in a process of its own.

    Args:
        module: Run as ``python -m``; takes JSON on its standard input and answers with JSON.
        job: What it is to do.
        answer: What it answers.
        threads: Threads that the linear algebra under numpy may use.

    Raises:
        BenchError: It failed; the last line that it said.
    """
    limits = dict.fromkeys(_THREAD_LIMITS, str(threads))
    ended = ran(module, (), msgspec.json.encode(job), limits)
    if ended.returncode:
        lines = ended.stderr.decode(errors="replace").strip().splitlines()
        raise BenchError(lines[-1] if lines else f"{module} ended with {ended.returncode}")
    return msgspec.json.decode(ended.stdout, type=answer)


def ran(
    module: str, words: tuple[str, ...], given: bytes = b"", limits: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """Run a module in a process of its own until it ends.

    Args:
        module: Run as ``python -m``.
        words: Its arguments.
        given: Its standard input.
        limits: Added to its environment.
    """
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        input=given,
        capture_output=True,
        env={**os.environ, **(limits or {})},
        timeout=_LONGEST_S,
        check=False,
    )
