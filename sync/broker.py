"""Runs mosquitto with the one configuration there is, and says who may read and write what.

`deploy/mosquitto.conf` is that configuration; here its folder and its listener are replaced, and
for a list of many units how many changes are gathered before they are saved. Access is one file,
written anew from the hub's own list of units each time, so that the two cannot drift apart.
Taking access away has two steps: the unit loses the list's topics and keeps its own mailbox,
where its kill order lies; then its certificate goes on the revocation list.

Each change restarts mosquitto, which takes a fraction of a second and ends the connections that
stand, the revoked one's among them; whoever may comes back by itself. Both other ways were
tried on 2.0.11. At SIGHUP it takes every session whose client is away, and whose user comes from
a certificate, for one to be disconnected, twice enters it among those that expire, and crashes
soon after. The dynamic-security plugin is never asked whether a certificate's user was
disabled, and lets a disabled unit back in to read the list.
"""

import contextlib
import os
import pwd
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from sync.authority import Authority, new_key, request, write_private
from sync.errors import HubError

TEMPLATE = Path(__file__).with_name("mosquitto.conf")
"""The configuration as `deploy/mosquitto.conf` has it."""

HUB = "hub"
"""Name of the hub at the broker, and in its certificate."""

MISSING = "there is no mosquitto on this machine: sudo apt-get install mosquitto"
"""What to do where the broker is not installed, in one line."""

_TEMPLATE_FOLDER = "/var/lib/doorwatch-hub/broker"
_TEMPLATE_LISTENER = "listener 8883"
_TEMPLATE_SAVING = "autosave_interval 1"
_SAVED_TOGETHER = 10
"""mosquitto saves everything it has each time, and each unit brings changes, so what saving costs
would grow with the square of the units. So there are as many changes to a save as tens of units:
with up to nineteen units each single change is saved."""
_MAILBOX = re.compile(r"[0-9a-f]{16,32}")
_START_S = 10.0
_STOP_S = 10.0
_PAUSE_S = 0.02


def find() -> Path:
    """Find mosquitto, also where Debian puts it beside the ordinary search path.

    Raises:
        HubError: It is not installed; the line says the one command that does it.
    """
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("mosquitto", path=places)
    if found is None:
        raise HubError(MISSING)
    return Path(found)


def access_list(mailboxes: Iterable[str]) -> str:
    """Give mosquitto's access file: the hub everywhere, units their mailbox and the list.

    A unit that is not among ``mailboxes`` keeps its own mailbox while its certificate is good,
    since its kill order lies there.

    Args:
        mailboxes: The units in good standing, by mailbox.

    Raises:
        HubError: A mailbox is not 16 to 32 hex digits.
    """
    lines = [
        f"user {HUB}",
        *(f"topic {what}" for what in ("write l/#", "write m/+/in", "write m/+/key")),
        *(f"topic {what}" for what in ("read m/+/out", "read m/+/will")),
    ]
    for mailbox in sorted(mailboxes):
        if not _MAILBOX.fullmatch(mailbox):
            raise HubError("a mailbox that is not made of hex digits cannot be let in")
        lines += [f"user {mailbox}", "topic read l/#"]
    lines += [f"pattern read m/%u/{what}" for what in ("in", "key")]
    lines += [f"pattern write m/%u/{what}" for what in ("out", "will")]
    return "\n".join(lines) + "\n"


