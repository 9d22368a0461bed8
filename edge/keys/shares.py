"""The gallery's key where it takes two of three shares: device, hub, staff token.

Whether a gallery is kept so is told by the file of its pairs (``doorwatch token make``); without
it the device's key opens the gallery, as on a unit of its own. With it the device's key alone
opens nothing but what the unit is: the second share comes from the hub, is kept for a while for
a start without the hub, or is typed in from the token.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from edge.config import Config
from edge.errors import KeyAwaitedError, KeyProviderError
from edge.gallery.keys import KeyProvider
from edge.keys.grace import Grace, GraceFile, remove_file, replace_file
from edge.keys.pairs import Pairs, Share, is_key_of, opened
from edge.keys.token import shares_of
from edge.places import Places

_LARGEST = 4_096


class SharedKeys:
    """Gives the key of one gallery, once two shares are here; safe to use from many threads.

    What a process was given it keeps until it ends.
    """

    def __init__(
        self,
        device: KeyProvider,
        files: tuple[Path, Path],
        grace_hours: float,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """Use the shares of one unit; nothing is read yet.

        Args:
            device: Gives the device's key.
            files: Where the pairs and the kept share of the hub lie.
            grace_hours: For how long the hub's share is kept; 0 for not at all.
            wall_ms: Tells the time, milliseconds since the epoch.
        """
        self._device, self._pairs_file = device, files[0]
        self._grace_file = GraceFile(files[1], device)
        self._grace_hours, self._wall_ms = grace_hours, wall_ms
        self._kek: bytes | None = None

    @property
    def shared(self) -> bool:
        """Whether it takes two shares to open the gallery."""
        return self._pairs_file.exists()

    @property
    def waits(self) -> bool:
        """Whether a second share is missing."""
        try:
            self.kek()
        except KeyAwaitedError:
            return True
        except KeyProviderError:
            return False
        return False

    def kek(self) -> bytes:
        """Give the key of the gallery.

        Raises:
            KeyAwaitedError: A second share has to come first.
            KeyProviderError: There is no device key, or the shares do not fit.
        """
        if not self.shared:
            return self._device.kek()
        pairs = self.pairs()
        held = self._kek
        if held is not None and is_key_of(pairs, held):
            return held
        grace = self.grace()
        if grace is None or grace.left_ms(self._wall_ms(), self._grace_hours) <= 0:
            raise KeyAwaitedError(_awaited(grace))
        return self._keep(self._opened(pairs, {Share.HUB: grace.share}))

    def provision(self) -> bytes:
        """Give the key for a gallery that is new.

        Raises:
            KeyAwaitedError: A second share has to come first.
            KeyProviderError: As ``kek``; or no key can be made.
        """
        return self.kek() if self.shared else self._device.provision()

    def pairs(self) -> Pairs:
        """Read how the key is wrapped.

        Raises:
            KeyProviderError: The file cannot be read, or is damaged.
        """
        try:
            with self._pairs_file.open("rb") as file:
                return msgspec.json.decode(file.read(_LARGEST), type=Pairs)
        except OSError as error:
            raise KeyProviderError(
                f"cannot read {self._pairs_file} ({error.strerror}): put it back from your copy"
            ) from error
        except msgspec.MsgspecError as error:
            raise KeyProviderError(
                f"{self._pairs_file} is damaged: put it back from your copy, or join again"
            ) from error

    def grace(self) -> Grace | None:
        """Give the hub's share that is kept here, be its grace over; None without one.

        Raises:
            KeyProviderError: There is no device key.
        """
        return self._grace_file.load()

    def take_key(self, kek: bytes) -> None:
        """Take the key from another process of this unit that has it.

        Raises:
            KeyProviderError: It is not the key of this gallery.
        """
        if not self.shared or not is_key_of(self.pairs(), kek):
            raise KeyProviderError("that is not the key of this gallery")
        self._keep(kek)

    def take_hub_share(self, share: bytes, heard_ms: int) -> None:
        """Open the gallery's key by the share that the hub gave, and keep the share for a while.

        Args:
            share: The hub's share.
            heard_ms: The hub's time, milliseconds since the epoch.

        Raises:
            KeyProviderError: It is not the share that this key was wrapped for.
            GalleryError: The disk does not write.
        """
        self._keep(self._opened(self.pairs(), {Share.HUB: share}))
        if self._grace_hours > 0:
            before = self.grace()
            floor_ms = before.floor_ms if before else 0
            self._grace_file.keep(Grace(share, heard_ms, max(heard_ms, floor_ms)))
        else:
            self.forget_grace()

    def take_token(self, text: str) -> bytes:
        """Open the gallery's key by the code of a share, or of two; nothing goes to the disk.

        Two codes, the staff token's and one that the hub told, do without the device's key.

        Raises:
            KeyProviderError: It is mistyped, or not the token of this unit.
        """
        return self._keep(self._opened(self.pairs(), shares_of(text)))

    def touch(self, now_ms: int, *, hub: bool) -> None:
        """Note how late it is, so that the grace ends when it should, and the share with it.

        Args:
            now_ms: How late it is at least, milliseconds since the epoch.
            hub: Whether the hub was heard just now: then the grace begins anew.

        Raises:
            KeyProviderError: There is no device key.
            GalleryError: The disk does not write.
        """
        if self._grace_hours <= 0:
            self.forget_grace()
        elif (kept := self.grace()) is not None:
            seen = kept.seen(now_ms, hub=hub)
            if seen.left_ms(now_ms, self._grace_hours) > 0:
                self._grace_file.keep(seen)
            else:
                self.forget_grace()

    def forget_grace(self) -> None:
        """Remove the share of the hub that is kept here."""
        self._grace_file.forget()

    def forget(self) -> None:
        """Remove all that the shares left here: the key is to open no more.

        Raises:
            GalleryError: The disk does not write.
        """
        self.forget_grace()
        remove_file(self._pairs_file)
        self._kek = None

    def write(self, pairs: Pairs, kek: bytes) -> None:
        """Wrap the key anew: from now on these shares count.

        Raises:
            GalleryError: The disk does not write.
        """
        replace_file(self._pairs_file, msgspec.json.format(msgspec.json.encode(pairs)))
        self._keep(kek)

    def _opened(self, pairs: Pairs, shares: Mapping[Share, bytes]) -> bytes:
        """Open the key by these shares, and the device's where they are not two."""
        own = {} if len(shares) > 1 else {Share.DEVICE: self._device.kek()}
        return opened(pairs, {**own, **shares})

    def _keep(self, kek: bytes) -> bytes:
        self._kek = kek
        return kek


def gallery_keys(settings: Config, places: Places, device: KeyProvider) -> SharedKeys:
    """Make what gives the key of a unit's gallery.

    Args:
        settings: The unit's configuration.
        places: The unit's files.
        device: Gives the device's key.
    """
    files = (places.pairs, places.grace)
    return SharedKeys(device, files, settings.keys.grace_hours)


def _awaited(grace: Grace | None) -> str:
    why = "the grace of the one that was kept is over" if grace else "none is kept here"
    return (
        f"waiting for the hub's share of the key ({why}): see to the network, or type the staff "
        "token in: doorwatch unlock"
    )
