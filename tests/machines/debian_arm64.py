"""Debians for 64-bit Arm with the wheels that a Raspberry Pi gets, made once and kept.

Everything comes from Debian and from the package registry, by their own clients, into
``$XDG_CACHE_HOME/doorwatch-machines``. Making one takes two minutes; then it is only read.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from machines.guest import archive, write
from machines.roots import MIRROR, debian, kept

CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("python3", "systemd", "systemd-sysv", "dbus", "udev", "kmod", "e2fsprogs")
CHECKS = ("pytest", "pytest-timeout", "hypothesis", "httpx", "psutil")


@dataclass(frozen=True, slots=True)
class System:
    """A release of Debian that Raspberry Pi OS is made from.

    Attributes:
        release: Its name.
        python: The version of its Python.
        pins: The wheels that drive the pins of a Pi. The constraints don't know them, only a Pi
            installs them.
    """

    release: str
    python: str
    pins: tuple[str, ...]


BOOKWORM = System("bookworm", "3.11", pins=("lgpio==0.2.2.0",))
TRIXIE = System("trixie", "3.13", pins=())
"""Raspberry Pi OS has a package for its pins; Debian has none, and there is no wheel."""


@dataclass(frozen=True, slots=True)
class Board:
    """A Raspberry Pi.

    Attributes:
        name: What it is sold as.
        processor: QEMU's name of its cores.
        part: The number by which the kernel knows them.
        system: What it runs.
    """

    name: str
    processor: str
    part: str
    system: System


PI_4 = Board("Raspberry Pi 4", "cortex-a72", "0xd08", BOOKWORM)
PI_5 = Board("Raspberry Pi 5", "cortex-a76", "0xd0b", TRIXIE)
"""Their processors differ in what the networks' kernels use: half floats and dot products."""

KERNEL = """set -eu; export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"; cd "$1"
image=$(apt-cache depends linux-image-arm64 | sed -n 's/.*Depends: \\(linux-image-[0-9].*\\)/\\1/p')
apt-get download "$image"
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x --keep-directory-symlink
rm linux-image-*.deb
release=$(ls lib/modules); cp "boot/vmlinuz-$release" boot/vmlinuz
/usr/sbin/chroot . /sbin/depmod "$release" """
"""The kernel as files alone: installed, its boot files would be made under emulation."""

LEFT_OUT = ("./boot", "./usr/lib/modules", "./usr/lib/linux-image-*", "./usr/share/locale")
LEFT_OUT += ("./usr/share/perl*", "./usr/lib/aarch64-linux-gnu/perl*", "./usr/share/i18n")

TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "arch-test": "arch-test",
    "systemd-nspawn": "systemd-container",
    "qemu-aarch64-static": "qemu-user-static",
}
INTERPRETER = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
BINFMT = Path("/proc/sys/fs/binfmt_misc")


def cannot(tools: dict[str, str]) -> str | None:
    """Say why the commands ``tools`` (command to Debian package) can't be used here, or None."""
    if os.geteuid() != 0:
        return "needs root: sudo make ..."
    absent = sorted({package for tool, package in tools.items() if not shutil.which(tool)})
    return f"needs: apt-get install {' '.join(absent)}" if absent else None


def cannot_make() -> str | None:
    """Say why a Debian for Arm can't be made or run here, or None."""
    reason = cannot(TOOLS)
    if reason is None and platform.machine() != "aarch64" and not _interpreted():
        return "needs binfmt_misc: the kernel here does not let a program for Arm start"
    return reason


def root(system: System = BOOKWORM) -> Path:
    """Give the folder of a system, which nobody may write to."""
    with kept(f"arm64-{system.release}-{_digest(KERNEL, *PACKAGES)}") as (made, draft):
        if draft is not None:
            command = ["mmdebstrap", "--quiet", "--variant=minbase", "--architectures=arm64"]
            command += [f"--include={','.join(PACKAGES)}", f"--customize-hook={KERNEL}"]
            command += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc")]
            subprocess.run([*command, system.release, str(draft), MIRROR], check=True)
            draft.chmod(0o755)
    return made


def in_memory() -> Path:
    """Give the system as an archive for a kernel to start from, without what none needs there."""
    with kept(f"pi-{root().name}") as (made, draft):
        if draft is not None:
            archive(root(), draft / "base.cpio", *LEFT_OUT)
    return made / "base.cpio"


