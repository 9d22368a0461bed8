"""Two of three shares open, one never does, and nothing that was moved or changed opens."""

from itertools import combinations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import KeyProviderError
from edge.keys.pairs import SHARE_BYTES, Share, is_key_of, opened, wrapped

KEK = bytes(range(32))
UNIT = "ab" * 8
SHARES = {share: bytes([at + 1]) * SHARE_BYTES[share] for at, share in enumerate(Share)}
PAIRS = wrapped(KEK, SHARES, UNIT)


@given(
    st.binary(min_size=32, max_size=32),
    st.fixed_dictionaries({s: st.binary(min_size=n, max_size=n) for s, n in SHARE_BYTES.items()}),
)
def test_any_two_shares_open_and_all_three_do(kek: bytes, shares: dict[Share, bytes]) -> None:
    pairs = wrapped(kek, shares, UNIT)
    for two in combinations(Share, 2):
        assert opened(pairs, {share: shares[share] for share in two}) == kek
    assert opened(pairs, shares) == kek


@pytest.mark.parametrize("share", list(Share))
def test_one_share_alone_opens_nothing(share: Share) -> None:
    with pytest.raises(KeyProviderError, match="one share alone"):
        opened(PAIRS, {share: SHARES[share]})


@pytest.mark.parametrize("share", list(Share))
def test_a_share_of_another_unit_opens_nothing(share: Share) -> None:
    for other in set(Share) - {share}:
        wrong = {share: bytes(SHARE_BYTES[share]), other: SHARES[other]}
        with pytest.raises(KeyProviderError, match="do not open this gallery"):
            opened(PAIRS, wrong)


@pytest.mark.parametrize("size", [0, 15, 31, 33])
def test_a_share_of_another_length_opens_nothing(size: int) -> None:
    with pytest.raises(KeyProviderError, match="do not open"):
        opened(PAIRS, {Share.DEVICE: SHARES[Share.DEVICE], Share.HUB: bytes(size)})


def test_the_wrong_share_of_three_is_passed_over() -> None:
    assert opened(PAIRS, SHARES | {Share.HUB: bytes(32)}) == KEK


def test_a_wrapping_that_was_moved_swapped_or_changed_does_not_open() -> None:
    two = {share: SHARES[share] for share in (Share.DEVICE, Share.HUB)}
    names = list(PAIRS.wrapped)
    swapped = dict(zip(names, [*list(PAIRS.wrapped.values())[1:], b""], strict=True))
    flipped = {
        name: sealed[:-1] + bytes([sealed[-1] ^ 1]) for name, sealed in PAIRS.wrapped.items()
    }
    for changed in (
        msgspec.structs.replace(PAIRS, unit_id="cd" * 8),
        msgspec.structs.replace(PAIRS, wrapped=swapped),
        msgspec.structs.replace(PAIRS, wrapped=flipped),
        msgspec.structs.replace(PAIRS, wrapped={}),
    ):
        with pytest.raises(KeyProviderError):
            opened(changed, two)


def test_what_lies_on_the_card_holds_no_share_and_no_key() -> None:
    content = msgspec.msgpack.encode(PAIRS)
    assert not [part for part in (KEK, *SHARES.values()) if part[:8] in content]


def test_a_key_is_told_from_another() -> None:
    assert is_key_of(PAIRS, KEK)
    assert not is_key_of(PAIRS, bytes(32))
