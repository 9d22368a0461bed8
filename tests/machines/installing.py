"""Bundles to install from, and machines that were installed from one, for the tests in boxes."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from machines.box import Box, BoxError
from machines.roots import kept

ROOT = Path(__file__).parents[2]
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
CLIP = "/srv/clip.mp4"
PHRASE = "seven calm otters swim home"
SETTINGS = f"""
[camera]
source = "video:{CLIP}"
loop = true
fps = 10
[vision]
threads = 1
[indicator]
pins = "mock"
"""

Change = Callable[[Path], None]
"""Changes a copy of the checkout before it is built."""


def bundle_for(release: str, folder: Path) -> Path:
    """Make a bundle as ``make wheelhouse`` does, for one release, and unpack it in ``folder``.

    The packages of others are downloaded once and kept.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    constraints = (ROOT / "deploy" / "constraints.txt").read_text(encoding="utf-8")
    packages = "\n".join([*project["dependencies"], constraints])
    mark = hashlib.sha256(packages.encode()).hexdigest()[:8]
    with kept(f"bundle-{release}-{mark}") as (packed, draft):
        if draft is not None:
            _run(["deploy/bundle.sh", "x86_64", PYTHONS[release]], {"DIST": str(draft)})
    (file,) = (one for one in packed.iterdir() if one.suffix in {".tar", ".xz"})
    _run(["tar", "-C", str(folder), "-xf", str(file)])
    (unpacked,) = folder.iterdir()
    return rebuilt(unpacked, lambda _: None)


def rebuilt(bundle: Path, change: Change) -> Path:
    """Put another build of Doorwatch into an unpacked bundle, and what goes with it."""
    with tempfile.TemporaryDirectory() as scratch:
        checkout = Path(scratch) / "checkout"
        copy_sources(checkout)
        change(checkout)
        wheels = bundle / "wheels"
        for old in wheels.glob("doorwatch-*.whl"):
            old.unlink()
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        _run([*pip, "--wheel-dir", str(wheels), str(checkout)])
        for name in ("install.sh", "constraints.txt", "install.md"):
            shutil.copy2(checkout / "deploy" / name, bundle / name)
    sign_off(bundle)
    return bundle


def copy_sources(folder: Path) -> None:
    """Copy what a build is made of, as it is in this checkout now."""
    sources = ["edge", "sync", "deploy", "systemd", ".dockerignore"]
    listed = _run(["git", "ls-files", "-co", "--exclude-standard", *sources])
    named = ["README.md", "hardware.md", "LICENSE", "pyproject.toml", "SECURITY.md"]
    for name in (*listed.splitlines(), *named):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def numbered(version: str, change: Change = lambda _: None) -> Change:
    """Make it another version, and change more."""

    def both(checkout: Path) -> None:
        project = checkout / "pyproject.toml"
        text = project.read_text().replace('\nversion = "0.1.0"\n', f'\nversion = "{version}"\n')
        project.write_text(text)
        change(checkout)

    return both


def broken(module: str) -> Change:
    """Let a module of the package raise as soon as it is loaded."""

    def breaking(checkout: Path) -> None:
        (checkout / module).write_text("raise RuntimeError('broken on purpose')\n")

    return breaking


def hanging(module: str) -> Change:
    """Let a module of the package take for ever to load."""

    def holding(checkout: Path) -> None:
        (checkout / module).write_text("import time\n\ntime.sleep(3600)\n")

    return holding


@contextmanager
def altered(bundle: Path, change: Change) -> Iterator[Path]:
    """Lend a copy of a bundle with another build in it."""
    with tempfile.TemporaryDirectory(dir=bundle.parents[1]) as folder:
        copy = Path(folder) / bundle.name
        shutil.copytree(bundle, copy, copy_function=shutil.copy2)
        yield rebuilt(copy, change)


def unit_settings(box: Box) -> None:
    """Give a box a camera that is a clip of a moving wall, and pins in memory."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        draw_wall(clip)
        box.copy_in(clip, CLIP)
    box.write("/etc/doorwatch/doorwatch.toml", SETTINGS)


def lay(box: Box, bundle: Path) -> str:
    """Unpack a bundle in a booted box in place of the last; gives its installer."""
    box.run(["rm", "-rf", "/root/bundle"])
    box.copy_in(bundle, "/root/bundle")
    return "/root/bundle/install.sh"


def install(box: Box, bundle: Path, *words: str) -> str:
    """Run the installer of a bundle in a booted box; gives what it said."""
    done = box.run([lay(box, bundle), *words], timeout_s=400)
    return done.stdout + done.stderr


def found_hub(box: Box, venue: str, host: str = "127.0.0.1") -> None:
    """Found a consortium with one venue on an installed hub, and start it."""
    box.write("/root/phrase", f"{PHRASE}\n", 0o600)
    phrase = "--passphrase-file /root/phrase"
    box.run(f"doorwatch-hub init --name Town --host {host} --officers /root/officers {phrase}")
    box.run(f"doorwatch-hub venue key /root/venue.key {phrase}")
    signed = "--officer /root/officers/officer-1.key --officer /root/officers/officer-2.key"
    box.run(f"doorwatch-hub venue add '{venue}' --key /root/venue.key {signed} {phrase}")
    box.run("systemctl restart doorwatch-hub doorwatch-hub-web")


def in_force(box: Box) -> str:
    """Name the version in force, without its digest."""
    return box.said("readlink /opt/doorwatch/current").removeprefix("versions/").rpartition("-")[0]


def wait_until_screening(box: Box, within_s: float = 60.0) -> float:
    """Wait until the engine says that it screens; gives the seconds it took."""
    began = time.monotonic()
    ask = "systemctl show --property=StatusText --value doorwatch-engine"
    while not box.said(ask).startswith("screening"):
        if time.monotonic() - began > within_s:
            raise BoxError(f"the engine does not screen:\n{box.journal()[-4000:]}")
        time.sleep(0.3)
    return time.monotonic() - began


def draw_wall(clip: Path) -> None:
    """Make a clip of a wall that moves past the camera, with nobody before it."""
    random = np.random.default_rng(5)
    coarse = random.integers(0, 255, (60, 160, 3), dtype=np.uint8)
    wall = cv2.resize(coarse, (2560, 960), interpolation=cv2.INTER_CUBIC)
    video = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"mp4v"), 10, (640, 480))
    for number in range(100):
        noise = random.integers(0, 4, (480, 640, 3), dtype=np.uint8)
        left = 8 * number
        video.write(cv2.add(np.ascontiguousarray(wall[200:680, left : left + 640]), noise))
    video.release()


def sign_off(bundle: Path) -> None:
    """Write the digests anew, as bundle.sh does."""
    files = sorted(path for path in bundle.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  ./{path.relative_to(bundle)}\n"
        for path in files
        if not path.name.startswith("SHA256SUMS")
    ]
    (bundle / "SHA256SUMS").write_text("".join(lines))


def _run(command: list[str], environ: dict[str, str] | None = None) -> str:
    around = {"PATH": "/usr/local/bin:/usr/bin:/bin", "BIN": f"{sys.prefix}/bin", **(environ or {})}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **around}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BoxError(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
    return done.stdout
