"""What browsers are shown: they can check it, and it vouches for this hub alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from sync.errors import HubError
from sync.pagecertificate import authority_file, issue

KEK = bytes(32)
NOW_MS = 1_798_804_800_000
HOSTS = ("hub.example", "192.0.2.7")


def verified(folder: Path, name: str) -> int:
    """Check the chain as a browser does; its length."""
    authority = x509.load_pem_x509_certificate(authority_file(folder).read_bytes())
    leaf = x509.load_pem_x509_certificates((folder / "pages.pem").read_bytes())[0]
    at = datetime.fromtimestamp(NOW_MS / 1000, UTC)
    builder = PolicyBuilder().store(Store([authority])).time(at)
    return len(builder.build_server_verifier(x509.DNSName(name)).verify(leaf, []))


def test_a_browser_that_trusts_the_authority_takes_the_certificate(tmp_path: Path) -> None:
    issue(tmp_path, KEK, HOSTS, NOW_MS)
    assert verified(tmp_path, "hub.example") == 2
    with pytest.raises(VerificationError):
        verified(tmp_path, "other.example")


def test_the_authority_outlives_restarts_and_the_certificate_does_not(tmp_path: Path) -> None:
    issue(tmp_path, KEK, HOSTS, NOW_MS)
    before = authority_file(tmp_path).read_bytes(), (tmp_path / "pages.pem").read_bytes()
    issue(tmp_path, KEK, HOSTS, NOW_MS)
    assert authority_file(tmp_path).read_bytes() == before[0]
    assert (tmp_path / "pages.pem").read_bytes() != before[1]


def test_another_name_takes_another_authority(tmp_path: Path) -> None:
    issue(tmp_path, KEK, HOSTS, NOW_MS)
    before = authority_file(tmp_path).read_bytes()
    issue(tmp_path, KEK, ("moved.example",), NOW_MS)
    assert authority_file(tmp_path).read_bytes() != before
    assert verified(tmp_path, "moved.example") == 2


def test_the_authority_vouches_for_nobody_else(tmp_path: Path) -> None:
    issue(tmp_path, KEK, HOSTS, NOW_MS)
    held = x509.load_pem_x509_certificate(authority_file(tmp_path).read_bytes())
    found = held.extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical
    assert len(found.value.permitted_subtrees or ()) == 2


def test_keys_are_closed_to_others_and_encrypted(tmp_path: Path) -> None:
    files = issue(tmp_path, KEK, HOSTS, NOW_MS)
    for name in ("pages.key", "pages-ca.key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
        assert b"ENCRYPTED" in (tmp_path / name).read_bytes()
    assert files.password
    with pytest.raises(HubError):
        issue(tmp_path, bytes(31) + b"\1", HOSTS, NOW_MS)


def test_browsers_know_the_kind_of_key(tmp_path: Path) -> None:
    files = issue(tmp_path, KEK, HOSTS, NOW_MS)
    leaf = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    (name,) = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "Doorwatch"
