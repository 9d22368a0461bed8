r"""Bytes with signatures on them: Ed25519 (RFC 8032) over a kind and a body. Pure.

What is signed is ``b"doorwatch/1 " + kind + b"\0" + body``: a signature made for one kind of
statement can never be shown as one for another kind. The arithmetic of keys is passed in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Protocol, Self, TypeAlias

from sync import canonical
from sync.errors import Code, Refused

Verify: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""(public key of 32 bytes, message, signature of 64 bytes) -> valid. ``seal.verify`` is one."""

Sign: TypeAlias = Callable[[bytes], bytes]
"""Message -> Ed25519 signature of 64 bytes."""

DOMAIN = b"doorwatch/1 "
KEY_ID_SIZE, PUBLIC_SIZE, SIGNATURE_SIZE = 16, 32, 64

MOST_SIGNATURES = 16
"""On one statement: officers of two generations are at most that many."""

LARGEST_SIGNED = 160 * 1024
"""Bytes of the largest signed statement: a proposal with templates and photo."""


class Signer(Protocol):
    """A key that signs."""

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign a message; 64 bytes."""
        ...


def message(kind: str, body: bytes) -> bytes:
    """Give the bytes that are signed for a body of this kind."""
    return DOMAIN + kind.encode("ascii") + b"\0" + body


def digest(kind: str, body: bytes) -> bytes:
    """Give the SHA-256 of a body, 32 bytes, bound to its kind; it covers no signature."""
    return sha256(message(kind, body)).digest()


@lru_cache(maxsize=4096)
def key_id(public: bytes) -> bytes:
    """Give the 16 bytes that name a public key on a statement."""
    return digest("key", public)[:KEY_ID_SIZE]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature.

    Attributes:
        key_id: Whose; see :func:`key_id`.
        value: Ed25519, 64 bytes.
    """

    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A body with signatures, nothing believed yet.

    Attributes:
        kind: What the body is; part of what is signed.
        body: Canonical bytes of a statement.
        signatures: One per key, in ascending order of key id.
    """

    kind: str
    body: bytes
    signatures: tuple[Signature, ...]

    @property
    def digest(self) -> bytes:
        """Name the body, 32 bytes, whoever signed it."""
        return digest(self.kind, self.body)

    def encode(self) -> bytes:
        """Give the bytes on the wire."""
        pairs = [[one.key_id, one.value] for one in self.signatures]
        return canonical.encode([self.kind, self.body, pairs])

    @classmethod
    def parse(cls, wire: bytes, kind: str, limit: int = LARGEST_SIGNED) -> Self:
        """Read a signed statement of the kind that is expected here.

        Raises:
            Refused: TOO_LARGE or MALFORMED.
        """
        match canonical.decode(wire, limit):
            case [str(named), bytes(body), list(pairs)] if named == kind:
                return cls(kind, body, _signatures(pairs))
            case _:
                raise Refused(Code.MALFORMED, f"this is no signed {kind}")

    def signers(self, keys: Iterable[bytes], verify: Verify) -> frozenset[bytes]:
        """Tell which of the public keys signed this.

        Signatures of keys that are not asked about are passed over: an officer who left may
        have signed as well.

        Raises:
            Refused: BAD_SIGNATURE, one of these keys is named and its signature is wrong.
        """
        known = {key_id(public): public for public in keys}
        text = message(self.kind, self.body)
        valid = set()
        for one in self.signatures:
            public = known.get(one.key_id)
            if public is None:
                continue
            if not verify(public, text, one.value):
                raise Refused(Code.BAD_SIGNATURE, f"a signature on this {self.kind} is wrong")
            valid.add(public)
        return frozenset(valid)

    def require(self, public: bytes, verify: Verify) -> None:
        """Refuse a statement that this key did not sign.

        Raises:
            Refused: BAD_SIGNATURE.
        """
        if not self.signers((public,), verify):
            raise Refused(Code.BAD_SIGNATURE, f"this {self.kind} is not signed by the right key")

    def joined(self, other: Self) -> Self:
        """Give the same body with the signatures of both.

        Raises:
            Refused: MALFORMED, the two are about different bodies.
        """
        if (self.kind, self.body) != (other.kind, other.body):
            raise Refused(Code.MALFORMED, "signatures on different statements cannot be joined")
        return type(self)(self.kind, self.body, _ordered((*other.signatures, *self.signatures)))


def signed(kind: str, body: bytes, *signers: Signer) -> Signed:
    """Sign a body by each of the keys."""
    text = message(kind, body)
    made = tuple(Signature(key_id(one.public), one.sign(text)) for one in signers)
    return Signed(kind, body, _ordered(made))


def _ordered(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    """Put signatures into their order, the last one of each key."""
    unique = {one.key_id: one for one in signatures}
    return tuple(unique[name] for name in sorted(unique))


def _signatures(pairs: list[object]) -> tuple[Signature, ...]:
    """Read signatures: of the right size, in ascending order, each key once."""
    if len(pairs) > MOST_SIGNATURES:
        raise Refused(Code.MALFORMED, f"more than {MOST_SIGNATURES} signatures")
    read = tuple(_signature(pair) for pair in pairs)
    names = [one.key_id for one in read]
    if any(first >= second for first, second in pairwise(names)):
        raise Refused(Code.MALFORMED, "signatures are not in order, or a key signed twice")
    return read


def _signature(pair: object) -> Signature:
    match pair:
        case [bytes(name), bytes(value)] if (len(name), len(value)) == (
            KEY_ID_SIZE,
            SIGNATURE_SIZE,
        ):
            return Signature(name, value)
        case _:
            raise Refused(Code.MALFORMED, "a signature has the wrong shape")
