"""One encoding for everything that is signed: deterministic CBOR (RFC 8949, 4.2.1). Pure.

Of CBOR only whole numbers from 0 to 2^64-1, byte strings, UTF-8 texts, arrays, false, true and
null are used. One value has one encoding: shortest heads, definite lengths.

General decoders are generous: cbor2 takes duplicate keys, trailing bytes, NaN, and tags that
cost seconds of arithmetic. So the bytes are walked by a strict reader that knows only the
above, and what it read is encoded again by cbor2 and has to give the same bytes: two readers
of the format have to agree before any field is believed.
"""

import cbor2

from sync.errors import Code, Refused

DEEPEST = 8
"""Arrays within arrays; the deepest statement of the protocol uses five."""

MOST_ITEMS = 32_768
"""Items in the arrays of one message, so that a message of tiny items cannot keep a reader busy."""

LARGEST_NUMBER = 2**64 - 1

_NUMBER, _BYTES, _TEXT, _ARRAY, _SIMPLE = 0, 2, 3, 4, 7
_NAMED = {0xF4: False, 0xF5: True, 0xF6: None}
_SHORTEST = {24: (1, 24), 25: (2, 1 << 8), 26: (4, 1 << 16), 27: (8, 1 << 32)}
"""Additional information: (bytes that follow, smallest number that needs them)."""


def encode(value: object) -> bytes:
    """Encode a value; tuples become arrays.

    Raises:
        Refused: MALFORMED, a type, number, text or depth that the format does not know.
    """
    _check(value, 0)
    try:
        return cbor2.dumps(value)
    except UnicodeEncodeError:
        raise Refused(Code.MALFORMED, "a text is not valid Unicode") from None


def decode(content: bytes, limit: int) -> object:
    """Read the value whose canonical encoding is exactly ``content``.

    Args:
        content: What came in.
        limit: The most bytes that this kind of message may have; checked first.

    Returns:
        Numbers, bytes, texts, booleans, None, and lists of these.

    Raises:
        Refused: TOO_LARGE, or MALFORMED for anything but the canonical encoding of one value.
    """
    if len(content) > limit:
        raise Refused(Code.TOO_LARGE, f"{len(content)} bytes where {limit} are the most")
    reader = _Reader(content)
    value = reader.value(0)
    if reader.at != len(content):
        raise Refused(Code.MALFORMED, "bytes follow the end of the message")
    if cbor2.dumps(value) != content:
        raise Refused(Code.MALFORMED, "not the canonical encoding")
    return value


def _check(value: object, depth: int) -> None:
    """Refuse what has no canonical encoding."""
    if value is None or isinstance(value, bool | bytes | str):
        return
    if isinstance(value, int):
        if not 0 <= value <= LARGEST_NUMBER:
            raise Refused(Code.MALFORMED, "a number is not between 0 and 2^64-1")
    elif isinstance(value, list | tuple):
        if depth == DEEPEST:
            raise Refused(Code.MALFORMED, f"arrays lie deeper than {DEEPEST}")
        for item in value:
            _check(item, depth + 1)
    else:
        raise Refused(Code.MALFORMED, f"{type(value).__name__} has no canonical encoding")


class _Reader:
    """A place in the bytes of one message, moving forward."""

    __slots__ = ("_content", "_items", "at")

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._items = 0
        self.at = 0

    def value(self, depth: int) -> object:
        """Read the item that begins here."""
        first = self._take(1)[0]
        major, count = first >> 5, first & 31
        if major == _SIMPLE:
            return self._simple(first)
        if count > 23:  # the number follows in bytes of its own
            count = self._long(count)
        if major == _TEXT:
            return self._text(count)
        if major == _BYTES:
            return self._take(count)
        if major == _NUMBER:
            return count
        if major == _ARRAY:
            return self._array(count, depth)
        raise Refused(Code.MALFORMED, "an item of a kind that is not used here")

    def _simple(self, first: int) -> bool | None:
        if first not in _NAMED:
            raise Refused(Code.MALFORMED, "a float, or a simple value that is not used here")
        return _NAMED[first]

    def _long(self, detail: int) -> int:
        """Read the number in the head of an item, which has to be in its shortest form."""
        if detail not in _SHORTEST:
            raise Refused(Code.MALFORMED, "an indefinite or reserved length")
        size, smallest = _SHORTEST[detail]
        count = int.from_bytes(self._take(size), "big")
        if count < smallest:
            raise Refused(Code.MALFORMED, "a number is not in its shortest form")
        return count

    def _take(self, count: int) -> bytes:
        begin, end = self.at, self.at + count
        if end > len(self._content):
            raise Refused(Code.MALFORMED, "the message ends too early")
        self.at = end
        return self._content[begin:end]

    def _text(self, count: int) -> str:
        try:
            return self._take(count).decode()
        except UnicodeDecodeError:
            raise Refused(Code.MALFORMED, "a text is not valid UTF-8") from None

    def _array(self, count: int, depth: int) -> list[object]:
        if depth == DEEPEST:
            raise Refused(Code.MALFORMED, f"arrays lie deeper than {DEEPEST}")
        self._items += count
        if self._items > MOST_ITEMS:
            raise Refused(Code.MALFORMED, f"more than {MOST_ITEMS} items")
        return [self.value(depth + 1) for _ in range(count)]
