"""The consortium's own certificate authority: who may open a connection to the broker at all.

Certificates only open the door to the broker, which nobody trusts; what a message is worth is
decided by the signatures inside it. So the rules here are few (X.509, RFC 5280):

- Keys are made where they are used and never travel; the authority sees requests only, and
  takes nothing from a request but the key.
- A unit's certificate names its mailbox, a random number, so the broker learns no venue.
- Validity begins in the past and ends far away: a unit without a battery-backed clock has to reach
  the hub to learn the time, and a revocation list that "expired" would lock every door out. What
  ends a certificate is the revocation list, which lies beside the broker and is read from disk.
"""

import hashlib
import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync.durable import sync_folder
from sync.errors import HubError

LIFE = timedelta(days=3_650)
"""How long a certificate and the revocation list stand, counted from when they are made."""

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""Where validity begins, so that a clock that lags by years still finds a certificate valid."""

MAX_REQUEST_BYTES = 4_096
"""A request with one Ed25519 key takes about 300 bytes."""

_CERTIFICATE, _KEY, _REVOKED = "ca.pem", "ca.key", "crl.pem"


def new_key(password: bytes | None = None) -> bytes:
    """Make an Ed25519 key for TLS as PEM (PKCS 8), encrypted when a ``password`` is given."""
    return _key_pem(Ed25519PrivateKey.generate(), password)


def request(key: bytes, password: bytes | None = None) -> bytes:
    """Make the signing request (PEM, RFC 2986) that goes to the authority in place of the key.

    Raises:
        HubError: The key is damaged, of another kind or has another password.
    """
    name = x509.Name([])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(_read_key(key, password), None).public_bytes(serialization.Encoding.PEM)


class Authority:
    """Issues and revokes certificates; its folder holds the key, the certificate and the list."""

    def __init__(self, folder: Path, password: bytes | None) -> None:
        """Open the authority in ``folder``; ``password`` opens its private key.

        Raises:
            HubError: There is no authority in that folder, or the password is another.
        """
        self.folder = folder
        try:
            self._certificate = x509.load_pem_x509_certificate((folder / _CERTIFICATE).read_bytes())
            self._key = _read_key((folder / _KEY).read_bytes(), password)
        except (OSError, ValueError) as error:
            raise HubError(
                f"no certificate authority in {folder} ({error}): run doorwatch-hub init first"
            ) from error

    @classmethod
    def create(cls, folder: Path, password: bytes | None, now_ms: int) -> "Authority":
        """Make a new authority in ``folder`` with an empty revocation list.

        Args:
            folder: Made if it is missing; readable by its owner alone.
            password: Encrypts the private key on disk; None leaves that to the disk.
            now_ms: Milliseconds since the epoch.

        Raises:
            HubError: There is an authority already, or the folder cannot be written.
        """
        if (folder / _KEY).exists():
            raise HubError(f"there is a certificate authority in {folder} already: keep it")
        key = Ed25519PrivateKey.generate()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "doorwatch")])
        certificate = (
            _builder(name, name, key.public_key(), now_ms)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(key_usage(authority=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, None)
        )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(folder / _KEY, _key_pem(key, password))
            write_private(folder / _CERTIFICATE, _pem(certificate))
        except OSError as error:
            raise HubError(f"the certificate authority cannot be written: {error}") from error
        authority = cls(folder, password)
        authority.renew_list(now_ms)
        return authority

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate (PEM): what every end trusts."""
        return _pem(self._certificate)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate (DER), 32 bytes: what an invitation carries."""
        return fingerprint(self.certificate)

    @property
    def revocation_list(self) -> Path:
        """The PEM file that the broker reads when it starts."""
        return self.folder / _REVOKED

    def issue_client(self, wanted: bytes, name: str, now_ms: int) -> bytes:
        """Issue a certificate (PEM) for one who connects to the broker under ``name``.

        Args:
            wanted: The request, PEM; only its key is taken over.
            name: The user name at the broker (a unit's mailbox).
            now_ms: Milliseconds since the epoch.

        Raises:
            HubError: The request is malformed, not signed by its own key or not Ed25519.
        """
        builder = self._issued(wanted, name, now_ms).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True
        )
        return _pem(builder.sign(self._key, None))

    def issue_server(self, wanted: bytes, hosts: Sequence[str], now_ms: int) -> bytes:
        """Issue a certificate (PEM) for a server that is reached under ``hosts``.

        Args:
            wanted: The request, PEM; only its key is taken over.
            hosts: Names and addresses, at least one.
            now_ms: Milliseconds since the epoch.

        Raises:
            HubError: The request is malformed, not signed by its own key or not Ed25519.
        """
        builder = (
            self._issued(wanted, hosts[0], now_ms)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=True)
            .add_extension(x509.SubjectAlternativeName([_place(h) for h in hosts]), critical=False)
        )
        return _pem(builder.sign(self._key, None))

    def revoke(self, certificate: bytes, now_ms: int) -> None:
        """Put a certificate (PEM) on the revocation list; the broker reads it when it starts.

        Revoking it again changes nothing.

        Raises:
            HubError: It is no certificate, or the list cannot be written.
        """
        try:
            serial = x509.load_pem_x509_certificate(certificate).serial_number
        except ValueError as error:
            raise HubError(f"that is no certificate ({error})") from error
        self._write_list({*self.revoked(), serial}, now_ms)

    def revoked(self) -> frozenset[int]:
        """Give the serial numbers on the revocation list.

        Raises:
            HubError: The list is missing or damaged.
        """
        if not self.revocation_list.exists():
            return frozenset()
        try:
            held = x509.load_pem_x509_crl(self.revocation_list.read_bytes())
        except (OSError, ValueError) as error:
            raise HubError(
                f"the revocation list cannot be read ({error}): restore the hub's backup"
            ) from error
        return frozenset(each.serial_number for each in held)

    def renew_list(self, now_ms: int) -> None:
        """Write the revocation list once more, so that it is never out of date.

        Raises:
            HubError: The list is damaged or cannot be written.
        """
        self._write_list(self.revoked(), now_ms)

    def _issued(self, wanted: bytes, name: str, now_ms: int) -> x509.CertificateBuilder:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return (
            _builder(self._certificate.subject, subject, _requested_key(wanted), now_ms)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(authority=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )

    def _write_list(self, serials: frozenset[int] | set[int], now_ms: int) -> None:
        now = _moment(now_ms)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(BEGINNING)
            .next_update(now + LIFE)
        )
        for serial in sorted(serials):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
            builder = builder.add_revoked_certificate(entry.build())
        content = builder.sign(self._key, None).public_bytes(serialization.Encoding.PEM)
        try:
            write_private(self.revocation_list, content)
        except OSError as error:
            raise HubError(f"the revocation list cannot be written: {error}") from error


def fingerprint(certificate: bytes) -> bytes:
    """Give the SHA-256 (32 bytes) of a PEM certificate's DER form.

    Raises:
        HubError: It is no certificate.
    """
    try:
        held = x509.load_pem_x509_certificate(certificate)
    except ValueError as error:
        raise HubError(f"that is no certificate ({error})") from error
    return hashlib.sha256(held.public_bytes(serialization.Encoding.DER)).digest()


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner alone, on disk before this returns.

    Raises:
        OSError: The folder is missing, full or not writable.
    """
    fresh = path.with_name(path.name + ".new")
    # Another user may write the folder as well: no link of it is followed, no file of it used.
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def _builder(
    issuer: x509.Name, subject: x509.Name, key: Ed25519PublicKey, now_ms: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINNING)
        .not_valid_after(_moment(now_ms) + LIFE)
    )


