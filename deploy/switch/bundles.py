"""A bundle from outside, opened and looked through before anything of it is run.

The installer that lies in a bundle cannot vouch for it: whoever altered the bundle altered that
as well. So the machine that is to be upgraded looks, by what it had before the bundle came.
"""

import hashlib
import io
import os
import re
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from versions import RefusalError

SIGNERS = Path("/etc/doorwatch/allowed_signers")
"""Who may make a bundle for this machine, one a line: ``doorwatch ssh-ed25519 AAAA...``."""

MOST_FILES = 2_000
MOST_BYTES = 4 * 2**30
MOST_SUMS = 2**20
MOST_AT_ONCE = 2**16
"""Bytes that are held in memory at a time: a header of a tar may claim any length."""

_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*(/[A-Za-z0-9][\w.+-]*)*", re.ASCII)
_SUM = re.compile(r"([0-9a-f]{64})  \./(\S+)")
_WHEEL = re.compile(r"wheels/doorwatch-([^-/]+)-[^/]+\.whl")
_ABOUT_FILES = {"SHA256SUMS", "SHA256SUMS.sig"}
_NO_BUNDLE = "{} is no bundle as make wheelhouse makes it ({}): copy it again"
_BROKEN = (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError)
"""What reading a tar raises that somebody made to do harm, or that a stick has spoiled."""


@dataclass(frozen=True)
class Bundle:
    """A bundle that was unpacked, and is not trusted yet.

    Attributes:
        folder: Where it lies.
        digests: SHA-256 of each file, by its path in ``folder``.
    """

    folder: Path
    digests: dict[str, str]

    @property
    def number(self) -> str:
        """The version that it brings. Raises: RefusalError."""
        numbers = [found[1] for name in self.digests if (found := _WHEEL.fullmatch(name))]
        if len(numbers) != 1:
            raise RefusalError(_NO_BUNDLE.format("this", "it holds no Doorwatch, or several"))
        return numbers[0]


def open_bundle(file: Path, scratch: Path) -> Bundle:
    """Unpack a bundle into an empty folder that nobody else can write. Raises: RefusalError."""
    digests: dict[str, str] = {}
    tops: set[str] = set()
    with _Reader(file) as reader:
        try:
            with tarfile.open(fileobj=reader, mode="r:") as packed:
                for member in _files(packed):
                    top, _, name = member.name.partition("/")
                    tops.add(top)
                    digests[name] = _unpack(packed, member, scratch / name)
        except _BROKEN as error:
            raise RefusalError(_NO_BUNDLE.format(file, "it cannot be read")) from error
        except (FileExistsError, NotADirectoryError) as error:
            raise RefusalError(_NO_BUNDLE.format(file, "a name stands in it twice")) from error
    if len(tops) != 1:
        raise RefusalError(_NO_BUNDLE.format(file, f"it holds {len(tops)} folders"))
    return Bundle(scratch, digests)


def check_maker(bundle: Bundle) -> bool:
    """See that somebody made it who may; False where this machine names nobody.

    Raises:
        RefusalError: It is signed by nobody who may.
    """
    if not os.path.lexists(SIGNERS):
        return False
    signature = bundle.folder / "SHA256SUMS.sig"
    if not {"SHA256SUMS", signature.name} <= set(bundle.digests):
        raise RefusalError(f"the bundle is not signed, and {SIGNERS} asks for it: get a signed one")
    who = ["-f", str(SIGNERS), "-I", "doorwatch", "-n", "doorwatch", "-s", str(signature)]
    try:
        with (bundle.folder / "SHA256SUMS").open("rb") as signed:
            done = subprocess.run(
                ["ssh-keygen", "-Y", "verify", *who],
                stdin=signed,
                capture_output=True,
                check=False,
                timeout=60,
            )
    except FileNotFoundError as error:
        raise RefusalError(
            "no ssh-keygen here, which sees who made a bundle: apt-get install openssh-client"
        ) from error
    if done.returncode:
        raise RefusalError(f"the bundle is not signed by anybody in {SIGNERS}: get it from them")
    return True


def check_files(bundle: Bundle) -> None:
    """See that every file is as it was made, and that there is no other. Raises: RefusalError."""
    try:
        lines = (bundle.folder / "SHA256SUMS").read_text("ascii").splitlines()
    except (FileNotFoundError, ValueError) as error:
        raise RefusalError(_NO_BUNDLE.format("this", "it has no SHA256SUMS")) from error
    listed = {found[2]: found[1] for line in lines if (found := _SUM.fullmatch(line))}
    there = {name: digest for name, digest in bundle.digests.items() if name not in _ABOUT_FILES}
    if set(there) - set(listed) or len(listed) != len(lines):
        raise RefusalError("there are files in this bundle that are not of it: copy it again")
    if there != listed:
        raise RefusalError("files of this bundle are missing or altered: copy it again")


class _Reader(io.FileIO):
    """A regular file, of which nobody takes more than a little at once."""

    def __init__(self, file: Path) -> None:
        """Open it, and wait for no pipe. Raises: RefusalError."""
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise RefusalError(f"{file}: {error.strerror}: name the .tar of a bundle") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise RefusalError(f"{file} is no file: name the .tar of a bundle")
        super().__init__(descriptor)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read that many bytes. Raises: ValueError."""
        if size is None or not 0 <= size <= MOST_AT_ONCE:
            raise ValueError(f"{size} bytes at once")
        return super().read(size)


def _files(packed: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Give what may be unpacked; folders are made as they are needed. Raises: ValueError."""
    count = size = 0
    for member in packed:
        count, size = count + 1, size + member.size
        if count > MOST_FILES or size > MOST_BYTES:
            raise ValueError("too many, or too large")
        if not _NAME.fullmatch(member.name) or member.issparse():
            raise ValueError("a name that leads elsewhere, or a size that is none")
        if "/SHA256SUMS" in member.name and member.size > MOST_SUMS:
            raise ValueError("no list of digests is that long")
        if member.isdir():
            continue
        if not member.isreg() or "/" not in member.name:
            raise ValueError("a link or a device")
        yield member


def _unpack(packed: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    """Write a file that is not there yet; gives its digest."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content, digest = packed.extractfile(member), hashlib.sha256()
    if content is None:
        raise ValueError("no file")
    with content, target.open("xb") as file:
        while block := content.read(MOST_AT_ONCE):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()
