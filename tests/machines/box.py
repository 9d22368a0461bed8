"""A Debian with a real systemd as process 1, in a container that starts in half a second.

systemd-nspawn boots it on a throw-away overlay over a root that is made once. What the sandbox
of a service forbids is forbidden for real in it: users, file system, system calls, devices (by
the filter in the kernel, which needs the unified hierarchy) and network. Two things are not:
MemoryMax and TasksMax where the machine keeps those controllers to itself, and the clock, which
is the machine's own.
"""

import contextlib
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
BOOT_S = 240.0
"""Seconds a boot or an end may take on a busy machine; on an idle one it takes under two."""

_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
_CERTIFICATES = Path("/etc/ssl/certs")
_BUNDLE = _CERTIFICATES / "ca-certificates.crt"


class BoxError(Exception):
    """A box does not boot, or a command in it failed; says what the box wrote."""


def why_not() -> str | None:
    """Tell why there can be no box on this machine, with what would change that."""
    if os.geteuid() != 0:
        return "a box needs root: sudo make test-box"
    for program in ("systemd-nspawn", "mmdebstrap", "nsenter"):
        if shutil.which(program) is None:
            return f"no {program} here: apt-get install systemd-container mmdebstrap util-linux"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        return "this machine lets nobody mount anything: use one that is no container"
    return None


