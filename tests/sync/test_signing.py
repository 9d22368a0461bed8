"""Signatures: bound to a kind, named by key, in order, each key once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_hub import HUB, OFFICERS, key
from sync import canonical
from sync.errors import Code, Refused
from sync.seal import verify
from sync.signing import (
    MOST_SIGNATURES,
    Signature,
    Signed,
    digest,
    key_id,
    message,
    signed,
)

BODY = b"body"
KEYS = [one.public for one in OFFICERS]


def refused(wire: bytes, kind: str = "head", limit: int = 1000) -> Code:
    with pytest.raises(Refused) as caught:
        Signed.parse(wire, kind, limit)
    return caught.value.code


def raw(*pairs: object) -> bytes:
    return canonical.encode(["head", BODY, list(pairs)])


def test_signed_bytes_travel_as_they_are() -> None:
    one = signed("head", BODY, *OFFICERS)
    assert Signed.parse(one.encode(), "head") == one
    assert one.signers(KEYS, verify) == frozenset(KEYS)
    assert list(one.signatures) == sorted(one.signatures, key=lambda s: s.key_id)


def test_a_signature_counts_for_its_kind_only() -> None:
    one = signed("head", BODY, HUB)
    other = Signed("kill", one.body, one.signatures)
    with pytest.raises(Refused, match="bad-signature"):
        other.signers([HUB.public], verify)
    assert refused(one.encode(), "kill") is Code.MALFORMED
    assert message("a", b"b") != message("a\0b"[:1], b"\0b")


def test_digests_tell_kinds_apart() -> None:
    assert digest("head", BODY) != digest("kill", BODY)
    assert signed("head", BODY, HUB).digest == digest("head", BODY)
    assert len(digest("head", BODY)) == 32


def test_signatures_of_strangers_are_passed_over() -> None:
    one = signed("head", BODY, HUB, key("stranger"))
    assert one.signers([HUB.public, KEYS[0]], verify) == {HUB.public}
    broken = Signed("head", BODY, (Signature(key_id(key("stranger").public), bytes(64)),))
    assert broken.signers([HUB.public], verify) == frozenset()


def test_a_wrong_signature_of_a_known_key_is_refused() -> None:
    broken = Signed("head", BODY, (Signature(key_id(HUB.public), bytes(64)),))
    with pytest.raises(Refused, match="bad-signature"):
        broken.signers([HUB.public], verify)


def test_a_statement_without_the_needed_signature_is_refused() -> None:
    with pytest.raises(Refused, match="bad-signature"):
        signed("head", BODY, key("stranger")).require(HUB.public, verify)
    signed("head", BODY, HUB).require(HUB.public, verify)


def test_an_approval_is_added_to_a_proposal() -> None:
    first, second = signed("head", BODY, OFFICERS[0]), signed("head", BODY, OFFICERS[1])
    both = signed("head", BODY, OFFICERS[0], OFFICERS[1])
    assert first.joined(second) == both == second.joined(first)
    assert both.joined(first) == both
    with pytest.raises(Refused, match="malformed"):
        first.joined(signed("head", b"other", OFFICERS[1]))
    with pytest.raises(Refused, match="malformed"):
        first.joined(signed("kill", BODY, OFFICERS[1]))


NAME, VALUE = b"n" * 16, b"v" * 64


@pytest.mark.parametrize(
    "wire",
    [
        canonical.encode([]),
        canonical.encode(["head", BODY]),
        canonical.encode(["head", BODY, [], 0]),
        canonical.encode(["head", "body", []]),
        canonical.encode([b"head", BODY, []]),
        canonical.encode(["head", BODY, None]),
        canonical.encode("head"),
        raw(0),
        raw([]),
        raw([NAME]),
        raw([NAME, VALUE, 0]),
        raw([NAME[1:], VALUE]),
        raw([NAME, VALUE[1:]]),
        raw([NAME, "v" * 64]),
        raw([NAME, VALUE], [NAME, VALUE]),
        raw([b"z" * 16, VALUE], [NAME, VALUE]),
        raw(*[[n.to_bytes(16, "big"), VALUE] for n in range(MOST_SIGNATURES + 1)]),
        raw([NAME, VALUE]) + b"\0",
        b"",
    ],
)
def test_anything_else_is_refused(wire: bytes) -> None:
    assert refused(wire, limit=10_000) is Code.MALFORMED


def test_the_size_is_limited() -> None:
    assert refused(raw([NAME, VALUE]), limit=50) is Code.TOO_LARGE


def test_as_many_signatures_as_may_be() -> None:
    pairs = [[n.to_bytes(16, "big"), VALUE] for n in range(MOST_SIGNATURES)]
    assert len(Signed.parse(raw(*pairs), "head").signatures) == MOST_SIGNATURES


@given(st.binary(max_size=100))
def test_random_bytes_are_refused(content: bytes) -> None:
    assert refused(content) in {Code.MALFORMED, Code.TOO_LARGE}
