"""Frames: two sizes only, and a frame opens at its own place and nowhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical, frames
from sync.errors import Code, Refused
from sync.frames import (
    LARGE,
    MOST_IN_LARGE,
    MOST_IN_SMALL,
    PAGE_BYTES,
    SMALL,
    key_id,
    named_keys,
    open_frame,
    open_in_key_topic,
    seal_frame,
    seal_in_key_topic,
)

LIST = "ab" * 16
UNIT = "cd" * 8
KEY = bytes(range(32))
KEYS = named_keys([KEY, bytes(32)])
PUBLIC = bytes(range(256)) * 4 + bytes(192)


def message_of(size: int) -> tuple[object, ...]:
    """Make a message whose canonical encoding has exactly this size."""
    filling = size - len(canonical.encode(["page", bytes(size)]))
    return ("page", bytes(size + filling))


@settings(deadline=None)
@given(st.binary(max_size=LARGE))
def test_a_message_comes_back_and_every_payload_has_one_of_two_sizes(content: bytes) -> None:
    if len(canonical.encode(["page", content])) > MOST_IN_LARGE:
        return
    payload = seal_frame(KEY, "to", LIST, UNIT, ("page", content))
    assert len(payload) in {SMALL, LARGE}
    assert open_frame(KEYS, "to", LIST, UNIT, payload) == ["page", content]


@pytest.mark.parametrize(
    ("size", "whole"),
    [(20, SMALL), (MOST_IN_SMALL, SMALL), (MOST_IN_SMALL + 1, LARGE), (MOST_IN_LARGE, LARGE)],
)
def test_the_size_follows_the_message(size: int, whole: int) -> None:
    message = message_of(size)
    assert len(canonical.encode(message)) == size
    assert len(seal_frame(KEY, "list", LIST, "", message)) == whole
    assert len(seal_frame(KEY, "list", LIST, "", message, large=True)) == LARGE


def test_what_fits_no_frame_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        seal_frame(KEY, "list", LIST, "", message_of(MOST_IN_LARGE + 1))
    assert refused.value.code == Code.TOO_LARGE


def test_a_page_of_a_transfer_fits_whatever_its_numbers() -> None:
    page = ("page", "f" * 16, 2**32 - 1, 2**32 - 1, bytes(PAGE_BYTES))
    assert len(seal_frame(KEY, "to", LIST, UNIT, page)) == LARGE


def test_no_two_frames_are_alike() -> None:
    frames = {seal_frame(KEY, "to", LIST, UNIT, ("ping",)) for _ in range(50)}
    assert len({frame[8:20] for frame in frames}) == 50


@pytest.mark.parametrize("size", [20, MOST_IN_SMALL + 1])
def test_a_frame_opens_at_its_own_place_alone(size: int) -> None:
    payload = seal_frame(KEY, "to", LIST, UNIT, message_of(size))
    places = [
        ("from", LIST, UNIT),
        ("list", LIST, UNIT),
        ("to", "00" * 16, UNIT),
        ("to", LIST, "00" * 8),
        ("to", LIST, ""),
    ]
    for role, list_id, unit_id in places:
        with pytest.raises(Refused) as refused:
            open_frame(KEYS, role, list_id, unit_id, payload)  # type: ignore[arg-type]
        assert refused.value.code == Code.BAD_CIPHERTEXT


def test_a_frame_under_a_key_that_is_not_held_is_told_apart() -> None:
    payload = seal_frame(b"x" * 32, "to", LIST, UNIT, ("ping",))
    with pytest.raises(Refused) as refused:
        open_frame(KEYS, "to", LIST, UNIT, payload)
    assert refused.value.code == Code.UNKNOWN_KEY


def test_a_frame_with_any_byte_changed_is_refused() -> None:
    payload = seal_frame(KEY, "to", LIST, UNIT, ("ping", bytes(16)))
    for at in range(SMALL):
        changed = bytearray(payload)
        changed[at] ^= 1 << at % 8
        with pytest.raises(Refused) as refused:
            open_frame(KEYS, "to", LIST, UNIT, bytes(changed))
        assert refused.value.code in {Code.UNKNOWN_KEY, Code.BAD_CIPHERTEXT}


@pytest.mark.parametrize(
    ("size", "code"),
    [(0, Code.MALFORMED), (SMALL - 1, Code.MALFORMED), (SMALL + 1, Code.MALFORMED),
     (LARGE - 1, Code.MALFORMED), (LARGE + 1, Code.TOO_LARGE), (10**6, Code.TOO_LARGE)],
)  # fmt: skip
def test_a_payload_of_another_size_is_refused_before_anything_else(size: int, code: Code) -> None:
    for opened in (
        lambda: open_frame(KEYS, "to", LIST, UNIT, bytes(size)),
        lambda: open_in_key_topic(PUBLIC, LIST, UNIT, bytes(size)),
    ):
        with pytest.raises(Refused) as refused:
            opened()
        assert refused.value.code == code


@given(st.binary(min_size=1, max_size=300))
def test_bytes_without_order_are_refused(content: bytes) -> None:
    payload = (key_id(KEY) + content).ljust(SMALL, content[-1:])
    with pytest.raises(Refused):
        open_frame(KEYS, "to", LIST, UNIT, payload)


@pytest.mark.parametrize("message", [(), (1, "ping"), ((), ())])
def test_a_frame_has_to_hold_a_message_with_a_tag(message: tuple[object, ...]) -> None:
    payload = seal_frame(KEY, "to", LIST, UNIT, message)
    with pytest.raises(Refused) as refused:
        open_frame(KEYS, "to", LIST, UNIT, payload)
    assert refused.value.code == Code.MALFORMED


@given(st.binary(max_size=LARGE // 2))
def test_a_key_topic_gives_its_unit_what_the_hub_put_there(signed: bytes) -> None:
    payload = seal_in_key_topic(PUBLIC, LIST, UNIT, signed)
    assert len(payload) in {SMALL, LARGE}
    assert open_in_key_topic(PUBLIC, LIST, UNIT, payload) == signed


def test_a_key_topic_opens_for_its_own_unit_alone() -> None:
    payload = seal_in_key_topic(PUBLIC, LIST, UNIT, b"key box")
    for public, list_id, unit_id in (
        (PUBLIC[::-1], LIST, UNIT),
        (PUBLIC, LIST[::-1], UNIT),
        (PUBLIC, LIST, UNIT[::-1]),
    ):
        with pytest.raises(Refused) as refused:
            open_in_key_topic(public, list_id, unit_id, payload)
        assert refused.value.code in {Code.UNKNOWN_KEY, Code.BAD_CIPHERTEXT}


def test_padding_has_to_be_zeros_and_its_length_true(monkeypatch: pytest.MonkeyPatch) -> None:
    for framed in (b"\0\0\0\1\x80" + b"\1" * (SMALL - 41), b"\xff" * (SMALL - 36)):
        with monkeypatch.context() as patched:
            patched.setattr(frames, "_padded", lambda *_, framed=framed: framed)
            payload = seal_frame(KEY, "to", LIST, UNIT, ("ping",))
        with pytest.raises(Refused) as refused:
            open_frame(KEYS, "to", LIST, UNIT, payload)
        assert refused.value.code == Code.MALFORMED


def test_the_name_of_a_key_tells_nothing_of_it() -> None:
    assert len(key_id(KEY)) == 8
    assert key_id(KEY) not in KEY
    assert key_id(KEY) != key_id(bytes(32))
