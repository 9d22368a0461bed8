"""A key that systemd keeps: as a service finds it, and as a command of root opens it."""

import stat
from pathlib import Path

import pytest

from edge.errors import KeyProviderError
from edge.keys.credential import Credential

KEY = bytes(range(32))

STAND_IN = """#!/bin/sh
# systemd-creds on a machine without its secret: "seals" by reversing.
set -eu
verb= name=
for word in "$@"; do
  case $word in
    --name=*) name=${word#--name=} ;;
    encrypt | decrypt) verb=$word ;;
  esac
done
case $verb in
  encrypt) echo "$name"; rev ;;
  decrypt) for word in "$@"; do case $word in /*) file=$word ;; esac; done
    test "$(head -n 1 "$file")" = "$name" || { echo "names do not match" >&2; exit 1; }
    tail -n +2 "$file" | rev ;;
esac
"""


@pytest.fixture
def creds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for systemd-creds, and where it seals to."""
    program = tmp_path / "bin" / "systemd-creds"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return tmp_path / "credstore.encrypted" / "gallery.key"


def given(folder: Path, content: str = KEY.hex() + "\n") -> dict[str, str]:
    """What systemd gives a service: a folder that only it can read."""
    folder.mkdir()
    (folder / "gallery.key").write_text(content)
    (folder / "gallery.key").chmod(0o440)  # the group's bits are the mask of an access list
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_a_service_finds_the_key_that_systemd_opened(tmp_path: Path) -> None:
    environ = given(tmp_path / "credentials")
    credential = Credential(tmp_path / "nowhere", environ=environ)
    assert credential.there
    assert credential.kek() == credential.provision() == KEY


def test_what_systemd_gives_and_is_no_key_is_refused(tmp_path: Path) -> None:
    credential = Credential(tmp_path / "no", environ=given(tmp_path / "c", "not a key"))
    with pytest.raises(KeyProviderError, match="does not hold a key"):
        credential.kek()


def test_without_any_credential_there_is_none(tmp_path: Path) -> None:
    assert not Credential(tmp_path / "nowhere", environ={}).there
    empty = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert not Credential(tmp_path / "nowhere", environ=empty).there


def test_a_command_of_root_seals_a_fresh_key_once_and_opens_it(creds: Path) -> None:
    key = Credential(creds, environ={}).provision()
    assert len(key) == 32
    assert Credential(creds, environ={}).provision() == Credential(creds, environ={}).kek() == key
    assert key.hex() not in creds.read_text()
    assert stat.S_IMODE(creds.stat().st_mode) == 0o600
    assert stat.S_IMODE(creds.parent.stat().st_mode) == 0o700


def test_what_does_not_open_is_one_line_with_the_reason(creds: Path) -> None:
    Credential(creds, environ={}).provision()
    with pytest.raises(KeyProviderError, match=r"gives no key \(names do not match\): be root"):
        Credential(creds, "hub.key", environ={}).kek()


def test_a_machine_without_systemd_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KeyProviderError, match="systemd-creds is not on this machine"):
        Credential(tmp_path / "sealed", environ={}).provision()


def test_a_program_that_never_ends_is_given_up(
    creds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.keys.program.PATIENCE_S", 0.1)
    (creds.parents[1] / "bin" / "systemd-creds").write_text("#!/bin/sh\nexec sleep 9\n")
    with pytest.raises(KeyProviderError, match="timed out"):
        Credential(creds, environ={}).kek()


def test_who_has_no_tpm_is_told_how_to_seal_without(tmp_path: Path, creds: Path) -> None:
    (tmp_path / "bin" / "systemd-creds").write_text("#!/bin/sh\necho no TPM2 support >&2\nexit 1\n")
    with pytest.raises(KeyProviderError, match=r"no TPM2 support.*--bound-to auto"):
        Credential(creds, environ={}, options=("--with-key=tpm2",)).provision()
