"""The key as a systemd credential: closed on the disk, opened by systemd for one service.

The sealed file is bound to the TPM, or to the secret of this installation in
/var/lib/systemd/credential.secret; without a TPM both lie on the same card. systemd opens it for
a service by ``LoadCredentialEncrypted=gallery.key`` and lays it where only that service can read
it. A command that root types has no such folder and asks ``systemd-creds`` itself.
"""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from edge.errors import KeyProviderError
from edge.gallery.keys import KEY_BYTES
from edge.keys.file import key_of
from edge.keys.place import write_once
from edge.keys.program import output_of

_ADVICE = (
    "be root, and see that this is the machine (and TPM) on which it was sealed; deploy/keys.md"
)
_SEALING = (
    "be root; where there is no TPM, seal it to this installation (--bound-to auto); deploy/keys.md"
)
_LONGEST = 4 * KEY_BYTES


class Credential:
    """A key that systemd keeps."""

    def __init__(
        self,
        path: Path,
        name: str = "gallery.key",
        environ: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """Take the key from a credential; nothing is read or made yet.

        Args:
            path: The sealed file, for commands that systemd did not start.
            name: What the credential is called; systemd opens it by no other name.
            environ: The environment; the process's own by default.
            options: Of ``systemd-creds``: ``--with-key=tpm2``, ``--tpm2-device=/dev/tpmrm0``.
        """
        self.path, self.name = path, name
        self._environ = os.environ if environ is None else environ
        self._options = tuple(options)
        self._key = b""

    def at(self, path: Path) -> Self:
        """Make the same for a sealed file at another place, whatever systemd gave."""
        return type(self)(path, self.name, environ={}, options=self._options)

    @property
    def there(self) -> bool:
        """Whether systemd gave the credential, or its sealed file exists."""
        given = self._given()
        return (given is not None and given.exists()) or os.path.lexists(self.path)

    def kek(self) -> bytes:
        """Give the key: as systemd laid it for this service, or by opening the sealed file.

        Raises:
            KeyProviderError: It is missing, malformed, or this user cannot open it.
        """
        given = self._given()
        if given is not None and given.exists():
            return self._read(given)
        if not self._key:
            opened = self._creds("decrypt", str(self.path), "-")
            self._key = self._parsed(opened)
        return self._key

    def provision(self) -> bytes:
        """Give the key, or seal a fresh one where there is none yet.

        Raises:
            KeyProviderError: As ``kek``; or it cannot be sealed.
        """
        if not self.there:
            key = secrets.token_hex(KEY_BYTES).encode() + b"\n"
            write_once(self.path, self._creds("encrypt", "-", "-", given=key))
        return self.kek()

    def _given(self) -> Path | None:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        return Path(folder) / self.name if folder else None

    def _read(self, given: Path) -> bytes:
        try:
            with given.open("rb") as file:
                return self._parsed(file.read(_LONGEST))
        except OSError as error:
            raise KeyProviderError(
                f"cannot read the credential {given}: {error.strerror}"
            ) from error

    def _creds(self, verb: str, source: str, target: str, given: bytes = b"") -> bytes:
        options = (*self._options, f"--name={self.name}")
        advice = _SEALING if verb == "encrypt" else _ADVICE
        return output_of(["systemd-creds", *options, verb, source, target], given, advice)

    def _parsed(self, content: bytes) -> bytes:
        key = key_of(content)
        if key is None:
            raise KeyProviderError(
                f"the credential {self.name} does not hold a key (64 hexadecimal digits): seal "
                "the right one again, see deploy/keys.md"
            )
        return key
