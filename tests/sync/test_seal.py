"""Signatures, boxes and sealed contents: what is changed, moved or shown elsewhere is refused."""

import hmac
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import seal
from sync.errors import Code, Refused

LIST = "ab" * 16
ENTRY = "cd" * 8
KEY = bytes(range(32))
INFO = b"doorwatch/1 key-box|list|1|unit"

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group of Ed25519 (RFC 8032, 5.1)."""

RFC_8032 = [  # section 7.1: secret, public, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
            "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
            "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_signatures_are_those_of_rfc_8032(
    secret: str, public: str, message: str, signature: str
) -> None:
    key = seal.SigningKey(bytes.fromhex(secret))
    assert key.public.hex() == public
    assert key.seed.hex() == secret
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert seal.verify(key.public, bytes.fromhex(message), bytes.fromhex(signature))


def test_a_signature_with_any_bit_changed_is_invalid() -> None:
    key = seal.SigningKey.generate()
    signature = key.sign(b"head")
    for bit in range(8 * len(signature)):
        changed = int.from_bytes(signature, "big") ^ 1 << bit
        assert not seal.verify(key.public, b"head", changed.to_bytes(64, "big"))


def test_a_signature_has_one_form_only() -> None:
    key = seal.SigningKey.generate()
    signature = key.sign(b"head")
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert not seal.verify(key.public, b"head", signature[:32] + scalar.to_bytes(32, "little"))


@given(public=st.binary(max_size=40), signature=st.binary(max_size=70))
def test_whatever_is_no_signature_is_invalid_and_no_error(public: bytes, signature: bytes) -> None:
    assert not seal.verify(public, b"head", signature)


def test_a_box_opens_for_its_unit_alone_and_for_what_it_is_bound_to() -> None:
    unit, other = seal.BoxKey.generate(), seal.BoxKey.generate()
    suite, sealed = seal.box(unit.public, b"ring", INFO)
    assert unit.open(suite, sealed, INFO) == b"ring"
    assert seal.BoxKey(unit.seed).open(suite, sealed, INFO) == b"ring"
    for key, named, info in ((other, suite, INFO), (unit, suite, INFO + b"2"), (unit, "?", INFO)):
        with pytest.raises(Refused) as refused:
            key.open(named, sealed, info)
        assert refused.value.code == Code.BAD_CIPHERTEXT


def test_a_box_with_any_byte_changed_does_not_open() -> None:
    unit = seal.BoxKey.generate()
    suite, sealed = seal.box(unit.public, b"ring", INFO)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1 + secrets.randbelow(255)
        with pytest.raises(Refused):
            unit.open(suite, bytes(changed), INFO)


@pytest.mark.parametrize("size", [0, 1, 31, 32, 100, 1119, 1120, 1135])
def test_a_box_that_is_cut_does_not_open(size: int) -> None:
    unit = seal.BoxKey.generate()
    suite, sealed = seal.box(unit.public, b"", INFO)
    with pytest.raises(Refused):
        unit.open(suite, sealed[:size], INFO)


def test_no_two_boxes_are_alike() -> None:
    unit = seal.BoxKey.generate()
    assert seal.box(unit.public, b"ring", INFO) != seal.box(unit.public, b"ring", INFO)


@pytest.mark.parametrize("public", [b"", bytes(32), b"\xff" * seal.BOX_PUBLIC_SIZE])
def test_a_box_key_that_is_none_is_refused(public: bytes) -> None:
    with pytest.raises(Refused) as refused:
        seal.box(public, b"ring", INFO)
    assert refused.value.code == Code.MALFORMED
    with pytest.raises(Refused):
        seal.check_box_public(public)


def test_a_box_key_is_made_from_the_right_number_of_bytes() -> None:
    with pytest.raises(ValueError, match="96"):
        seal.BoxKey(bytes(95))
    assert len(seal.BoxKey.generate().public) == seal.BOX_PUBLIC_SIZE


def test_keys_of_different_purposes_and_sources_differ() -> None:
    keys = {
        seal.derived(KEY, "frame"),
        seal.derived(KEY, "frame id"),
        seal.derived(bytes(32), "frame"),
        KEY,
    }
    assert len(keys) == 4
    # HKDF-SHA256 without salt, info "doorwatch/1 frame"; worked out with hmac alone.
    assert seal.derived(KEY, "frame") == _hkdf(KEY, b"doorwatch/1 frame")


def _hkdf(key: bytes, info: bytes) -> bytes:
    """RFC 5869, one block."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


@settings(deadline=None)
@given(
    content=st.binary(max_size=200), seq=st.integers(0, 2**53 - 1), other=st.binary(max_size=200)
)
def test_content_comes_back_and_equal_content_is_sealed_equally(
    content: bytes, seq: int, other: bytes
) -> None:
    sealed = seal.seal_content(KEY, LIST, seq, ENTRY, content)
    assert seal.open_content(KEY, LIST, seq, ENTRY, sealed) == content
    again = seal.seal_content(KEY, LIST, seq, ENTRY, other)
    assert (again == sealed) == (other == content)
    assert (again[:12] == sealed[:12]) == (other == content)


def test_content_opens_nowhere_else() -> None:
    sealed = seal.seal_content(KEY, LIST, 7, ENTRY, b"secret")
    places = [
        (bytes(32), LIST, 7, ENTRY),
        (KEY, "00" * 16, 7, ENTRY),
        (KEY, LIST, 8, ENTRY),
        (KEY, LIST, 7, "00" * 8),
        (KEY, LIST, 7, ""),
    ]
    for key, list_id, seq, entry in places:
        with pytest.raises(Refused) as refused:
            seal.open_content(key, list_id, seq, entry, sealed)
        assert refused.value.code == Code.BAD_CIPHERTEXT


def test_content_with_any_bit_changed_or_cut_anywhere_does_not_open() -> None:
    sealed = seal.seal_content(KEY, LIST, 7, ENTRY, b"secret")
    for bit in range(8 * len(sealed)):
        changed = (int.from_bytes(sealed, "big") ^ 1 << bit).to_bytes(len(sealed), "big")
        with pytest.raises(Refused):
            seal.open_content(KEY, LIST, 7, ENTRY, changed)
    for size in range(len(sealed)):
        with pytest.raises(Refused):
            seal.open_content(KEY, LIST, 7, ENTRY, sealed[:size])
