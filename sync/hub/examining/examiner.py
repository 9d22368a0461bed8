"""Has photos examined by a child process, and outlives whatever a photo does to that."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO

import structlog

from edge.errors import PhotoError
from sync.errors import HubError
from sync.hub.examining.findings import (
    Answer,
    Examined,
    Unreadable,
    decoded,
    read_frame,
    write_frame,
)

PATIENCE_S = 20.0
"""Seconds for one photo; the largest takes about one on a Raspberry Pi 5."""

STARTING_S = 60.0
"""Seconds for loading the networks."""

_LOG = structlog.get_logger("examiner")

_WORKER = (sys.executable, "-m", "sync.hub.examining.child")


class Examiner:
    """Asks one child process, one photo at a time; for any number of threads."""

    def __init__(self, patience_s: float = PATIENCE_S, worker: Sequence[str] = _WORKER) -> None:
        """Prepare; the child is started by the first photo or by ``start``.

        Args:
            patience_s: Seconds after which the child is ended and the photo refused.
            worker: Command line of the child.
        """
        self._patience_s, self._worker = patience_s, worker
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    def start(self) -> None:
        """Start the child now, so that the first photo need not wait.

        Raises:
            HubError: It does not start.
        """
        with self._turn:
            self._running()

    def examine(self, content: bytes) -> Examined:
        """Tell what a photo shows. This process does not decode it.

        Args:
            content: The bytes that somebody sent.

        Raises:
            PhotoError: It is no photo, or too much for the child; one line that says what to do.
            HubError: The child does not start.
        """
        with self._turn:
            answer = self._asked(self._running(), content)
        if isinstance(answer, Unreadable):
            raise PhotoError(answer.words)
        return answer

    def close(self) -> None:
        """End the child; none is started any more."""
        with self._turn:
            self._closed = True
            self._end()

    def _asked(self, child: "subprocess.Popen[bytes]", content: bytes) -> Answer:
        try:
            return self._exchanged(child, content, self._patience_s)
        except (OSError, EOFError, ValueError) as error:
            _LOG.warning(
                "a photo ended the examiner",
                code="examiner-ended",
                error=type(error).__name__,
                size=len(content),
            )
            self._end()
            raise PhotoError(
                "this photo cannot be read: send a screenshot of it, or another photo"
            ) from error

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is None:
            return self._child
        if self._closed:
            raise HubError("photos are not examined any more: the hub stops")
        self._end()
        self._child = child = subprocess.Popen(
            [*self._worker, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            greeting = self._exchanged(child, b"", STARTING_S)
        except (OSError, EOFError, ValueError) as error:
            self._end()
            raise HubError("photos cannot be examined: is this hub installed whole?") from error
        if isinstance(greeting, Unreadable) and greeting.words:
            self._end()
            raise HubError(f"photos cannot be examined: {greeting.words}")
        return child

    @staticmethod
    def _exchanged(child: "subprocess.Popen[bytes]", content: bytes, patience_s: float) -> Answer:
        """Send a frame and wait for the answer; a child that takes too long is killed."""
        to, back = _pipes(child)
        watch = threading.Timer(patience_s, child.kill)
        watch.start()
        try:
            write_frame(to, content)
            return decoded(read_frame(back))
        finally:
            watch.cancel()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in _pipes(child):
            try:
                pipe.close()
            except OSError:  # what was not yet written to a child that is gone
                continue


def _pipes(child: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    if child.stdin is None or child.stdout is None:
        raise AssertionError("the child was given pipes")
    return child.stdin, child.stdout
