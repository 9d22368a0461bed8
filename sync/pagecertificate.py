"""The certificate that browsers are shown, by an authority that they can be told to trust.

Browsers take no Ed25519 certificates, so the pages of a hub, or of a door, have an authority of
their own (ECDSA on P-256, RFC 5280), apart from that of broker and units. Whoever trusts it on a
phone trusts it for these names alone: name constraints (section 4.2.1.10) keep it from vouching
for anybody else. Both private keys lie encrypted under a key of the hub or the door.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.web.serverfiles import ServerFiles
from sync.authority import key_usage, write_private
from sync.errors import HubError
from sync.seal import derived

AUTHORITY_LIFE = timedelta(days=3_650)
LIFE = timedelta(days=397)
"""The longest that every browser takes; made anew at each start of the pages."""

_AUTHORITY, _AUTHORITY_KEY = "pages-ca.pem", "pages-ca.key"
_CERTIFICATE, _KEY = "pages.pem", "pages.key"


def authority_file(folder: Path) -> Path:
    """Name the certificate that phones and desks are told to trust."""
    return folder / _AUTHORITY


def issued(folder: Path, kek: bytes) -> ServerFiles | None:
    """Give the certificate that was issued into ``folder`` under ``kek``, if one was."""
    found = ServerFiles(folder / _CERTIFICATE, folder / _KEY, _password(kek))
    return found if found.certificate.is_file() and found.key.is_file() else None


def ends_ms(files: ServerFiles) -> int:
    """Tell when a certificate ends, in milliseconds since the epoch.

    Raises:
        HubError: It cannot be read.
    """
    try:
        shown = x509.load_pem_x509_certificates(files.certificate.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise HubError(f"the certificate of the pages cannot be read: {error}") from error
    return round(shown.not_valid_after_utc.timestamp() * 1000)


def issue(folder: Path, kek: bytes, hosts: Sequence[str], now_ms: int) -> ServerFiles:
    """Issue the pages' certificate, and make their authority where there is none for these names.

    Args:
        folder: Where the certificates lie.
        kek: The key under which the private keys are encrypted, 32 bytes.
        hosts: Names and addresses under which browsers reach the pages.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: The folder cannot be read or written, or a name cannot stand in a certificate.
    """
    password = _password(kek)
    now = datetime.fromtimestamp(now_ms / 1000, UTC).replace(microsecond=0)
    try:
        places = [_place(host) for host in dict.fromkeys(hosts)]
        authority, signer = _authority(folder, password, places, now)
        key = ec.generate_private_key(ec.SECP256R1())
        issued = _issued(authority, signer, key.public_key(), places, now)
        write_private(folder / _KEY, _key_pem(key, password))
        write_private(folder / _CERTIFICATE, _pem(issued) + _pem(authority))
    except (OSError, ValueError) as error:
        raise HubError(f"the certificate of the pages cannot be made: {error}") from error
    return ServerFiles(folder / _CERTIFICATE, folder / _KEY, password)


def _authority(
    folder: Path, password: str, places: Sequence[x509.GeneralName], now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Open the authority for exactly these names, or make one."""
    if (folder / _AUTHORITY).exists():
        known = x509.load_pem_x509_certificate((folder / _AUTHORITY).read_bytes())
        pem = (folder / _AUTHORITY_KEY).read_bytes()
        opened = serialization.load_pem_private_key(pem, password.encode())
        permitted = known.extensions.get_extension_for_class(x509.NameConstraints).value
        if (
            isinstance(opened, ec.EllipticCurvePrivateKey)
            and permitted.permitted_subtrees == [_constraint(place) for place in places]
            and now + LIFE < known.not_valid_after_utc
        ):
            return known, opened
    return _new_authority(folder, password, places, now)


def _new_authority(
    folder: Path, password: str, places: Sequence[x509.GeneralName], now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Doorwatch pages")])
    permitted = x509.NameConstraints([_constraint(place) for place in places], None)
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(authority=True), critical=True)
        .add_extension(permitted, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(folder / _AUTHORITY_KEY, _key_pem(key, password))
    write_private(folder / _AUTHORITY, _pem(certificate))
    return certificate, key


def _issued(
    authority: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePublicKey,
    places: Sequence[x509.GeneralName],
    now: datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Doorwatch")])
    return (
        _builder(authority.subject, subject, key, now, LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )


def _builder(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a phone's clock may lag
        .not_valid_after(now + life)
    )


def _password(kek: bytes) -> str:
    return derived(kek, "pages").hex()


def _place(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _constraint(place: x509.GeneralName) -> x509.GeneralName:
    """Give the subtree that holds this name alone; of an address that is a network of one."""
    if isinstance(place, x509.IPAddress):
        return x509.IPAddress(ipaddress.ip_network(place.value))
    return place


def _key_pem(key: ec.EllipticCurvePrivateKey, password: str) -> bytes:
    how = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