def wheels(system: System = BOOKWORM) -> Path:
    """Give the folder with all that the unit runs on, from the wheels for Arm."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *CHECKS, *system.pins]
    constraints = CHECKOUT / "deploy" / "constraints.txt"
    digest = _digest(system.python, constraints.read_text(encoding="utf-8"), *wanted)
    with kept(f"wheels-arm64-{digest}") as (made, draft):
        if draft is not None:
            command = [sys.executable, "-m", "pip", "install", "-qq", "--no-compile"]
            command += ["--target", str(draft), "--python-version", system.python]
            # bookworm's C library is 2.36; pip has to be told each older one as well.
            command += [f"--platform=manylinux_2_{minor}_aarch64" for minor in range(17, 37)]
            command += ["--platform=manylinux2014_aarch64", "--only-binary=:all:"]
            subprocess.run([*command, "-c", str(constraints), *wanted], check=True)
            _compile(draft, system)
    return made


def _compile(packages: Path, system: System) -> None:
    """Compile them by that system's own Python, not emulated: they start much faster then."""
    boxed = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--volatile=overlay"]
    boxed += ["-D", str(debian(system.release)), f"--bind={packages}:/wheels", "--pipe"]
    compiler = ["python3", "-m", "compileall", "-q", "/wheels"]
    # A package may hold a file that is none of Python's; nothing imports it.
    subprocess.run([*boxed, *compiler], check=False, stdin=subprocess.DEVNULL, capture_output=True)


def run(*command: str, board: Board, limit_s: float) -> str:
    """Run one command on a board, with the checkout at /unit/main, and give what it printed.

    Args:
        command: The command and its arguments.
        board: The one that is emulated.
        limit_s: Seconds after which it is killed.

    Raises:
        AssertionError: It failed; with what it printed.
    """
    shared = CHECKOUT.parent / "shared" / "data"
    with tempfile.TemporaryDirectory(prefix="arm64-") as described:
        _describe(Path(described), board)
        seen = [f"{CHECKOUT}:/unit/main", f"{wheels(board.system)}:/wheels"]
        seen += [f"{described}:/board"]
        seen += [f"{shared}:/unit/shared/data"] if shared.is_dir() else []
        nspawn = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit"]
        nspawn += ["--volatile=overlay", "-D", str(root(board.system)), "--pipe"]
        nspawn += ["--chdir=/unit/main"]
        nspawn += [f"--bind-ro={one}" for one in seen]
        environment = {**ENVIRONMENT, "QEMU_CPU": board.processor}
        nspawn += [f"--setenv={name}={value}" for name, value in environment.items()]
        # A program that crashes under the emulator writes its core for ever: none, then.
        nspawn += ["--rlimit=RLIMIT_CORE=0", "/bin/sh", "-c", PRETEND, "sh", *command]
        done = subprocess.run(
            nspawn,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return done.stdout


PRETEND = """set -eu; mount --bind /board/cpuinfo /proc/cpuinfo
mount --bind /board/cpu /sys/devices/system/cpu; exec "$@" """
"""The emulator shows this machine's processor there, and LiteRT crashes over what it reads."""

ENVIRONMENT = {
    "PYTHONPATH": "/wheels:/unit/main:/unit/main/tests",
    "PYTHONDONTWRITEBYTECODE": "1",
    "HYPOTHESIS_STORAGE_DIRECTORY": "/hypothesis",
    "OMP_NUM_THREADS": "1",
}


def _describe(folder: Path, board: Board) -> None:
    """Write what the kernel of a Pi says of its processor."""
    core = "processor\t: {}\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: {}\n"
    cores = [core.format(number, board.part) for number in range(4)]
    write(folder / "cpuinfo", "\n".join(cores))
    for name in ("present", "possible", "online"):
        write(folder / "cpu" / name, "0-3\n")


def _interpreted() -> bool:
    """See to it that the kernel starts programs for Arm by the emulator, and say whether."""
    if not (BINFMT / "register").exists():
        mount = ["mount", "-t", "binfmt_misc", "none", str(BINFMT)]
        subprocess.run(mount, check=False, capture_output=True)
    if (BINFMT / "register").exists() and not (BINFMT / "qemu-aarch64").exists():
        (BINFMT / "register").write_bytes(INTERPRETER.read_bytes())
    return (BINFMT / "qemu-aarch64").exists()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
