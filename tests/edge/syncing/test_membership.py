"""Becoming a member: cut off anywhere, it can be gone on with by the same invitation."""

from pathlib import Path

import pytest

from edge.config import Config
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from edge.places import Places
from edge.syncing import membership
from edge.syncing.identity import IdentityFolder
from edge.syncing.membership import become_member
from simulator.shelf_samples import LIST_ID, NOW_MS, VENUE, root, trusted
from sync import seal
from sync.errors import TransportError
from sync.invitation import Invitation
from sync.joining import Joined
from sync.statement.keybox import KeyBox
from sync.statement.membership import Registration

UNIT = "12" * 8
INVITATION = Invitation(
    bytes.fromhex(UNIT), "localhost", 8884, bytes(32), bytes(32), bytes(16), NOW_MS
)


class Hub:
    """A hub that is asked over a line that may break."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.breaks = False

    def join(
        self, invitation: Invitation, request: bytes, signer: seal.SigningKey, box: seal.BoxKey
    ) -> Joined:
        self.asked.append(signer.public + box.public + request[:40])
        if self.breaks:
            raise TransportError("the connection failed")
        told = Registration(UNIT, VENUE, "Door", signer.public, box.public, "56" * 8)
        made = KeyBox(LIST_ID, UNIT, 1, seal.SUITE, bytes(32), NOW_MS)
        keyring = trusted().keyrings[0]
        return Joined(
            b"ca", b"crt", "localhost", 8883, "The Blue Note", told, root(), made, keyring
        )


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    made = Hub()
    monkeypatch.setattr(membership, "join", made.join)
    return made


@pytest.fixture
def places(tmp_path: Path) -> Places:
    text = f"[paths]\nstate = '{tmp_path}/state'\n"
    made = Config.parse(text, tmp_path).places()
    made.prepare()
    return made


def folder_of(places: Places) -> IdentityFolder:
    return IdentityFolder(places.unit, KeyFile(places.key_file))


def test_a_member_believes_what_the_answer_held(hub: Hub, places: Places) -> None:
    provider = KeyFile(places.key_file)
    identity = become_member(INVITATION, places, provider)
    assert (identity.unit_id, identity.venue, identity.name) == (UNIT, "The Blue Note", "Door")
    assert folder_of(places).load() == identity
    with GalleryShelf.open(places.gallery, provider) as shelf:
        assert shelf.joined
        known = shelf.trusted()
        assert (known.root, known.box_ms, known.floor_ms) == (root(), NOW_MS, NOW_MS)
        assert known.keyrings == trusted().keyrings
        assert known.ledger.seq == 0
        assert shelf.time().trusted


def test_after_a_broken_line_the_same_keys_are_shown_again(hub: Hub, places: Places) -> None:
    hub.breaks = True
    for _ in range(2):
        with pytest.raises(TransportError):
            become_member(INVITATION, places, KeyFile(places.key_file))
    assert not folder_of(places).joined
    hub.breaks = False
    become_member(INVITATION, places, KeyFile(places.key_file))
    assert len(hub.asked) == 3
    assert len({keys[:32] for keys in hub.asked}) == 1
    assert len(set(hub.asked)) == 1


def test_a_failed_attempt_to_join_anew_leaves_the_member_as_it_was(
    hub: Hub, places: Places
) -> None:
    identity = become_member(INVITATION, places, KeyFile(places.key_file))
    hub.breaks = True
    with pytest.raises(TransportError):
        become_member(INVITATION, places, KeyFile(places.key_file))
    assert folder_of(places).load() == identity


def test_each_joining_makes_keys_of_its_own(hub: Hub, places: Places) -> None:
    for _ in range(2):
        become_member(INVITATION, places, KeyFile(places.key_file))
    assert len({keys[:32] for keys in hub.asked}) == 2


def test_cut_off_between_gallery_and_identity_it_can_be_gone_on_with(
    hub: Hub, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(IdentityFolder, "keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            become_member(INVITATION, places, KeyFile(places.key_file))
    assert not folder_of(places).joined
    become_member(INVITATION, places, KeyFile(places.key_file))
    assert folder_of(places).joined
    assert len({keys[:32] for keys in hub.asked}) == 1
