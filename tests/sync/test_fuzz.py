"""Garbage into every reader of the protocol: refused under a code, quickly, whatever it is.

``DOORWATCH_FUZZ=100000`` sets how many payloads are tried; ``DOORWATCH_SEED`` which ones.
"""

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from time import thread_time

import pytest

from paper_hub import (
    HUB,
    LIST,
    NOW_MS,
    OFFICERS,
    PaperHub,
    contest,
    head,
    manifest,
    policy,
    put,
    registration,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync import canonical
from sync.changes import Bench
from sync.errors import Refused
from sync.heads import check_head
from sync.ledger import Chain, Ledger
from sync.lifts import check_lift
from sync.rootchain import next_root
from sync.seal import verify
from sync.signing import LARGEST_SIGNED, Signed
from sync.snapshot import Snapshot, check_manifest
from sync.statement.keybox import KeyBox, KeyRing, Kill
from sync.statement.membership import Registration, Rekey
from sync.statement.policy import Policy
from sync.statement.proposal import open_proposal, parse_proposal
from sync.statement.record import Expiry, Op, Record, content_digest
from sync.statement.report import Report

PAYLOADS = int(os.environ.get("DOORWATCH_FUZZ", "6000"))
SEED = int(os.environ.get("DOORWATCH_SEED", "1"))
LONGEST_S = 0.1

HELD = Ledger.empty(LIST).extended([PaperHub().put()], root(), verify)[0]


class Clock:
    ms = NOW_MS
    trusted = True


def of_record(content: bytes) -> object:
    """Read the bytes as what each kind of record of the hub carries."""
    for op in Op:
        hub = PaperHub(seq=1, prev=HELD.hash)
        named = {"entry_id": put().entry_id, "ring": put().ring} if op in ABOUT else {}
        until = {"not_after_ms": put().valid_until_ms} if op is Op.PUT else {}
        item = hub.write(op, content, **named, **until)  # type: ignore[arg-type]
        quietly(lambda one=item: HELD.extended([one], root(), always))
    return None


ABOUT = {Op.PUT, Op.REMOVE, Op.CONTEST, Op.REINSTATE}


def always(*_: bytes) -> bool:
    """Take every signature: what lies behind them has to stand by itself."""
    return True


def quietly(read: Callable[[], object]) -> str:
    """Read; give the code of the refusal, or "" for what was taken."""
    try:
        read()
    except Refused as refusal:
        code, told = refusal.code, str(refusal)
    else:
        return ""
    assert "\n" not in told
    return code


def carried(kind: str) -> Callable[[bytes], Signed]:
    return lambda content: Signed.parse(content, kind)


def records(content: bytes) -> object:
    one = Signed.parse(content, "record")
    items = [(one, put().signed(HUB).encode())]
    quietly(lambda: Snapshot(manifest(HELD), HELD, root(), always).add(items))
    quietly(lambda: check_lift(*items[0], HELD, Bench(root(), Policy(), always)))
    return HELD.extended(items, root(), always)


READERS: dict[str, Callable[[bytes], object]] = {
    "canonical": lambda content: canonical.decode(content, LARGEST_SIGNED),
    "record": records,
    "content": of_record,
    "proposal": open_proposal,
    "bare proposal": parse_proposal,
    "root": lambda content: next_root(root(), carried("root")(content), always),
    "head": lambda content: check_head(
        carried("head")(content), head(HELD), HELD, root(), always, Clock()
    ),
    "manifest": lambda content: check_manifest(
        carried("manifest")(content), head(HELD), HELD, root(), always
    ),
    **{one.TAG: one.open for one in (KeyBox, Kill, Report)},
    **{one.TAG: one.parse for one in (KeyRing, Registration, Rekey, Expiry, Record, Chain)},
}


def seeds() -> list[bytes]:
    """Give good payloads of every kind, to be spoilt."""
    hub = PaperHub()
    unit = "7" * 16
    whole = [hub.put(), hub.about(policy()), hub.rekey(), hub.register(), hub.expire()]
    proposals = (put(), remove(), contest(), reinstate(), policy())
    signed = (
        head(HELD), manifest(HELD), KeyBox(LIST, unit, 1, "suite", bytes(64), NOW_MS),
        Kill(LIST, unit, NOW_MS),
    )  # fmt: skip
    wires = [one.encode() for one, _ in whole] + [c for _, c in whole if c]
    wires += [one.signed(HUB).encode() for one in (*proposals, *signed)]
    wires += [one.encode() for one in (*proposals, registration(), Rekey(2, (unit,)), HELD.chain)]
    wires += [root(version=2).signed(*OFFICERS[:2]).encode(), root().encode()]
    return wires


def spoilt(good: list[bytes], random: Random) -> bytes:
    """Spoil a good payload a few times over, or make one up."""
    if random.random() < 0.1:
        return random.randbytes(random.randrange(300))
    content = bytearray(random.choice(good))
    for _ in range(random.choice((1, 1, 2, 8))):
        place = random.randrange(len(content) + 1)
        match random.randrange(7):
            case 0:
                content[place : place + 1] = random.randbytes(1)
            case 1:
                content[place:place] = random.choice(HEADS)
            case 2:
                del content[place : place + random.randrange(1, 40)]
            case 3:
                other = random.choice(good)
                begin = random.randrange(len(other))
                content[place:place] = other[begin : begin + random.randrange(80)]
            case 4:
                content[place:] = random.randbytes(random.randrange(30))
            case 5:
                content[place : place + 9] = random.choice(HEADS)
            case _:
                content *= random.choice((1, 1, 2))
    return bytes(content)


HEADS = [
    bytes.fromhex(one)
    for one in (
        "1bffffffffffffffff", "9bffffffffffffffff", "5bffffffffffffffff", "9f", "ff", "f97e00",
        "a0", "c249010000000000000000", "d81e820101", "80", "f6", "f5", "00", "60", "40", "1817",
        "3b7fffffffffffffff", "8181818181818181", "c482" + "1b7fffffffffffffff" + "01",
    )
]  # fmt: skip


def slowest(payloads: list[bytes]) -> tuple[float, Counter[str]]:
    """Give every payload to every reader; the longest time of one, and the codes."""
    worst, codes = 0.0, Counter[str]()
    for content in payloads:
        for name, read in READERS.items():
            begun = thread_time()
            codes[quietly(lambda c=content, r=read: r(c))] += 1  # type: ignore[misc]
            took = thread_time() - begun
            if took > LONGEST_S and name != "content":
                pytest.fail(f"{name} took {took:.3f} s for {content[:40].hex()}…")
            worst = max(worst, took)
    return worst, codes


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_no_garbage_gets_more_than_a_refusal() -> None:
    random, good = Random(SEED), seeds()
    worst, codes = slowest([spoilt(good, random) for _ in range(PAYLOADS)])
    print(f"seed {SEED}, {PAYLOADS} payloads, slowest {worst * 1000:.1f} ms, {dict(codes)}")
    assert codes["malformed"] > PAYLOADS


@pytest.mark.parametrize(
    "content",
    [
        bytes.fromhex("99ffff") + bytes(65_535),
        bytes.fromhex("9a00010000") + bytes(65_536),
        bytes.fromhex("9a00027000") + bytes(160_000),
        (bytes.fromhex("98ff") + bytes(255)) * 600,
        b"\x81" * 160_000,
        b"\xc1" * 160_000,
        b"\xd8\x1e\x82" * 50_000,
        bytes.fromhex("9910e5") + b"\x61\x61" * 4325,
        canonical.encode(["proposal", bytes(150_000), []]),
        canonical.encode(["proposal", bytes.fromhex("99fffe") + bytes(65_534), []]),
        canonical.encode([1, "rekey", 1, [f"{n:016x}" for n in range(3500)]]),
        canonical.encode([1, "put", *["a" * 1000] * 60]),
    ],
)
def test_the_worst_that_fits_is_refused_in_time(content: bytes) -> None:
    slowest([content[:LARGEST_SIGNED]])


def test_good_payloads_are_good() -> None:
    codes = [quietly(lambda c=c, r=r: r(c)) for c in seeds() for r in READERS.values()]  # type: ignore[misc]
    assert codes.count("") > len(seeds())


def test_a_digest_is_asked_for_before_any_content_is_read() -> None:
    hub = PaperHub()
    spoiled, content = hub.put(content_digest=content_digest(b"other"))
    assert quietly(lambda: HELD.empty(LIST).extended([(spoiled, content)], root(), always)) == (
        "mix-and-match"
    )