class Broker:
    """One mosquitto and its folder; a running one of the same folder is taken over."""

    def __init__(self, folder: Path, host: str, port: int) -> None:
        """Name the broker; nothing is written or started yet.

        Args:
            folder: Its configuration, certificates and store.
            host: Address to listen on; "" for all.
            port: TCP port.
        """
        self.folder = folder
        self.host = host
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._log: Path | None = None

    @property
    def configuration(self) -> Path:
        """The configuration file that mosquitto is started with."""
        return self.folder / "mosquitto.conf"

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self._pid() is not None

    def prepare(self, authority: Authority, names: Iterable[str], now_ms: int) -> None:
        """Write configuration and certificates; the broker's own key is made once and kept.

        Args:
            authority: Issues the broker's certificate.
            names: Host names and addresses that units reach the broker under.
            now_ms: Milliseconds since the epoch.

        Raises:
            HubError: The folder cannot be written.
        """
        try:
            (self.folder / "store").mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.configuration, self._configured(0).encode())
            write_private(self.folder / "ca.pem", authority.certificate)
            if not (self.folder / "broker.key").exists():
                write_private(self.folder / "broker.key", new_key())
            wanted = request((self.folder / "broker.key").read_bytes())
            certificate = authority.issue_server(wanted, list(names), now_ms)
            write_private(self.folder / "broker.pem", certificate)
            if not (self.folder / "acl").exists():
                self._write_access(authority, ())
        except OSError as error:
            raise HubError(f"the broker's folder cannot be written: {error}") from error

    def start(self, log: Path | None = None) -> None:
        """Start mosquitto and wait until it takes connections; one that runs already is kept.

        So calling it now and then is all the supervision that mosquitto needs.

        Args:
            log: Where its messages go; None for our own standard error.

        Raises:
            HubError: It is not installed, refuses its configuration, or the port is taken.
        """
        if self.running:
            return
        self._log = log
        with contextlib.suppress(OSError):
            socket.create_connection((self.reached_at, self.port), timeout=1).close()
            raise HubError(f"port {self.port} is in use: stop what uses it, or choose another")
        command = [str(find()), "-c", str(self.configuration)]
        with contextlib.ExitStack() as opened:
            output = None if log is None else opened.enter_context(log.open("ab"))
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        # Each unit takes a descriptor, and the usual limit of 1,024 is below a thousand units.
        with contextlib.suppress(OSError):
            _, most = resource.prlimit(self._process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(self._process.pid, resource.RLIMIT_NOFILE, (most, most))
        write_private(self._pid_file, str(self._process.pid).encode())
        self._await_listening(self._process)

    def admit(self, authority: Authority, mailboxes: Iterable[str]) -> None:
        """Make access exactly this; where that changes anything, a running mosquitto starts anew.

        Args:
            authority: Its revocation list is put before the broker.
            mailboxes: The units in good standing.

        Raises:
            HubError: A mailbox is malformed, the folder cannot be written, or mosquitto does not
                come back.
        """
        try:
            changed = self._write_access(authority, mailboxes)
        except OSError as error:
            raise HubError(f"the broker's access list cannot be written: {error}") from error
        if changed and self.running:
            self.stop()
            self.start(self._log)

    @property
    def reached_at(self) -> str:
        """The address under which this machine itself reaches the broker."""
        return self.host if self.host not in ("", "0.0.0.0", "::") else "127.0.0.1"  # noqa: S104 - compared

    def stop(self) -> None:
        """End mosquitto; it writes its store first."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End mosquitto as a power cut would."""
        self._end(signal.SIGKILL)

    @property
    def _pid_file(self) -> Path:
        return self.folder / "mosquitto.pid"

    def _configured(self, units: int) -> str:
        text = TEMPLATE.read_text(encoding="utf-8")
        text = text.replace(_TEMPLATE_FOLDER, str(self.folder))
        text = text.replace(_TEMPLATE_LISTENER, f"listener {self.port} {self.host}".rstrip())
        gathered = max(1, units // _SAVED_TOGETHER)
        text = text.replace(_TEMPLATE_SAVING, f"autosave_interval {gathered}")
        # Started by root, mosquitto would become another user, who cannot read this folder.
        return f"{text}user {pwd.getpwuid(os.geteuid()).pw_name}\n"

    def _write_access(self, authority: Authority, mailboxes: Iterable[str]) -> bool:
        """Write who may do what; gives whether that differs from what stood there."""
        good = frozenset(mailboxes)
        wanted = {
            self.configuration: self._configured(len(good)).encode(),
            self.folder / "acl": access_list(good).encode(),
            self.folder / "crl.pem": authority.revocation_list.read_bytes(),
        }
        changed = False
        for path, content in wanted.items():
            if not path.exists() or path.read_bytes() != content:
                write_private(path, content)
                changed = True
        return changed

    def _pid(self) -> int | None:
        if self._process is not None:
            return self._process.pid if self._process.poll() is None else None
        with contextlib.suppress(OSError, ValueError):
            pid = int(self._pid_file.read_bytes())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if str(self.configuration).encode() in command:
                return pid
        return None

    def _await_listening(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise HubError(
                    f"mosquitto ended at once (status {process.returncode}): read its messages"
                )
            with contextlib.suppress(OSError):
                socket.create_connection((self.reached_at, self.port), timeout=1).close()
                return
            time.sleep(_PAUSE_S)
        self.stop()
        raise HubError(f"mosquitto does not listen on port {self.port}: read its messages")

    def _end(self, how: signal.Signals) -> None:
        pid = self._pid()
        if pid is None:
            return
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_STOP_S)
            return
        # One that another process started: what it holds is free once it is gone, not before.
        with contextlib.suppress(ProcessLookupError), _watched(pid) as process:
            signal.pidfd_send_signal(process, how)
            select.select([process], [], [], _STOP_S)


@contextlib.contextmanager
def _watched(pid: int) -> Iterator[int]:
    """Give a descriptor of a process, which can be read once that has ended."""
    process = os.pidfd_open(pid)
    try:
        yield process
    finally:
        os.close(process)
