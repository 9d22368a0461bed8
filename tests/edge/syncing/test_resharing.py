"""A gallery's key is divided, divided anew and put together: cut short anywhere, it opens."""

from collections.abc import Callable, Sequence
from contextlib import closing

import pytest

from edge.errors import ConsortiumError, GalleryError, KeyAwaitedError, KeyProviderError
from edge.gallery.keys import KeyProvider
from edge.gallery.listfile import ListFile
from edge.gallery.shelf import GalleryShelf
from edge.keys.pairs import Share
from edge.keys.shares import SharedKeys, gallery_keys
from edge.keys.token import token_text
from edge.link import LinkServer
from edge.questions import AnyQuestion, KeyQuestion
from edge.syncing import resharing
from edge.syncing.resharing import make_token, remove_token
from shared_member import Member, ShareHub
from simulator.shelf_samples import LIST_ID
from sync.errors import TransportError


def keys_of(member: Member) -> SharedKeys:
    """Start anew."""
    return gallery_keys(member.settings, member.places, member.device)


def opens(member: Member, keys: KeyProvider) -> bool:
    with GalleryShelf.open(member.places.gallery, keys) as shelf:
        return shelf.joined and not shelf.damaged()


def divided(member: Member, old: str = "") -> str:
    return make_token(member.settings, member.places, member.device, old)


def test_from_then_on_the_devices_key_alone_opens_nothing(member: Member, hub: ShareHub) -> None:
    code = divided(member)
    assert hub.asked == [("desk.example.org", 9000)]
    with pytest.raises(KeyProviderError):
        GalleryShelf.open(member.places.gallery, member.device)
    assert opens(member, keys_of(member))
    keys_of(member).forget_grace()
    with pytest.raises(KeyAwaitedError):
        GalleryShelf.open(member.places.gallery, keys_of(member))
    with_token = keys_of(member)
    with_token.take_token(code)
    assert opens(member, with_token)


def test_a_new_token_makes_the_one_before_worthless_even_with_an_old_card(
    member: Member, hub: ShareHub
) -> None:
    first = divided(member)
    old_pairs = member.places.pairs.read_bytes()
    second = divided(member)
    assert first != second
    keys = keys_of(member)
    keys.forget_grace()
    with pytest.raises(KeyProviderError, match="do not open"):
        keys.take_token(first)
    member.places.pairs.write_bytes(old_pairs)
    keys.take_token(first)  # opens the key of before
    with pytest.raises(KeyProviderError, match="does not open this gallery"):
        GalleryShelf.open(member.places.gallery, keys)


def test_without_the_hub_nothing_is_changed(member: Member, hub: ShareHub) -> None:
    hub.cut()
    with pytest.raises(TransportError):
        divided(member)
    assert not member.places.pairs.exists()
    assert opens(member, member.device)


def test_a_unit_that_has_not_joined_has_no_hub_to_ask(member: Member, hub: ShareHub) -> None:
    member.folder.resign()
    with pytest.raises(ConsortiumError, match="belongs to no consortium"):
        divided(member)


def test_when_the_hub_has_another_share_the_token_before_divides_anew(
    member: Member, hub: ShareHub
) -> None:
    code = divided(member)
    hub.share = bytes(32)
    keys = keys_of(member)
    keys.forget_grace()
    with pytest.raises(KeyProviderError, match="do not open this gallery"):
        keys.take_hub_share(hub.share, 0)
    with pytest.raises(KeyProviderError, match="do not open this gallery"):
        divided(member)
    assert divided(member, code) != code
    assert opens(member, keys_of(member))


def test_it_is_put_together_again(member: Member, hub: ShareHub) -> None:
    with pytest.raises(GalleryError, match="opens this gallery already"):
        remove_token(member.settings, member.places, member.device)
    code = divided(member)
    keys_of(member).forget_grace()
    remove_token(member.settings, member.places, member.device, code)
    assert opens(member, member.device)
    assert not member.places.pairs.exists()
    assert not member.places.grace.exists()


def test_the_processes_that_run_are_given_the_new_key(member: Member, hub: ShareHub) -> None:
    given: list[AnyQuestion] = []
    with (
        closing(LinkServer(member.places.engine_socket, given.append)),
        closing(LinkServer(member.places.sync_socket, given.append)),
    ):
        divided(member)
    kek = keys_of(member).kek()
    assert given == [KeyQuestion(kek)] * 2


class CutError(Exception):
    """The plug was pulled."""


def cut_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pull the plug before the given one of the steps that write."""
    left = [step]

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def stepped(*given: object, **named: object) -> object:
            if left[0] == 0:
                raise CutError
            left[0] -= 1
            return function(*given, **named)

        return stepped

    monkeypatch.setattr(resharing, "rewrap", counted(resharing.rewrap))
    monkeypatch.setattr(resharing, "rotate", counted(resharing.rotate))
    for name in ("write", "take_hub_share", "forget"):
        monkeypatch.setattr(SharedKeys, name, counted(getattr(SharedKeys, name)))


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("before", [False, True])
def test_cut_short_anywhere_it_opens_and_can_be_done_again(
    member: Member, hub: ShareHub, monkeypatch: pytest.MonkeyPatch, step: int, *, before: bool
) -> None:
    if before:
        divided(member)
    with monkeypatch.context() as patched:
        cut_at(step, patched)
        with pytest.raises(CutError):
            divided(member)
    keys = keys_of(member)
    if keys.waits:  # the hub gives its share at the next start
        keys.take_hub_share(hub.share, 0)
    assert opens(member, keys)
    divided(member)
    assert opens(member, keys_of(member))


def test_a_token_made_while_another_is_made_does_not_lock_the_list_for_good(
    member: Member, hub: ShareHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    rotate = resharing.rotate

    def rotated(file: ListFile, keks: Sequence[bytes]) -> object:
        monkeypatch.setattr(resharing, "rotate", rotate)
        try:
            divided(member)
        except KeyProviderError as refusal:
            refused.append(str(refusal))
        return rotate(file, keks)

    monkeypatch.setattr(resharing, "rotate", rotated)
    divided(member)
    assert opens(member, keys_of(member))
    assert "wait until it has ended" in refused[0]


@pytest.mark.parametrize("step", range(3))
def test_putting_it_together_cut_short_anywhere_it_opens(
    member: Member, hub: ShareHub, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    divided(member)
    with monkeypatch.context() as patched:
        cut_at(step, patched)
        with pytest.raises(CutError):
            remove_token(member.settings, member.places, member.device)
    assert opens(member, keys_of(member))


def test_an_open_gallery_goes_on_through_all_of_it(member: Member, hub: ShareHub) -> None:
    keys = keys_of(member)
    with GalleryShelf.open(member.places.gallery, keys) as shelf:
        divided(member)
        assert shelf.joined
        divided(member)
        assert shelf.joined
        remove_token(member.settings, member.places, member.device)
        assert shelf.joined


def test_where_the_devices_key_was_lost_hub_and_token_divide_anew(
    member: Member, hub: ShareHub
) -> None:
    both = f"{divided(member)} {token_text(Share.HUB, hub.share)}"
    member.places.key_file.unlink()
    member.device.provision()
    member.become(LIST_ID)  # by a new invitation
    keys_of(member).forget_grace()
    hub.share = bytes(32)
    assert divided(member, both)
    assert opens(member, keys_of(member))
