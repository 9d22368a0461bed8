"""What each process of the unit does about itself: no core dumps, word to systemd, logs."""

import contextlib
import ctypes
import os
import resource
import signal
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue

from edge import journal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

SUPERVISED = "DOORWATCH_SUPERVISED"
"""Process id of ``doorwatch run`` in its children's environment: they end when it does."""


NICENESS = 10
"""How much a process in the background steps back for the engine."""


def begin() -> None:
    """Do what each of the unit's processes does first: log, and end with its supervisor."""
    journal.begin()
    journal.hear_everything()
    if SUPERVISED in os.environ:
        end_with_parent(int(os.environ[SUPERVISED]))


def keep_memory_private() -> None:
    """Switch core dumps off and keep other processes of the same user from reading memory.

    Templates, crops and the data key are in memory in plain; they must not land in a file.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_PR_SET_DUMPABLE, 0)


def keep_rights_from_children() -> None:
    """Hand on nothing of what the administrator's commands may: they read anybody's files.

    Who is root hands on root all the same.
    """
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def has_lent_rights() -> bool:
    """Tell whether this process may do more than its user: a child of it may not."""
    return os.geteuid() != 0 and int(_status("CapEff"), 16) != 0


def give_up_rights(most_memory: int) -> None:
    """Leave whoever takes this process over with nothing to do.

    No new file or connection (the numbers of all that is open lie above the limit), no file that
    grows, and a bounded memory. Whatever is needed later has to be loaded before.

    Args:
        most_memory: Bytes that may be taken beyond what is held now.
    """
    size = int(_status("VmSize").split()[0]) * 1024 + most_memory
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def let_others_go_first() -> None:
    """Be nice to the engine: on two cores its frames count, and what comes in can wait."""
    with contextlib.suppress(OSError):  # a sandbox may forbid it, and has then set it itself
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


def end_with_parent(parent: int) -> None:
    """Ask the kernel for SIGTERM when the supervisor dies, so that nothing is left behind.

    Args:
        parent: Process id of the supervisor; it may be gone already.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(0)


def until_signalled() -> threading.Event:
    """Give an event that SIGTERM and SIGINT set; call it from the main thread.

    A handler runs in the middle of whatever the main thread does, also while that holds the
    event's own lock, so setting the event there can hang the process for good, its lamps as
    they are. A ``SimpleQueue`` may be put into from anywhere; a thread of its own passes it on.
    """
    stopping, signals = threading.Event(), SimpleQueue[int]()

    def pass_on() -> None:
        signals.get()
        stopping.set()

    threading.Thread(target=pass_on, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: signals.put(caught))
    return stopping


class Notifier:
    """Tells systemd how the process is; does nothing where systemd did not start it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """Take the socket's address from ``NOTIFY_SOCKET``."""
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._started = False

    @property
    def heard(self) -> bool:
        """Whether somebody started this process who listens."""
        return bool(self._address)

    def ready(self) -> None:
        """Say that the process has started."""
        self._started = True
        self._say("READY=1")

    def alive(self) -> None:
        """Feed the watchdog; whoever has not said so is ready with that."""
        if not self._started:
            self.ready()
        self._say("WATCHDOG=1")

    def status(self, words: str) -> None:
        """Say how the process is, for systemctl status; a further line would be another word."""
        self._say(f"STATUS={' '.join(words.split())}")

    def stopping(self) -> None:
        """Say that the process is about to end."""
        self._say("STOPPING=1")

    def close(self) -> None:
        """Let the socket go."""
        self._socket.close()

    def _say(self, words: str) -> None:
        if self._address:
            with contextlib.suppress(OSError):  # systemd may be gone; the watchdog then tells
                self._socket.sendto(words.encode(), self._address)


def _status(name: str) -> str:
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return dict(line.split(":", 1) for line in told.splitlines())[name].strip()


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