def key_usage(*, authority: bool) -> x509.KeyUsage:
    """Say what a key may be used for: to sign certificates, or to prove who somebody is."""
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _requested_key(wanted: bytes) -> Ed25519PublicKey:
    """Give the key of a request that proves its owner holds the private half."""
    if len(wanted) > MAX_REQUEST_BYTES:
        raise HubError("the certificate request is too large: make a new one")
    try:
        asked = x509.load_pem_x509_csr(wanted)
        key = asked.public_key()
        proven = asked.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise HubError(f"the certificate request is malformed ({error})") from error
    if not proven or not isinstance(key, Ed25519PublicKey):
        raise HubError("the certificate request is not signed by an Ed25519 key of its own")
    return key


def _place(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _read_key(key: bytes, password: bytes | None) -> Ed25519PrivateKey:
    try:
        held = serialization.load_pem_private_key(key, password)
    except (ValueError, TypeError) as error:
        raise HubError(f"the private key cannot be opened ({error})") from error
    if not isinstance(held, Ed25519PrivateKey):
        raise HubError("the private key is not an Ed25519 key")
    return held


def _key_pem(key: Ed25519PrivateKey, password: bytes | None) -> bytes:
    how: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        how = serialization.BestAvailableEncryption(password)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _moment(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC).replace(microsecond=0)
