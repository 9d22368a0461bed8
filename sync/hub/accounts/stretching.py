"""A password becomes two keys: one tells that it is right, the other opens the venue's key.

Argon2id (RFC 9106), then HKDF-SHA256 (RFC 5869) for each half. The hub keeps the first half and
never the second, so that what it holds on its disk, sealed or not, opens no venue's key. ASVS
2.4.1, 2.4.4.
"""

import secrets
import unicodedata
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from msgspec import Struct

from sync.seal import KEY_SIZE, derived

SALT_SIZE = 16


class Costs(Struct, frozen=True, array_like=True):
    """What one guess costs.

    Attributes:
        passes: Over the memory.
        kibibytes: Of memory.
        lanes: Computed at the same time.
    """

    passes: int = 3
    kibibytes: int = 65_536
    lanes: int = 1


STRONG = Costs()
"""64 MiB and 3 passes, about 0.15 s of one core; three times what OWASP asks for at least."""


class Recipe(Struct, frozen=True, array_like=True):
    """How a password was stretched.

    Attributes:
        salt: 16 random bytes.
        costs: Of one guess.
    """

    salt: bytes
    costs: Costs


@dataclass(frozen=True, slots=True, repr=False)
class Stretched:
    """What a password became.

    Attributes:
        recipe: How.
        verifier: Tells that the password is right, 32 bytes; kept.
        opener: Opens what is closed by the password, 32 bytes; never kept.
    """

    recipe: Recipe
    verifier: bytes
    opener: bytes


def stretched(password: str, recipe: Recipe) -> Stretched:
    """Stretch a password; takes its time and memory on purpose, so call it on a thread.

    Two ways to type the same character are the same password (ASVS 2.1.4).
    """
    secret = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    costs = recipe.costs
    key = hash_secret_raw(
        secret, recipe.salt, costs.passes, costs.kibibytes, costs.lanes, KEY_SIZE, Type.ID
    )
    return Stretched(recipe, derived(key, "password verifier"), derived(key, "password opener"))


def fresh_recipe(costs: Costs) -> Recipe:
    """Make the recipe of a new password."""
    return Recipe(secrets.token_bytes(SALT_SIZE), costs)