class Box:
    """One machine of Debian: its files are under :attr:`root`, booted or not.

    Attributes:
        root: Its root folder, as this machine sees it.
    """

    def __init__(self, layers: Sequence[Path], folder: Path, *, network: bool = False) -> None:
        """Lay an empty layer over others; nothing runs yet.

        Args:
            layers: Roots that are only read, the uppermost first.
            folder: An empty folder for what the box changes; deleted by :meth:`close`.
            network: Whether it has this machine's network and name service. Without, it has an
                interface that leads nowhere, so that a service can be seen not to have it.
        """
        self.root, self._folder, self._network = folder / "root", folder, network
        self._name = f"box-{secrets.token_hex(4)}"
        self._process: subprocess.Popen[bytes] | None = None
        self._first: int | None = None
        for name in ("root", "changes", "work"):
            (folder / name).mkdir()
        lower = ":".join(str(layer) for layer in layers)
        options = f"lowerdir={lower},upperdir={folder / 'changes'},workdir={folder / 'work'}"
        _do("mount", "-t", "overlay", "-o", options, "doorwatch-box", str(self.root))

    def boot(self) -> None:
        """Start it and wait until systemd has started everything.

        Raises:
            BoxError: It does not come up.
        """
        command = ["systemd-nspawn", "--quiet", "--keep-unit", "--register=no", "--boot"]
        command += [f"--machine={self._name}", f"--directory={self.root}", *self._around()]
        # Filters of devices are programs for the kernel; nspawn forbids them unless told not to.
        command += ["--system-call-filter=bpf", "--capability=CAP_BPF", "--console=read-only"]
        with (self._folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                self._in_own_group(command),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        deadline = time.monotonic() + BOOT_S
        while not self._is_up():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise BoxError(f"the box does not boot:\n{self.console()}")
            time.sleep(0.1)

    def run(
        self,
        command: str | Sequence[str],
        *,
        check: bool = True,
        timeout_s: float = 120.0,
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root in the booted box, outside of every sandbox.

        Args:
            command: Words, or a line for its shell.
            check: Whether a command that fails is an error.
            timeout_s: Seconds it may take.
            environ: Variables beside the usual ones.

        Raises:
            BoxError: It failed, with all it said.
        """
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        trust = {"SSL_CERT_FILE": str(_BUNDLE), "PIP_CERT": str(_BUNDLE)} if self._network else {}
        around = {**_ENVIRONMENT, **trust, **(environ or {})}
        done = subprocess.run(
            ["nsenter", "--all", f"--target={self.first}", "env", "-i"]
            + [f"{name}={value}" for name, value in around.items()]
            + words,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode:
            raise BoxError(f"{shlex.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def said(self, command: str | Sequence[str]) -> str:
        """Run a command that must succeed, and give what it wrote, without the last line end."""
        return self.run(command).stdout.rstrip("\n")

    def journal(self, unit: str | None = None) -> str:
        """Give the log of this boot, of all or of one unit, one message a line."""
        chosen = ["--unit", unit] if unit else []
        return self.said(["journalctl", "--boot", "--no-pager", "--output=short-precise", *chosen])

    def console(self) -> str:
        """Give what came on its screen since it was made."""
        return (self._folder / "console").read_text(encoding="utf-8", errors="replace")

    def path(self, inside: str) -> Path:
        """Give a path of the box as this machine sees it; ``inside`` begins with a slash."""
        return self.root / inside.lstrip("/")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        """Write a file, with the folders above it."""
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)

    def copy_in(self, source: Path, inside: str) -> None:
        """Copy a file or a folder of this machine to ``inside``, owned by root."""
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        _do("cp", "-R", "--preserve=mode,timestamps,links", "-T", str(source), str(target))

    @property
    def first(self) -> int:
        """Its process 1, by the number that this machine knows it under.

        Raises:
            BoxError: It is not running.
        """
        if self._first is None:
            raise BoxError("the box is not running: boot() it")
        return self._first

    @property
    def running(self) -> bool:
        """Whether it was booted and has ended in no way since."""
        return self._process is not None and self._process.poll() is None

    def cut(self) -> None:
        """Kill it as a power cut does, but for the disk: what was written is written."""
        with contextlib.suppress(ProcessLookupError, BoxError):
            os.kill(self.first, signal.SIGKILL)
        if self._process is not None:
            self._process.kill()
        self._gone()

    def power_off(self) -> None:
        """Shut it down as systemctl poweroff does, so that every service is stopped in turn."""
        os.kill(self.first, signal.SIGRTMIN + 4)  # systemd(1): start poweroff.target
        self._gone()

    def close(self) -> None:
        """End it, and forget everything it changed."""
        if self.running:
            self.cut()
        _do("umount", "--lazy", str(self.root))
        shutil.rmtree(self._folder, ignore_errors=True)

    def _around(self) -> Iterator[str]:
        if not self._network:
            yield "--network-veth"
            return
        # It trusts whom this machine trusts: some reach the package registry by a relay.
        yield "--resolv-conf=copy-host"
        if _BUNDLE.exists():
            yield f"--bind-ro={_CERTIFICATES}"
            yield "--bind-ro=/usr/share/ca-certificates"
            yield "--bind-ro=/usr/local/share/ca-certificates"

    def _in_own_group(self, command: Sequence[str]) -> list[str]:
        """Start ``command`` in a control group of its own: two boxes in one kill each other."""
        if Path("/run/systemd/system").exists():
            return ["systemd-run", "--scope", "--quiet", "--property=Delegate=yes", *command]
        for group in self._groups():
            group.mkdir()
        enter = "; ".join(f"echo $$ >{group}/cgroup.procs" for group in self._groups())
        return ["sh", "-c", f'{enter}; exec "$@"', "sh", *command]

    def _groups(self) -> list[Path]:
        hybrid = [CGROUPS / "unified", CGROUPS / "systemd"]
        return [at / self._name for at in hybrid if at.is_dir()] or [CGROUPS / self._name]

    def _is_up(self) -> bool:
        if self._process is None:
            return False
        # On a busy machine the first child that is seen is one that only makes process 1, and ends.
        if self._first is None or not Path(f"/proc/{self._first}").exists():
            task = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
            children = task.read_text().split() if task.exists() else []
            self._first = int(children[-1]) if children else None
            return False
        try:
            state = self.run(["systemctl", "is-system-running"], check=False, timeout_s=10.0)
        except subprocess.TimeoutExpired:
            return False
        return state.stdout.strip() in {"running", "degraded"}

    def _gone(self) -> None:
        if self._process is not None:
            self._process.wait(BOOT_S)
        self._process = self._first = None
        for group in self._groups():
            _remove_group(group)


def _remove_group(group: Path) -> None:
    """Remove a control group and those below it, once their last process is gone."""
    deadline = time.monotonic() + 5.0
    while group.exists() and time.monotonic() < deadline:
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):  # something in it still ends
                Path(folder).rmdir()
        time.sleep(0.02)


def _do(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BoxError(f"{shlex.join(words)}: {done.stderr.strip()}")
