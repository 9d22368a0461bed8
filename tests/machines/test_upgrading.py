"""An installed unit takes a bundle from whom it knows, and runs nothing of any other."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from machines import results
from machines.box import Box
from machines.installing import altered, in_force, numbered, sign_off, wait_until_screening

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

SIGNERS = "/etc/doorwatch/allowed_signers"
TOUCHED = (
    "find /etc /usr/local /opt -path '*/lib/python3*' -prune -o -type l -printf '%p %l\\n' "
    "-o -type f -exec sha256sum {} + | sort"
)
"""Lists what an upgrade touches, but for the packages in a version."""

Alteration = Callable[[Path], None]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the maker's key, and somebody else's."""
    folder = tmp_path_factory.mktemp("keys")
    both = folder / "maker", folder / "stranger"
    for file in both:
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)]
        subprocess.run(made, check=True)
    return both


@pytest.fixture
def unit(installed: Box, keys: tuple[Path, Path]) -> Box:
    """Give a unit of version 0.1.0 that knows the maker of its bundles."""
    installed.boot()
    installed.write(SIGNERS, f"doorwatch {keys[0].with_suffix('.pub').read_text()}")
    return installed


def sign(bundle: Path, key: Path) -> None:
    """Sign a bundle as bundle.sh does."""
    sums = bundle / "SHA256SUMS"
    sums.with_suffix(".sig").unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "doorwatch", str(sums)]
    subprocess.run(command, check=True, capture_output=True)


def carry(box: Box, bundle: Path) -> str:
    """Pack a bundle as it is, and carry it into a booted box; gives where it lies."""
    inside = "/root/doorwatch.tar"
    packed = ["tar", "-C", str(bundle.parent), "-cf", str(box.path(inside)), bundle.name]
    subprocess.run(packed, check=True)
    return inside


def light(bundle: Path, folder: Path, number: str = "0.2.0") -> Path:
    """Make a bundle whose installer tells that it was run, without the packages of others."""
    made = folder / f"doorwatch-{number}"
    shutil.rmtree(made, ignore_errors=True)
    (made / "wheels").mkdir(parents=True)
    (wheel,) = (bundle / "wheels").glob("doorwatch-*.whl")
    shutil.copy(wheel, made / "wheels" / f"doorwatch-{number}-py3-none-any.whl")
    (made / "install.sh").write_text("#!/bin/sh\ntouch /root/ran\n")
    sign_off(made)
    return made


def append(name: str) -> Alteration:
    def altering(bundle: Path) -> None:
        (file,) = bundle.glob(name)
        with file.open("ab") as content:
            content.write(b"# and more\n")

    return altering


def one_more(bundle: Path) -> None:
    shutil.copy(bundle / "install.sh", bundle / "wheels" / "pip-99-py3-none-any.whl")


def linked(bundle: Path) -> None:
    (bundle / "constraints.txt").symlink_to("/etc/shadow")


def test_a_bundle_that_was_altered_or_is_of_a_stranger_changes_nothing(
    unit: Box, bundle: Path, tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    maker, stranger = keys
    before = unit.said(TOUCHED)
    cases: list[tuple[Path | None, str, Alteration, str]] = [
        (maker, "0.2.0", append("install.sh"), "missing or altered"),
        (maker, "0.2.0", append("wheels/doorwatch-*.whl"), "missing or altered"),
        (maker, "0.2.0", append("SHA256SUMS"), "not signed by anybody"),
        (maker, "0.2.0", one_more, "not of it"),
        (maker, "0.2.0", linked, "is no bundle"),
        (stranger, "0.2.0", lambda _: None, "not signed by anybody"),
        (None, "0.2.0", lambda _: None, "is not signed, and"),
        (maker, "0.0.9", lambda _: None, "0.0.9 is older than 0.1.0"),
    ]
    for key, number, alter, words in cases:
        made = light(bundle, tmp_path, number)
        if key is not None:
            sign(made, key)
        alter(made)
        done = unit.run(["doorwatch", "upgrade", carry(unit, made)], check=False)
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stdout == ""
        assert not unit.path("/root/ran").exists()
    assert unit.said(TOUCHED) == before
    results.keep("box", "upgrade-refused", bundles=len(cases), run=0)

    meant = light(bundle, tmp_path, "0.0.9")
    sign(meant, maker)
    unit.run(["doorwatch", "upgrade", "--older", carry(unit, meant)])
    assert unit.path("/root/ran").exists()


def test_a_bundle_of_the_maker_is_put_into_force_and_proves_itself(
    unit: Box, bundle: Path, keys: tuple[Path, Path]
) -> None:
    wait_until_screening(unit)
    with altered(bundle, numbered("0.2.0")) as newer:
        sign(newer, keys[0])
        file = carry(unit, newer)
    began = time.monotonic()
    said = unit.run(["doorwatch", "upgrade", file], timeout_s=400).stdout
    assert f"signed by somebody in {SIGNERS}" in said
    assert "0.2.0" in said
    assert "in force and works" in said
    assert in_force(unit) == "0.2.0"
    assert not unit.path("/opt/doorwatch/.upgrade").exists()
    wait_until_screening(unit)
    results.keep("box", "upgrade-good", seconds=round(time.monotonic() - began, 1))
