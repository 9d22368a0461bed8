"""What opens a gallery: a key of 32 bytes, from wherever the unit keeps it.

The key that a provider gives (the KEK) opens nothing but the gallery's data key and the unit's
identity. Where it comes from is the matter of :mod:`edge.keys`; the gallery knows two methods.
"""

from typing import Protocol

KEY_BYTES = 32
"""Length of a KEK and of every key made from it: AES-256."""


class KeyProvider(Protocol):
    """Gives the key-encryption key of one gallery."""

    def kek(self) -> bytes:
        """Give the key, 32 bytes.

        Raises:
            KeyProviderError: There is none, or it must not be used.
        """
        ...

    def provision(self) -> bytes:
        """Give the key for a gallery that is new: the one there is, else a fresh one.

        Raises:
            KeyProviderError: There is none and none can be made.
        """
        ...
