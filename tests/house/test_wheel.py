"""What pip installs: the networks, the page's files, and nothing that collides."""

import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

OURS = {"edge", "sync"}
YARDSTICK = {f"edge/vision/models/embed-float.{ending}" for ending in ("tflite", "toml")}
"""What int8 is made of, and shows its cost; no unit runs it."""


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    built = subprocess.run([*pip, str(root)], capture_output=True, text=True, check=False)
    if "Could not find a version" in built.stderr or "No matching distribution" in built.stderr:
        pytest.skip("the package registry, where the build tool comes from, cannot be reached")
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_every_file_that_is_no_code(wheel: zipfile.ZipFile, root: Path) -> None:
    packed = set(wheel.namelist())
    for pattern in (
        "edge/**/*.tflite",
        "edge/**/*.toml",
        "edge/vision/models/embed-spread.npz",
        "edge/vision/models/embed-crowd.npz",
        "edge/staff/templates/*",
        "edge/staff/static/*",
        "sync/*.conf",
        "sync/hub/web/templates/**/*",
        "sync/hub/web/static/*",
        "sync/hub/**/*.toml",
    ):
        files = {path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file()}
        assert files, pattern
        assert files - YARDSTICK <= packed
    assert not YARDSTICK & packed


def test_the_wheel_holds_two_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == OURS


def test_no_other_package_installs_a_module_of_our_names() -> None:
    owners = packages_distributions()
    for name in OURS:
        assert set(owners.get(name, ["doorwatch"])) == {"doorwatch"}


def test_the_wheel_carries_the_licence(wheel: zipfile.ZipFile) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
