"""Runs mosquitto with the one configuration there is, and says who may read and write what.

`deploy/mosquitto.conf` is that configuration; here only its folder and its listener are replaced.
Access is one file that mosquitto reads at every SIGHUP, written anew from the hub's own list of
units each time, so that the two cannot drift apart.

Taking access away has three steps (tried on 2.0.11; the dynamic-security plugin was tried as
well and lets a disabled unit with a certificate back in): the unit loses the list's topics and
keeps its own mailbox, where its kill order lies; then its certificate goes on the revocation
list; then its standing connection, which nobody looks at again, is taken over and ended.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from sync.authority import Authority, Identity, new_key, request, write_private
from sync.connection import Access, Connection
from sync.errors import HubError
from sync.tls import Tls

TEMPLATE = Path(__file__).with_name("mosquitto.conf")
"""The configuration as `deploy/mosquitto.conf` has it."""

HUB = "hub"
"""Name of the hub at the broker, and in its certificate."""

MISSING = "there is no mosquitto on this machine: sudo apt-get install mosquitto"
"""What to do where the broker is not installed, in one line."""

_TEMPLATE_FOLDER = "/var/lib/doorwatch-hub/broker"
_TEMPLATE_LISTENER = "listener 8883"
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
            write_private(self.configuration, self._configured().encode())
            write_private(self.folder / "ca.pem", authority.certificate)
            if not (self.folder / "broker.key").exists():
                write_private(self.folder / "broker.key", new_key())
            wanted = request((self.folder / "broker.key").read_bytes())
            certificate = authority.issue_server(wanted, list(names), now_ms)
            write_private(self.folder / "broker.pem", certificate)
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
        command = [str(find()), "-c", str(self.configuration)]
        with contextlib.ExitStack() as opened:
            output = None if log is None else opened.enter_context(log.open("ab"))
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        write_private(self._pid_file, str(self._process.pid).encode())
        self._await_listening(self._process)

    def admit(self, authority: Authority, mailboxes: Iterable[str]) -> None:
        """Make access exactly this from now on; may be repeated as often as one likes.

        Args:
            authority: Its revocation list is put before the broker.
            mailboxes: The units in good standing.

        Raises:
            HubError: A mailbox is malformed, or the folder cannot be written.
        """
        try:
            self._write_access(authority, mailboxes)
        except OSError as error:
            raise HubError(f"the broker's access list cannot be written: {error}") from error
        pid = self._pid()
        if pid is not None:
            os.kill(pid, signal.SIGHUP)

    def evict(self, authority: Authority, name: str, now_ms: int) -> None:
        """End the connection and the kept session of ``name``, by taking both over.

        Call it after `admit`: a client whose certificate is good comes back at once.

        Raises:
            HubError: The folder cannot be written.
            TransportError: The broker cannot be reached.
        """
        key = new_key()
        identity = Identity(authority.issue_client(request(key), name, now_ms), key)
        files = Tls(self.folder / "ca.pem", self.folder / "evict.pem", self.folder / "evict.key")
        try:
            write_private(files.certificate, identity.certificate)
            write_private(files.key, identity.key)
            context = files.context()
        except OSError as error:
            raise HubError(f"the broker's folder cannot be written: {error}") from error
        finally:
            files.certificate.unlink(missing_ok=True)
            files.key.unlink(missing_ok=True)
        access = Access(self.reached_at, self.port, name, keep_session=False)
        connection = Connection(access, context, 1, ())
        try:
            while not connection.opened:
                connection.turn(readable=True, writable=connection.wants_write)
                time.sleep(_PAUSE_S)
        finally:
            connection.close(politely=True)

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

    def _configured(self) -> str:
        text = TEMPLATE.read_text(encoding="utf-8")
        text = text.replace(_TEMPLATE_FOLDER, str(self.folder))
        text = text.replace(_TEMPLATE_LISTENER, f"listener {self.port} {self.host}".rstrip())
        # Started by root, mosquitto would become another user, who cannot read this folder.
        return f"{text}user {pwd.getpwuid(os.geteuid()).pw_name}\n"

    def _write_access(self, authority: Authority, mailboxes: Iterable[str]) -> None:
        write_private(self.folder / "acl", access_list(mailboxes).encode())
        write_private(self.folder / "crl.pem", authority.revocation_list.read_bytes())

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
                    f"mosquitto ended at once (status {process.returncode}; its reason is above):"
                    f" is port {self.port} in use?"
                )
            with contextlib.suppress(OSError):
                socket.create_connection((self.reached_at, self.port), timeout=1).close()
                return
            time.sleep(_PAUSE_S)
        self.stop()
        raise HubError(f"mosquitto does not listen on port {self.port}: read its messages above")

    def _end(self, how: signal.Signals) -> None:
        pid = self._pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        if self._process is not None:
            self._process.wait(_STOP_S)
            return
        deadline = time.monotonic() + _STOP_S
        while self._pid() is not None and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
