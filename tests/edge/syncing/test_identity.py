"""Who a unit is, at rest: sealed, whole or not at all, for one process at a time."""

import threading
import time
from pathlib import Path

import pytest

from edge.errors import ConsortiumError, KeyProviderError
from edge.keys.file import KeyFile
from edge.syncing import identity as module
from edge.syncing.identity import Draft, Identity, IdentityFolder, new_password
from sync.authority import Authority, new_key, request
from sync.seal import BoxKey, SigningKey

PASSWORD = b"never typed"
DRAFT = Draft(bytes(range(32)), bytes(range(96)), new_key(PASSWORD), PASSWORD, b"invitation")
IDENTITY = Identity(
    list_id="ab" * 16,
    unit_id="12" * 8,
    name="Door",
    venue_id="34" * 8,
    venue="The Anchor",
    mailbox="56" * 8,
    host="localhost",
    port=8883,
    signing_seed=DRAFT.signing_seed,
    box_seed=DRAFT.box_seed,
    tls_password=PASSWORD,
)


@pytest.fixture
def folder(tmp_path: Path) -> IdentityFolder:
    return IdentityFolder(tmp_path / "unit", KeyFile(tmp_path / "gallery.key"))


@pytest.fixture
def member(folder: IdentityFolder, tmp_path: Path) -> IdentityFolder:
    authority = Authority.create(tmp_path / "ca", None, 1_800_000_000_000)
    wanted = request(DRAFT.tls_key, PASSWORD)
    certificate = authority.issue_client(wanted, IDENTITY.mailbox, 1_800_000_000_000)
    folder.draft(DRAFT)
    folder.keep(IDENTITY, DRAFT, certificate, authority.certificate)
    return folder


def test_a_unit_that_has_not_joined_is_told_how_to(folder: IdentityFolder) -> None:
    assert not folder.joined
    assert folder.written is None
    with pytest.raises(ConsortiumError, match="doorwatch join"):
        folder.load()


def test_an_identity_comes_back_with_keys_and_certificates(member: IdentityFolder) -> None:
    assert member.joined
    assert member.load() == IDENTITY
    keys = member.load().keys()
    assert keys.signer.public == SigningKey(DRAFT.signing_seed).public
    assert isinstance(keys.box, BoxKey)
    member.tls(IDENTITY).context()


def test_keys_are_kept_until_joining_is_complete_and_for_their_own_invitation(
    folder: IdentityFolder, tmp_path: Path
) -> None:
    assert folder.drafted(b"invitation") is None
    folder.draft(DRAFT)
    assert folder.drafted(b"invitation") == DRAFT
    assert folder.drafted(b"another") is None


def test_files_of_a_former_membership_go(member: IdentityFolder, tmp_path: Path) -> None:
    names = {path.name for path in (tmp_path / "unit").iterdir()}
    assert names == {"identity", *(f"{IDENTITY.mailbox}.{end}" for end in ("ca", "crt", "key"))}
    (tmp_path / "unit" / ("99" * 8 + ".key")).touch()
    member.keep(IDENTITY, DRAFT, b"certificate", b"authority")
    assert not (tmp_path / "unit" / ("99" * 8 + ".key")).exists()


def test_no_file_is_open_to_others_and_no_secret_in_any(
    member: IdentityFolder, tmp_path: Path
) -> None:
    for path in (tmp_path / "unit").iterdir():
        assert path.stat().st_mode & 0o077 == 0
        content = path.read_bytes()
        for secret in (DRAFT.signing_seed, DRAFT.box_seed[:32], PASSWORD):
            assert secret not in content


def test_an_identity_with_any_byte_changed_is_refused(
    member: IdentityFolder, tmp_path: Path
) -> None:
    file = tmp_path / "unit" / "identity"
    content = file.read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1 << at % 8
        file.write_bytes(bytes(changed))
        with pytest.raises(ConsortiumError, match="does not open"):
            member.load()


def test_a_draft_is_no_identity(member: IdentityFolder, tmp_path: Path) -> None:
    member.draft(DRAFT)
    (tmp_path / "unit" / "draft").replace(tmp_path / "unit" / "identity")
    with pytest.raises(ConsortiumError):
        member.load()


def test_another_key_opens_nothing_and_a_lost_one_is_told(
    member: IdentityFolder, tmp_path: Path
) -> None:
    other = IdentityFolder(tmp_path / "unit", KeyFile(tmp_path / "other.key"))
    with pytest.raises(KeyProviderError, match=r"other\.key is missing"):
        other.load()
    KeyFile(tmp_path / "other.key").provision()
    with pytest.raises(ConsortiumError, match="does not open"):
        other.load()


def test_what_is_written_changes_with_each_joining(member: IdentityFolder) -> None:
    first = member.written
    assert first == member.written
    member.keep(IDENTITY, DRAFT, b"certificate", b"authority")
    assert member.written not in {first, None}
    member.resign()
    member.resign()
    assert member.written is None


def test_one_process_at_a_time_works_for_a_unit(
    folder: IdentityFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    with folder.alone(), pytest.raises(ConsortiumError, match="at work"), folder.alone():
        pass
    with folder.alone():
        pass


def test_the_next_process_waits_for_the_one_before(folder: IdentityFolder) -> None:
    entered, left = threading.Event(), threading.Event()

    def work() -> None:
        with folder.alone():
            entered.set()
            time.sleep(0.3)
            left.set()

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(5)
    with folder.alone():
        assert left.is_set()
    thread.join()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = IdentityFolder(tmp_path / "file" / "unit", KeyFile(tmp_path / "key"))
    with pytest.raises(ConsortiumError, match="cannot write who this unit is"):
        folder.draft(DRAFT)
    with pytest.raises(ConsortiumError, match="cannot write"), folder.alone():
        pass


def test_no_two_passwords_are_alike() -> None:
    assert new_password() != new_password()
