"""Vectors of bytes, statements and roots."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from paper_hub import (
    HUB,
    LIST,
    NOW_MS,
    OFFICERS,
    VENUES,
    A,
    B,
    PaperHub,
    contest,
    head,
    key,
    manifest,
    policy,
    put,
    registration,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync import canonical, seal
from sync.signing import Signed
from sync.statement.caution import Caution
from sync.statement.keybox import KeyBox, Kill
from sync.statement.membership import Rekey
from sync.statement.part import Statement
from sync.statement.record import Expiry, Op
from sync.statement.report import Report
from vectors.writing import EMPTY, ENTRY, HOURS_MS, UNIT, Vector, plain

if TYPE_CHECKING:
    from sync.statement.root import Root

ONE, TWO, THREE = OFFICERS


def canonical_vectors() -> Iterator[Vector]:
    values: dict[str, object] = {
        "zero": 0, "small": 23, "one byte": 24, "two bytes": 256, "four bytes": 65_536,
        "eight bytes": 2**32, "largest": 2**64 - 1, "false": False, "true": True, "null": None,
        "bytes": b"\x00\xff", "text": "Zoë 中 🙂", "empty": [], "array": [1, [b"", ""], None],
        "24 items": [0] * 24,
    }  # fmt: skip
    for name, value in values.items():
        content = canonical.encode(value).hex()
        yield {"name": name, "bytes": content, "value": plain(value), "refusal": None}
    bad = {
        "nothing": "", "trailing bytes": "0000", "long form of 23": "1817",
        "long form of 255": "1900ff", "long form of an array": "980100", "negative": "20",
        "map": "a10001", "map with a key twice": "a200010002", "tag": "c100", "bignum": "c24101",
        "NaN": "f97e00", "float": "fb3ff0000000000000", "undefined": "f7",
        "indefinite array": "9fff", "indefinite text": "7f6161ff", "break": "ff",
        "cut short": "8200", "endless length": "5bffffffffffffffff00",
        "endless array": "9bffffffffffffffff00", "no UTF-8": "61ff", "surrogate": "63eda080",
        "too deep": "81" * (canonical.DEEPEST + 1) + "00",
        "too many items": "9a00008001",
    }  # fmt: skip
    for name, content in bad.items():
        yield {"name": name, "bytes": content, "refusal": "malformed"}
    yield {"name": "over the limit", "bytes": "4161", "limit": 1, "refusal": "too-large"}


def good_statements() -> dict[str, tuple[Statement, Sequence[seal.SigningKey]]]:
    report = Report(
        LIST, UNIT, 7, NOW_MS, 3, bytes(32), bytes(32), bytes(32), 12, 1, "embed-1", "1.0",
        (ENTRY,), ("CAMERA",), (), (("encounters", 40),), ((ENTRY, 3, 0, 2),), destroyed=False,
    )  # fmt: skip
    both = (VENUES[A], VENUES[B])
    return {
        "root": (root(), OFFICERS[:2]),
        "record": (PaperHub().record(Op.POLICY, b"content"), (HUB,)),
        "put": (put(), both),
        "remove": (remove(), both),
        "contest": (contest(), both[:1]),
        "reinstate": (reinstate(), both),
        "policy": (policy(), both),
        "head": (head(EMPTY), (HUB,)),
        "manifest": (manifest(EMPTY), (HUB,)),
        "key-box": (KeyBox(LIST, UNIT, 1, seal.SUITE, bytes(64), NOW_MS), (HUB,)),
        "kill": (Kill(LIST, UNIT, NOW_MS), (HUB,)),
        "report": (report, (key("unit 1"),)),
        "caution": (Caution(LIST, (ENTRY,), NOW_MS, NOW_MS + HOURS_MS), (HUB,)),
    }


def statement_vectors() -> Iterator[Vector]:
    for name, (one, signers) in good_statements().items():
        carried = one.signed(*signers)
        yield {
            "name": name,
            "fields": plain(one.values()),
            "body": carried.body.hex(),
            "digest": carried.digest.hex(),
            "seeds": [signer.seed.hex() for signer in signers],
            "wire": carried.encode().hex(),
            "refusal": None,
        }
    for bare in (Expiry(ENTRY), registration(), Rekey(2, (UNIT,))):
        yield {"name": bare.TAG, "body": bare.encode().hex(), "refusal": None}
    yield from bad_statements()


def bad_statements() -> Iterator[Vector]:
    one, signers = good_statements()["head"]
    carried = one.signed(*signers)
    values = canonical.decode(carried.body, 4096)
    assert isinstance(values, list)
    twice = Signed("head", carried.body, carried.signatures * 2)
    wires = {
        "another kind": Signed("kill", carried.body, carried.signatures).encode(),
        "a signature twice": twice.encode(),
        "trailing byte": carried.encode() + b"\0",
    }
    bodies = {
        "version 2": [2, *values[1:]],
        "version true": [True, *values[1:]],
        "another tag": [1, "kill", *values[2:]],
        "a field missing": values[:-1],
        "a field too many": [*values, 0],
        "a list id in capitals": [1, "head", "ABCDEF0123456789" * 2, *values[3:]],
        "a hash of 31 bytes": [*values[:5], bytes(31), *values[6:]],
        "a number as text": [*values[:4], "0", *values[5:]],
        "a number too large": [*values[:4], 2**53, *values[5:]],
    }
    for name, wire in wires.items():
        yield {"name": name, "kind": "head", "wire": wire.hex(), "refusal": "malformed"}
    for name, body in bodies.items():
        wire = Signed("head", canonical.encode(body), carried.signatures).encode()
        yield {"name": name, "kind": "head", "wire": wire.hex(), "refusal": "malformed"}
    huge = Signed("head", bytes(600), carried.signatures).encode()
    yield {"name": "a head too large", "kind": "head", "wire": huge.hex(), "refusal": "too-large"}


def root_vectors() -> Iterator[Vector]:
    new = tuple(sorted((key(f"new officer {n}") for n in range(3)), key=lambda one: one.public))
    officers = tuple(one.public for one in new)
    old = root(floor_seq=5, floor_hash=b"5" * 32)
    second = root(version=2)
    wrong = Signed("root", second.encode(), root(version=3).signed(ONE, TWO).signatures)
    cases: list[tuple[str, Root, Signed, str | None]] = [
        ("the next root", root(), second.signed(ONE, THREE), None),
        (
            "new officers",
            root(),
            root(version=2, officers=officers).signed(ONE, TWO, *new[:2]),
            None,
        ),
        ("one officer", root(), second.signed(ONE), "too-few-signatures"),
        (
            "new officers without the old",
            root(),
            root(version=2, officers=officers).signed(*new),
            "too-few-signatures",
        ),
        ("the hub and an officer", root(), second.signed(ONE, HUB), "too-few-signatures"),
        ("signatures of another root", root(), wrong, "bad-signature"),
        ("the same version", root(), root().signed(ONE, TWO), "root-version"),
        ("a version left out", root(), root(version=3).signed(ONE, TWO), "root-version"),
        ("another list", root(), root(version=2, list_id="f" * 32).signed(ONE, TWO), "wrong-list"),
        ("a lower floor", old, second.signed(ONE, TWO), "rollback"),
        ("another floor", old, root(version=2, floor_seq=5).signed(ONE, TWO), "fork"),
    ]
    for name, held, carried, refusal in cases:
        wires = {"held": held.encode().hex(), "wire": carried.encode().hex()}
        yield {"name": name, **wires, "refusal": refusal}
    for name, pinned, refusal in [
        ("the pinned root", root().signed(ONE, TWO).digest, None),
        ("another than the pinned root", bytes(32), "wrong-root"),
    ]:
        wire = root().signed(ONE, TWO).encode().hex()
        yield {"name": name, "pinned": pinned.hex(), "wire": wire, "refusal": refusal}
