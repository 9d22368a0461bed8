"""One value, one encoding: everything else is refused."""

import math

import cbor2
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sync import canonical
from sync.errors import Code, Refused

LIMIT = 1 << 20

SCALARS = (
    st.integers(0, 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(st.characters(codec="utf-8"), max_size=40)
    | st.booleans()
    | st.none()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=5), max_leaves=20)
ANYTHING = st.recursive(
    SCALARS | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(SCALARS, inner, max_size=3)
        | st.builds(cbor2.CBORTag, st.integers(100, 2**32), inner)
    ),
    max_leaves=10,
)


def refused(content: bytes) -> Code:
    with pytest.raises(Refused) as caught:
        canonical.decode(content, LIMIT)
    return caught.value.code


def depth(value: object) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, list | tuple) else 0


@given(VALUES)
def test_what_is_encoded_is_read_back(value: object) -> None:
    assume(depth(value) <= canonical.DEEPEST)
    assert canonical.decode(canonical.encode(value), LIMIT) == value


@given(VALUES)
def test_the_encoding_is_cbor_by_any_readers_measure(value: object) -> None:
    assume(depth(value) <= canonical.DEEPEST)
    assert cbor2.loads(canonical.encode(value)) == value


@given(VALUES)
def test_tuples_are_arrays(value: object) -> None:
    assume(depth(value) < canonical.DEEPEST)
    assert canonical.encode((value, 1)) == canonical.encode([value, 1])


@given(ANYTHING, st.sampled_from([{}, {"canonical": True}]))
def test_whatever_another_encoder_writes_is_refused_or_the_same_bytes(
    value: object, options: dict[str, bool]
) -> None:
    content = cbor2.dumps(value, **options)
    try:
        read = canonical.decode(content, LIMIT)
    except Refused:
        assert refused(content) is Code.MALFORMED
    else:
        assert canonical.encode(read) == content


@given(st.binary(max_size=200))
@example(b"")
def test_random_bytes_are_refused_or_read_back_to_themselves(content: bytes) -> None:
    try:
        read = canonical.decode(content, LIMIT)
    except Refused:
        return
    assert canonical.encode(read) == content


@given(VALUES, st.data())
def test_no_two_encodings_mean_the_same(value: object, data: st.DataObject) -> None:
    assume(depth(value) <= canonical.DEEPEST)
    content = bytearray(canonical.encode(value))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        read = canonical.decode(bytes(content), LIMIT)
    except Refused:
        return
    assert canonical.encode(read) != canonical.encode(value)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "00 00",  # trailing bytes
        "8100 f6",
        "18 17",  # numbers that are not in their shortest form
        "19 00ff",
        "1a 0000ffff",
        "1b 00000000ffffffff",
        "98 01 00",  # lengths that are not in their shortest form
        "58 01 00",
        "78 01 61",
        "20",  # negative
        "3b ffffffffffffffff",
        "a0",  # maps
        "a2 00 01 00 02",
        "c1 00",  # tags
        "c2 41 01",
        "c4 82 1b7fffffffffffffff 01",
        "d81e 82 01 02",
        "d823 61 28",
        "5f 41 00 ff",  # indefinite lengths
        "7f 61 61 ff",
        "9f ff",
        "bf ff",
        "ff",
        "f7",  # undefined and other simple values
        "e0",
        "f8 20",
        "f8 14",
        "f9 7e00",  # NaN, infinity, floats
        "fa 7fc00000",
        "fb 7ff0000000000000",
        "f9 3c00",
        "1c",  # reserved
        "1d",
        "1e",
        "1f",
        "18",  # cut short
        "1b 00",
        "41",
        "61",
        "81",
        "82 00",
        "5b ffffffffffffffff 00",  # endless
        "9b ffffffffffffffff 00",
        "7b 7fffffffffffffff 00",
        "61 ff",  # no UTF-8
        "63 eda080",
        "62 c0af",
    ],
)
def test_by_name(content: str) -> None:
    assert refused(bytes.fromhex(content)) is Code.MALFORMED


def test_the_size_is_looked_at_before_anything_else() -> None:
    with pytest.raises(Refused) as caught:
        canonical.decode(b"\xff" * 11, 10)
    assert caught.value.code is Code.TOO_LARGE
    assert canonical.decode(b"\x41a", 2) == b"a"


def test_depth_is_limited() -> None:
    deepest = b"\x81" * canonical.DEEPEST + b"\x00"
    assert depth(canonical.decode(deepest, LIMIT)) == canonical.DEEPEST
    assert refused(b"\x81" + deepest) is Code.MALFORMED
    assert refused(b"\x81" * 100_000) is Code.MALFORMED
    assert refused(b"\xc1" * 100_000) is Code.MALFORMED


def test_the_number_of_items_is_limited() -> None:
    most = canonical.MOST_ITEMS
    assert len(canonical.decode(canonical.encode([0] * most), LIMIT)) == most  # type: ignore[arg-type]
    assert refused(cbor2.dumps([[0] * 200] * 200)) is Code.MALFORMED
    assert refused(cbor2.dumps([0] * (most + 1))) is Code.MALFORMED


@pytest.mark.parametrize(
    "value", [-1, 2**64, 1.0, math.nan, {}, {1: 2}, {1}, object(), "\ud800", [[-1]], bytearray()]
)
def test_what_the_format_does_not_know_is_not_encoded(value: object) -> None:
    with pytest.raises(Refused) as caught:
        canonical.encode(value)
    assert caught.value.code is Code.MALFORMED


def test_too_deep_a_value_is_not_encoded() -> None:
    value: object = 0
    for _ in range(canonical.DEEPEST + 1):
        value = [value]
    with pytest.raises(Refused, match="deeper"):
        canonical.encode(value)
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(Refused, match="deeper"):
        canonical.encode(circle)


def test_two_readers_have_to_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbor2, "dumps", lambda _: b"other")
    assert refused(b"\x00") is Code.MALFORMED
