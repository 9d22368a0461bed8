"""Sealing at rest."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import GalleryError, KeyProviderError
from edge.gallery.seal import (
    LARGEST_BUCKET,
    SMALLEST_BUCKET,
    Sealer,
    new_data_key,
    padded,
    unpadded,
    unwrap,
    wrap,
)

KEK = bytes(range(32))
DATA_KEY = bytes(range(32, 64))


def sealer() -> Sealer:
    """The same one each time."""
    return Sealer(DATA_KEY, "list-1")


@given(st.binary(max_size=3000))
def test_what_was_sealed_opens(record: bytes) -> None:
    assert sealer().unseal("entry", "a", sealer().seal("entry", "a", record)) == record


@pytest.mark.parametrize(
    ("table", "row_id", "list_id"),
    [("photo", "a", "list-1"), ("entry", "b", "list-1"), ("entry", "a", "list-2")],
)
def test_a_record_opens_only_in_its_own_row_table_and_list(
    table: str, row_id: str, list_id: str
) -> None:
    sealed = sealer().seal("entry", "a", b"record")
    with pytest.raises(GalleryError, match="damaged"):
        Sealer(DATA_KEY, list_id).unseal(table, row_id, sealed)


def test_any_flipped_bit_is_noticed() -> None:
    sealed = sealer().seal("entry", "a", b"record")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << (place % 8)
        with pytest.raises(GalleryError, match="damaged"):
            sealer().unseal("entry", "a", bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 12, 27, 28, 100])
def test_a_sealed_record_that_is_cut_is_noticed(length: int) -> None:
    sealed = sealer().seal("entry", "a", b"record")
    with pytest.raises(GalleryError, match="damaged"):
        sealer().unseal("entry", "a", sealed[:length])


def test_the_same_record_never_seals_to_the_same_bytes() -> None:
    sealed = [sealer().seal("entry", "a", b"record") for _ in range(200)]
    assert len({one[:12] for one in sealed}) == 200
    assert len({one[12:] for one in sealed}) == 200


@given(st.integers(0, 200_000))
def test_sizes_come_in_few_steps(length: int) -> None:
    size = len(padded(bytes(length)))
    assert size >= length + 4
    assert size % LARGEST_BUCKET == 0 or (size >= SMALLEST_BUCKET and size.bit_count() == 1)


@pytest.mark.parametrize("framed", [b"", b"abc", b"\0\0\0\5abcd", b"\xff\xff\xff\xffabcd"])
def test_a_length_that_does_not_fit_is_refused(framed: bytes) -> None:
    with pytest.raises(ValueError, match="length"):
        unpadded(framed)


def test_a_data_key_opens_under_its_own_key_and_list_only() -> None:
    data_key = new_data_key()
    wrapped = wrap(data_key, KEK, "list-1")
    assert unwrap(wrapped, KEK, "list-1") == data_key
    for kek, list_id, content in [
        (DATA_KEY, "list-1", wrapped),
        (KEK, "list-2", wrapped),
        (KEK, "list-1", wrapped[:-1]),
        (KEK, "list-1", b""),
    ]:
        with pytest.raises(KeyProviderError, match="does not open this gallery"):
            unwrap(content, kek, list_id)


def test_the_tally_of_a_set_depends_on_its_members_and_not_on_their_order() -> None:
    tally = sealer().tally
    for members in itertools.permutations("abc"):
        assert tally(members) == tally("abc")
    assert tally("ab") != tally("abc")
    assert tally("abd") != tally("abc")
    assert Sealer(KEK, "list-1").tally("abc") != tally("abc")
    assert tally([]) == bytes(32)
