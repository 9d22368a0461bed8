"""What a server of pages shows to browsers."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """A certificate and its key.

    Attributes:
        certificate: PEM, with the chain.
        key: PEM.
        password: What opens the key; None for a key in plain.
    """

    certificate: Path
    key: Path
    password: str | None = None
