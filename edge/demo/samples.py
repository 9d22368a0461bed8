"""Sample portraits, fetched from the package registry by pip and checked by their hashes.

None ships with the project. Each is a public-domain portrait that lies in a well-known package:
pip downloads the archive and checks it, and the portrait is taken out without installing
anything. Nobody is named: one portrait is put on the list, the other two are strangers.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.errors import DoorwatchError

Say = Callable[[str], None]
"""Shows one line of progress."""


class SamplesError(DoorwatchError):
    """The sample portraits cannot be fetched, or are not the expected ones."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Where the three portraits lie.

    Attributes:
        listed: The portrait that is put on the list.
        stranger_one: Somebody who is not on it.
        stranger_two: Somebody else who is not on it.
    """

    listed: Path
    stranger_one: Path
    stranger_two: Path


@dataclass(frozen=True, slots=True)
class _Portrait:
    """One portrait: its name in the cache, its place in the archive, its SHA-256."""

    name: str
    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Package:
    """One archive of the registry: what pip is asked for, and the portraits in it."""

    requirement: str
    sha256: str
    options: tuple[str, ...]
    portraits: tuple[_Portrait, ...]


_TESTS = "face_recognition-1.3.0/tests/test_images"
_PACKAGES = (
    _Package(
        requirement="scikit-image==0.26.0",
        sha256="74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
        # One certain wheel whatever this machine is: it is unpacked, never installed.
        options=(
            "--only-binary=:all:",
            "--python-version=3.11",
            "--implementation=cp",
            "--platform=manylinux_2_28_x86_64",
        ),
        portraits=(
            _Portrait(
                "listed.png",
                "skimage/data/astronaut.png",
                "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
            ),
        ),
    ),
    _Package(
        requirement="face_recognition==1.3.0",
        sha256="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
        options=("--no-binary=:all:",),
        portraits=(
            _Portrait(
                "stranger-one.jpg",
                f"{_TESTS}/biden.jpg",
                "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
            ),
            _Portrait(
                "stranger-two.jpg",
                f"{_TESTS}/obama.jpg",
                "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
            ),
        ),
    ),
)


def fetch_samples(cache: Path, say: Say) -> Samples:
    """Give the portraits, from the cache where they lie there unaltered.

    Args:
        cache: Folder that keeps them; made where it is missing.
        say: Shows one line of progress.

    Raises:
        SamplesError: The registry cannot be reached, or gave something else than expected.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for package in _PACKAGES:
            if not all(_is_whole(cache, portrait) for portrait in package.portraits):
                say(f"fetching {package.requirement} from the package registry")
                _fetch(package, cache)
    except OSError as error:
        raise SamplesError(f"cannot keep the sample portraits in {cache}: {error}") from error
    return Samples(cache / "listed.png", cache / "stranger-one.jpg", cache / "stranger-two.jpg")


def _is_whole(cache: Path, portrait: _Portrait) -> bool:
    path = cache / portrait.name
    return path.is_file() and _sha256(path.read_bytes()) == portrait.sha256


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fetch(package: _Package, cache: Path) -> None:
    with tempfile.TemporaryDirectory(dir=cache) as scratch:  # others may fetch at the same time
        archive = _download(package, Path(scratch))
        for portrait in package.portraits:
            content = _member(archive, portrait.member)
            if _sha256(content) != portrait.sha256:
                raise SamplesError(f"{portrait.member} of {package.requirement} was altered")
            fresh = Path(scratch) / portrait.name
            fresh.write_bytes(content)
            fresh.replace(cache / portrait.name)


def _download(package: _Package, scratch: Path) -> Path:
    """Let pip fetch the archive, with its own settings, and check it against the hash."""
    wanted = scratch / "requirement.txt"
    wanted.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
    manner = ["--quiet", "--retries=2", "--no-deps", "--require-hashes"]
    what = [f"--dest={scratch / 'archive'}", "-r", str(wanted)]
    done = subprocess.run(
        [*pip, *manner, *package.options, *what], capture_output=True, text=True, check=False
    )
    if done.returncode:
        complaints = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        reason = (complaints or ["ERROR: pip gave no reason"])[0].removeprefix("ERROR: ")
        raise SamplesError(
            f"cannot fetch {package.requirement} from the package registry ({reason}): "
            "connect the machine to it once, the portraits are kept afterwards"
        )
    return next((scratch / "archive").iterdir())


def _member(archive: Path, member: str) -> bytes:
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as source:
            content = source.extractfile(member)
            return content.read() if content else b""
    except (KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise SamplesError(f"{archive.name} holds no {member}: it was altered") from error
