"""A key that a TPM seals: it opens on that chip, and nowhere else."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import KeyProviderError
from edge.keys.credential import Credential
from edge.keys.tpm import TpmKey
from software_tpm import recorded, software_tpm


@pytest.fixture
def chip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The way to a TPM, which is in the environment as well."""
    with software_tpm(tmp_path / "tpm") as way:
        monkeypatch.setenv("TPM2TOOLS_TCTI", way)
        yield way


def transient(way: str) -> str:
    """What lies in the chip's few places."""
    return subprocess.check_output(["tpm2_getcap", "-T", way, "handles-transient"], text=True)


def test_a_key_is_sealed_once_and_opens_on_its_chip_alone(
    tmp_path: Path, chip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gallery.tpm"
    key = TpmKey(path).provision()
    assert len(key) == 32
    for _ in range(2):  # with what making took, more than the three that a chip has room for
        assert TpmKey(path).provision() == key
    assert transient(chip) == ""
    assert key.hex() not in path.read_text()
    assert key not in path.read_bytes()
    with software_tpm(tmp_path / "another") as other:
        monkeypatch.setenv("TPM2TOOLS_TCTI", other)
        with pytest.raises(KeyProviderError, match="the one that sealed the key"):
            TpmKey(path).kek()


def test_what_goes_between_chip_and_processor_is_encrypted(
    tmp_path: Path, chip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recorded(chip) as (way, bus):
        monkeypatch.setenv("TPM2TOOLS_TCTI", way)
        key = TpmKey(tmp_path / "gallery.tpm").provision()
    assert len(bus) > 1000
    assert [one for one in range(25) if key[one : one + 8] in bus] == []
    with recorded(chip) as (way, bus):  # the same without a session: what the test has to find
        monkeypatch.setenv("TPM2TOOLS_TCTI", way)
        words = ["tpm2_hash", "-Q", "-C", "o", "-o", str(tmp_path / "digest")]
        subprocess.run(words, input=key, check=True)
    assert key in bus


def test_a_file_that_no_tpm_sealed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gallery.tpm"
    with pytest.raises(KeyProviderError, match="cannot read the TPM's key file"):
        TpmKey(path).kek()
    for content in (b"", b"\xff\n\n\n", b"doorwatch tpm key 2\nAA==\nAA==\n", b"a\nb"):
        path.write_bytes(content)
        with pytest.raises(KeyProviderError, match="no key that a TPM sealed"):
            TpmKey(path).kek()


def test_without_the_tools_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KeyProviderError, match="tpm2_createprimary is not on this machine"):
        TpmKey(tmp_path / "gallery.tpm").provision()


def test_systemd_seals_and_opens_a_credential_by_the_chip(tmp_path: Path, chip: str) -> None:
    if shutil.which("systemd-creds") is None:
        pytest.skip("systemd-creds is not on this machine: it needs systemd 250")
    options = ("--with-key=tpm2", f"--tpm2-device={chip}")
    path = tmp_path / "credstore" / "gallery.key"
    key = Credential(path, environ={}, options=options).provision()
    assert Credential(path, environ={}, options=options).kek() == key
    assert key.hex().encode() not in path.read_bytes()
    with pytest.raises(KeyProviderError, match="systemd-creds gives no key"):
        Credential(path, "another.key", environ={}, options=options).kek()
