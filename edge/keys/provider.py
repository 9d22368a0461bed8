"""Which way this unit's key comes: as the configuration says, or from the first place it lies in.

Every process of the unit makes one provider and keeps it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self

from edge.config import Config
from edge.gallery.keys import KeyProvider
from edge.keys.credential import Credential
from edge.keys.file import KeyFile
from edge.keys.passphrase import PassphraseKey
from edge.keys.tpm import TpmKey
from edge.places import Places


class KeptKey(KeyProvider, Protocol):
    """A key provider that can tell whether it has a key.

    Attributes:
        path: Where it lies, open or closed.
    """

    path: Path

    @property
    def there(self) -> bool:
        """Whether there is a key."""
        ...

    def at(self, path: Path) -> Self:
        """Make the same for a key at another place."""
        ...


class FoundKey:
    """The key from the first place where there is one; a new one is made in the last."""

    def __init__(self, places: Sequence[KeptKey]) -> None:
        """Look into ``places`` in this order, whenever a key is asked for."""
        self._places = places

    @property
    def found(self) -> KeptKey:
        """The place that the key comes from."""
        return next((one for one in self._places if one.there), self._places[-1])

    def kek(self) -> bytes:
        """Give the key. Raises: KeyProviderError."""
        return self.found.kek()

    def provision(self) -> bytes:
        """Give the key, or make one. Raises: KeyProviderError."""
        return self.found.provision()


def key_provider(
    settings: Config, places: Places, environ: Mapping[str, str] | None = None
) -> KeyProvider:
    """Make what gives this unit its key; nothing is read or made yet.

    Args:
        settings: Names the way, or leaves it open.
        places: Where the unit keeps things.
        environ: The environment; the process's own by default.
    """
    ways = kept_keys(settings, places, environ)
    named = settings.keys.provider
    return FoundKey(list(ways.values())) if named == "auto" else ways[named]


def kept_keys(
    settings: Config, places: Places, environ: Mapping[str, str] | None = None
) -> dict[str, KeptKey]:
    """Give every way by its name, in the order in which the unit looks for a key."""
    passphrase = settings.keys.passphrase_file
    return {
        "credential": Credential(places.credential, environ=environ),
        "tpm": TpmKey(places.state / "gallery.tpm"),
        "passphrase": PassphraseKey(
            places.state / "gallery.passphrase", Path(passphrase) if passphrase else None
        ),
        "file": KeyFile(places.key_file),
    }
