"""Divides a gallery's key into three shares, anew with each staff token, and puts it back.

The data key is replaced each time, so an old token opens nothing any more, not even together with
an old copy of the card. Cut short anywhere, the gallery opens as before or as afterwards: first
both keys open it, then the shares are written, then the old key goes.
"""

import contextlib
import secrets
import time
from collections.abc import Iterator

from edge.config import Config
from edge.errors import GalleryError, LinkError
from edge.gallery.keys import KEY_BYTES, KeyProvider
from edge.gallery.listfile import ListFile
from edge.gallery.rotation import rewrap, rotate
from edge.keys.pairs import Share, wrapped
from edge.keys.place import one_at_a_time
from edge.keys.shares import SharedKeys, gallery_keys
from edge.keys.token import new_token, token_text
from edge.link import Link
from edge.places import Places
from edge.syncing.identity import IdentityFolder
from edge.syncing.sharekeeper import share_of_hub


def make_token(settings: Config, places: Places, device: KeyProvider, old: str = "") -> str:
    """Let any two of device, hub and a new staff token open the gallery; gives the token's code.

    Args:
        settings: The unit's configuration.
        places: The unit's files.
        device: Gives the device's key.
        old: The code of the token before, where the hub's share alone does not open.

    Raises:
        ConsortiumError: The unit has not joined.
        TransportError: The hub cannot be reached: nothing was changed.
        Refused: By the hub.
        GalleryError: The gallery cannot be opened, or the disk does not write.
        KeyProviderError: Another command changes keys just now, or these shares do not open.
    """
    with one_at_a_time(places.state):
        return _made(settings, places, device, old)


def _made(settings: Config, places: Places, device: KeyProvider, old: str) -> str:
    folder = IdentityFolder(places.unit, device)
    identity, released = folder.load(), share_of_hub(settings, folder)
    keys = gallery_keys(settings, places, device)
    if old:
        keys.take_token(old)
    elif keys.waits:
        keys.take_hub_share(released.share, released.now_ms)
    token, kek = new_token(), secrets.token_bytes(KEY_BYTES)
    shares = {Share.DEVICE: device.kek(), Share.HUB: released.share, Share.TOKEN: token}
    with _opened(places, keys) as file:
        rewrap(file, [keys.kek(), kek])
        keys.write(wrapped(kek, shares, identity.unit_id), kek)
        keys.take_hub_share(released.share, released.now_ms)
        _tell(places, kek)
        rotate(file, [kek])
    return token_text(Share.TOKEN, token)


def remove_token(settings: Config, places: Places, device: KeyProvider, old: str = "") -> None:
    """Let the device's key alone open the gallery again; see ``make_token``."""
    with one_at_a_time(places.state):
        _removed(settings, places, device, old)


def _removed(settings: Config, places: Places, device: KeyProvider, old: str) -> None:
    keys = gallery_keys(settings, places, device)
    if not keys.shared:
        raise GalleryError("the device's key alone opens this gallery already: nothing was changed")
    if old:
        keys.take_token(old)
    kek = device.kek()
    with _opened(places, keys) as file:
        rewrap(file, [keys.kek(), kek])
        keys.forget()
        rotate(file, [kek])


@contextlib.contextmanager
def _opened(places: Places, keys: SharedKeys) -> Iterator[ListFile]:
    with contextlib.closing(ListFile(places.gallery, keys, time.time(), 0.0)) as file:
        yield file


def _tell(places: Places, kek: bytes) -> None:
    """Give the new key to the processes that have the gallery open, where they run."""
    for socket in (places.engine_socket, places.sync_socket):
        with contextlib.suppress(LinkError):
            Link(socket).open_with(kek)
