"""The key sealed by a TPM 2.0: the file on the card is of no use away from this chip.

The chip gives the key to whoever has the whole unit and starts it. On its way between chip and
processor it is encrypted, so that a probe on the bus reads nothing (a chip put in between that
answers in the TPM's place is another matter). Needs tpm2-tools; ``TPM2TOOLS_TCTI`` names the way
to the chip where it is not the usual one.
"""

import base64
import binascii
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from edge.errors import KeyProviderError
from edge.gallery.keys import KEY_BYTES
from edge.keys.place import write_once
from edge.keys.program import output_of

_TITLE = "doorwatch tpm key 1"
_LONGEST = 4_096
_RAM = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there, closed to others
_ADVICE = (
    "see that the TPM is there (/dev/tpmrm0), that it is the one that sealed the key, and that "
    "this user is in the group tss"
)


class TpmKey:
    """A key that this machine's TPM opens."""

    def __init__(self, path: Path) -> None:
        """Take the key from what the TPM sealed into ``path``; nothing is read or made yet."""
        self.path = path
        self._key = b""

    def at(self, path: Path) -> Self:
        """Make the same for a key at another place."""
        return type(self)(path)

    @property
    def there(self) -> bool:
        """Whether the file exists."""
        return os.path.lexists(self.path)

    def kek(self) -> bytes:
        """Have the TPM open the key, once for this process.

        Raises:
            KeyProviderError: The file is missing or damaged, or this TPM does not open it.
        """
        if not self._key:
            public, private = self._read()
            with _conversation() as folder:
                (folder / "key.pub").write_bytes(public)
                (folder / "key.priv").write_bytes(private)
                key = _unsealed(folder)
            if len(key) != KEY_BYTES:
                raise self._damaged()
            self._key = key
        return self._key

    def provision(self) -> bytes:
        """Have the TPM open the key, or seal a fresh one where there is none yet.

        Raises:
            KeyProviderError: As ``kek``; or it cannot be sealed.
        """
        if not self.there:
            with _conversation() as folder:
                write_once(self.path, _text(*_sealed(folder, secrets.token_bytes(KEY_BYTES))))
        return self.kek()

    def _read(self) -> tuple[bytes, bytes]:
        """Give the public and the sealed half."""
        try:
            with self.path.open("rb") as file:
                content = file.read(_LONGEST)
        except OSError as error:
            raise KeyProviderError(
                f"cannot read the TPM's key file {self.path}: {error.strerror}"
            ) from error
        try:
            title, public, private, _ = content.decode("ascii").split("\n")
            halves = (base64.b64decode(public, validate=True), base64.b64decode(private))
        except (ValueError, binascii.Error):
            raise self._damaged() from None
        if title != _TITLE:
            raise self._damaged()
        return halves

    def _damaged(self) -> KeyProviderError:
        return KeyProviderError(
            f"{self.path} is no key that a TPM sealed, or is damaged: put it back from your copy"
        )


@contextmanager
def _conversation() -> Iterator[Path]:
    """Make the TPM's primary key and an encrypted session; the block works in their folder."""
    with tempfile.TemporaryDirectory(dir=_RAM if _RAM.is_dir() else None) as name:
        folder = Path(name)
        primary, session = str(folder / "primary"), str(folder / "session")
        _tpm("createprimary", "-Q", "-C", "o", "-g", "sha256", "-G", "ecc", "-c", primary)
        _tpm("startauthsession", "--hmac-session", "-c", primary, "-S", session)
        try:
            _tpm("sessionconfig", session, "--enable-decrypt", "--enable-encrypt")
            yield folder
        finally:
            with suppress(KeyProviderError):  # a session that stays is gone with the next boot
                _tpm("flushcontext", session)


def _sealed(folder: Path, key: bytes) -> tuple[bytes, bytes]:
    """Have the TPM seal a key; the public and the sealed half."""
    public, private = folder / "key.pub", folder / "key.priv"
    halves = ("-u", str(public), "-r", str(private))
    asked = ("-C", str(folder / "primary"), "-P", f"session:{folder / 'session'}", "-g", "sha256")
    _tpm("create", "-Q", *asked, *halves, "-i", "-", given=key)
    return public.read_bytes(), private.read_bytes()


def _unsealed(folder: Path) -> bytes:
    """Have the TPM open the halves that lie in the folder."""
    halves = ("-u", str(folder / "key.pub"), "-r", str(folder / "key.priv"))
    loaded = str(folder / "loaded")
    _tpm("load", "-Q", "-C", str(folder / "primary"), *halves, "-c", loaded)
    return _tpm("unseal", "-c", loaded, "-p", f"session:{folder / 'session'}")


def _tpm(verb: str, *words: str, given: bytes = b"") -> bytes:
    """Run one of the TPM's tools, and leave the chip's few places free for the next."""
    said = output_of([f"tpm2_{verb}", *words], given, _ADVICE)
    if verb != "flushcontext":
        # A resource manager does this by itself; a TPM that is reached without one does not.
        output_of(["tpm2_flushcontext", "-t"], b"", _ADVICE)
    return said


def _text(public: bytes, private: bytes) -> bytes:
    lines = (_TITLE, base64.b64encode(public).decode(), base64.b64encode(private).decode(), "")
    return "\n".join(lines).encode()
