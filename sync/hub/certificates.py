"""The hub's certificates: its own, the join server's, and those it has issued to units.

The private keys that lie in the hub's folder are closed by passwords that come from the key of
the hub's database, so a copied folder without that key opens nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from sync.authority import Authority, new_key, request, write_private
from sync.broker import HUB
from sync.errors import HubError
from sync.seal import derived
from sync.tls import Tls

_ISSUED = "unit-"


class Certificates:
    """The certificate authority in its folder, and what was issued by it."""

    def __init__(self, folder: Path, kek: bytes) -> None:
        """Open the authority.

        Args:
            folder: The authority's folder.
            kek: The key that opens the hub's database, 32 bytes.

        Raises:
            HubError: There is none, or it was made under another key.
        """
        self.authority = Authority(folder, _password(kek, "certificate authority"))
        self._folder, self._kek = folder, kek

    @classmethod
    def create(cls, folder: Path, kek: bytes, now_ms: int) -> Self:
        """Make the authority of a new hub.

        Raises:
            HubError: There is one already, or the folder cannot be written.
        """
        Authority.create(folder, _password(kek, "certificate authority"), now_ms)
        return cls(folder, kek)

    @property
    def trusted(self) -> Path:
        """The authority's certificate, PEM: what every end trusts."""
        return self._folder / "ca.pem"

    def as_client(self, now_ms: int) -> Tls:
        """Give what the hub shows to the broker; made anew at each start of the hub.

        Raises:
            HubError: The folder cannot be written.
        """
        password = _password(self._kek, "hub at the broker")
        wanted = self._fresh_key("hub", password)
        self._write("hub.pem", self.authority.issue_client(wanted, HUB, now_ms))
        return Tls(self.trusted, self._folder / "hub.pem", self._folder / "hub.key", password)

    def as_server(self, hosts: Sequence[str], now_ms: int) -> Tls:
        """Give what the hub shows to units that join; made anew at each start of the hub.

        Args:
            hosts: Names and addresses under which they reach it.
            now_ms: Milliseconds since the epoch.

        Raises:
            HubError: The folder cannot be written.
        """
        password = _password(self._kek, "join server")
        wanted = self._fresh_key("join", password)
        self._write("join.pem", self.authority.issue_server(wanted, hosts, now_ms))
        return Tls(self.trusted, self._folder / "join.pem", self._folder / "join.key", password)

    def issue(self, wanted: bytes, mailbox: str, now_ms: int) -> bytes:
        """Issue a unit's certificate, and keep a copy so that it can be revoked.

        Args:
            wanted: The unit's request, PEM.
            mailbox: Its name at the broker.
            now_ms: Milliseconds since the epoch.

        Raises:
            HubError: The request is malformed, or the folder cannot be written.
        """
        certificate = self.authority.issue_client(wanted, mailbox, now_ms)
        kept = self._issued(mailbox)
        if kept.exists():  # the unit asks again because the first answer was lost
            self.authority.revoke(kept.read_bytes(), now_ms)
        self._write(kept.name, certificate)
        return certificate

    def shown(self, certificate: bytes) -> tuple[str, bool]:
        """Read a certificate (DER) of ours: the mailbox on it, and whether it counts.

        It counts if it is the one that was issued to that mailbox last, and is not revoked.

        Raises:
            HubError: It is no certificate of a unit.
        """
        try:
            held = x509.load_der_x509_certificate(certificate)
            (name,) = held.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        except ValueError as error:
            raise HubError(f"that is no certificate of a unit ({error})") from error
        mailbox = str(name.value)
        kept = self._issued(mailbox) if mailbox.isalnum() else None
        pem = held.public_bytes(serialization.Encoding.PEM)
        return mailbox, kept is not None and kept.exists() and kept.read_bytes() == pem

    def revoke(self, mailbox: str, now_ms: int) -> None:
        """Put a unit's certificate on the revocation list.

        Raises:
            HubError: The list cannot be written, or the certificate is not kept here.
        """
        kept = self._issued(mailbox)
        try:
            self.authority.revoke(kept.read_bytes(), now_ms)
            kept.unlink()
        except OSError as error:
            raise HubError(f"the certificate {kept} cannot be revoked: {error}") from error

    def mailboxes(self) -> frozenset[str]:
        """Give the names under which certificates were issued to units and not revoked."""
        kept = self._folder.glob(f"{_ISSUED}*.pem")
        return frozenset(path.stem.removeprefix(_ISSUED) for path in kept)

    def _issued(self, mailbox: str) -> Path:
        return self._folder / f"{_ISSUED}{mailbox}.pem"

    def _fresh_key(self, name: str, password: bytes) -> bytes:
        key = new_key(password)
        self._write(f"{name}.key", key)
        return request(key, password)

    def _write(self, name: str, content: bytes) -> None:
        try:
            write_private(self._folder / name, content)
        except OSError as error:
            raise HubError(f"the hub's certificates cannot be written: {error}") from error


def _password(kek: bytes, purpose: str) -> bytes:
    return derived(kek, purpose).hex().encode()
