import base64
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from sync.authority import Authority, fingerprint, new_key, request, write_private
from sync.errors import HubError

NOW_MS = 1_790_000_000_000


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority") / "ca", b"secret", NOW_MS)


def _issued(authority: Authority, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority.issue_client(request(new_key()), name, NOW_MS))


def test_a_certificate_names_the_mailbox_and_nothing_else(authority: Authority) -> None:
    certificate = _issued(authority, "0123456789abcdef")
    assert certificate.subject.rfc4514_string() == "CN=0123456789abcdef"
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate))


def test_a_clock_that_lags_by_years_finds_certificates_valid(authority: Authority) -> None:
    certificate = _issued(authority, "0123456789abcdef")
    assert certificate.not_valid_before_utc == datetime(2020, 1, 1, tzinfo=UTC)
    assert certificate.not_valid_after_utc.year >= 2036


def test_the_request_decides_nothing_but_the_key(authority: Authority) -> None:
    key = serialization.load_pem_private_key(new_key(), None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    wanted = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)  # type: ignore[arg-type]
        .public_bytes(serialization.Encoding.PEM)
    )
    issued = x509.load_pem_x509_certificate(authority.issue_client(wanted, "ab" * 8, NOW_MS))
    assert issued.subject.rfc4514_string() == "CN=" + "ab" * 8
    assert not issued.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_request_with_another_kind_of_key_is_refused(authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    wanted = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    with pytest.raises(HubError, match="Ed25519"):
        authority.issue_client(
            wanted.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), "a", NOW_MS
        )


@given(st.binary(max_size=200))
def test_garbage_is_no_request(authority: Authority, garbage: bytes) -> None:
    with pytest.raises(HubError):
        authority.issue_client(garbage, "a", NOW_MS)
    with pytest.raises(HubError):
        fingerprint(garbage)


def test_no_flipped_bit_of_a_request_makes_a_certificate_for_another_key(
    authority: Authority,
) -> None:
    wanted = x509.load_pem_x509_csr(request(new_key()))
    der = wanted.public_bytes(serialization.Encoding.DER)
    name = b"CERTIFICATE REQUEST-----\n"
    refused = 0
    for position in range(8 * len(der)):
        flipped = bytearray(der)
        flipped[position // 8] ^= 1 << position % 8
        pem = b"-----BEGIN " + name + base64.encodebytes(flipped) + b"-----END " + name
        try:
            issued = x509.load_pem_x509_certificate(authority.issue_client(pem, "a", NOW_MS))
        except HubError:
            refused += 1
        else:  # how many bits of the last byte count may be written in two ways
            assert issued.public_key() == wanted.public_key()
    assert refused >= 8 * len(der) - 8


def test_a_request_too_large_is_not_even_read(authority: Authority) -> None:
    with pytest.raises(HubError, match="too large"):
        authority.issue_client(request(new_key()) + b"\n" * 5000, "a", NOW_MS)


def test_revoked_certificates_stay_on_the_list(authority: Authority) -> None:
    certificates = [_issued(authority, "a" * 16) for _ in range(3)]
    for certificate in [*certificates, certificates[0]]:
        authority.revoke(certificate.public_bytes(serialization.Encoding.PEM), NOW_MS)
    authority.renew_list(NOW_MS)
    assert {certificate.serial_number for certificate in certificates} <= authority.revoked()
    held = x509.load_pem_x509_crl(authority.revocation_list.read_bytes())
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    assert held.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


def test_the_authority_opens_with_its_password_alone(authority: Authority) -> None:
    again = Authority(authority.folder, b"secret")
    assert again.fingerprint == authority.fingerprint == fingerprint(authority.certificate)
    for wrong in (b"other", None):
        with pytest.raises(HubError, match="cannot be opened"):
            Authority(authority.folder, wrong)
    assert b"ENCRYPTED" in (authority.folder / "ca.key").read_bytes()


def test_an_authority_is_never_made_twice_nor_found_where_none_is(
    authority: Authority, tmp_path: Path
) -> None:
    with pytest.raises(HubError, match="already"):
        Authority.create(authority.folder, b"secret", NOW_MS)
    with pytest.raises(HubError, match="init"):
        Authority(tmp_path, None)


def test_a_private_file_is_written_through_no_link_that_was_laid_in_its_way(tmp_path: Path) -> None:
    (tmp_path / "of-root").write_text("kept")
    (tmp_path / "key.new").symlink_to(tmp_path / "of-root")
    write_private(tmp_path / "key", b"secret")
    assert (tmp_path / "of-root").read_text() == "kept"
    assert {one.name for one in tmp_path.iterdir()} == {"key", "of-root"}
    assert not (tmp_path / "key").is_symlink()


def test_a_private_file_and_its_name_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda it: synced.append(_opened(it)))
    write_private(tmp_path / "key", b"secret")
    assert synced == [str(tmp_path / "key.new"), str(tmp_path)]


def test_a_damaged_revocation_list_is_not_begun_anew(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path / "ca", None, NOW_MS)
    authority.revocation_list.write_bytes(b"damaged")
    with pytest.raises(HubError, match="backup"):
        authority.renew_list(NOW_MS)


def _opened(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def test_a_file_that_another_user_laid_in_the_drafts_place_gets_no_word(tmp_path: Path) -> None:
    laid = tmp_path / "key.new"
    laid.touch(mode=0o666)
    with laid.open("rb") as watching:
        write_private(tmp_path / "key", b"secret")
        assert watching.read() == b""
    assert (tmp_path / "key").read_bytes() == b"secret"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert not laid.exists()
