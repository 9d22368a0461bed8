"""Each statement: round trip, and no byte of a signed one can change."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from statement_strategies import SIGNED, STATEMENTS, parts
from sync import canonical
from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.seal import verify
from sync.signing import Signed, Signer
from sync.statement.caution import Caution
from sync.statement.keybox import KeyBox, KeyRing, Kill
from sync.statement.membership import Rekey
from sync.statement.part import Statement, tag_of
from sync.statement.proposal import KIND, open_proposal, parse_proposal
from sync.statement.record import Expiry, Op
from sync.statement.report import Report
from sync.statement.root import Venue

UNIT = "7" * 16
EMPTY = Ledger.empty(LIST)
REPORT = Report(
    LIST, UNIT, 7, NOW_MS, 3, bytes(32), bytes(32), bytes(32), 12, 1, "embed-1", "1.0",
    ("a" * 16,), ("CAMERA",), ((Code.FORK, 2),), (("encounters", 40),), (("a" * 16, 3, 0, 2),),
    destroyed=False,
)  # fmt: skip
EXAMPLES: dict[str, tuple[Statement, tuple[Signer, ...]]] = {
    "root": (root(), OFFICERS[:2]),
    "record": (PaperHub().record(Op.POLICY, b""), (HUB,)),
    "put": (put(), (VENUES[A], VENUES[B])),
    "remove": (remove(), (VENUES[A], VENUES[B])),
    "contest": (contest(), (VENUES[A],)),
    "reinstate": (reinstate(), (VENUES[A], VENUES[B])),
    "policy": (policy(), (VENUES[A], VENUES[B])),
    "head": (head(EMPTY), (HUB,)),
    "manifest": (manifest(EMPTY), (HUB,)),
    "key-box": (KeyBox(LIST, UNIT, 1, "suite", bytes(64), NOW_MS), (HUB,)),
    "kill": (Kill(LIST, UNIT, NOW_MS), (HUB,)),
    "report": (REPORT, (HUB,)),
    "caution": (Caution(LIST, ("a" * 16,), NOW_MS, NOW_MS + 3_600_000), (HUB,)),
}
UNSIGNED: tuple[Statement, ...] = (
    Expiry("a" * 16), registration(), Rekey(2, (UNIT,)),
    KeyRing(1, bytes(32), bytes(32), "c" * 16, (("consortium/banned", bytes(32)),)),
)  # fmt: skip


@pytest.mark.parametrize("kind", STATEMENTS, ids=lambda one: one.TAG)
@settings(suppress_health_check=list(HealthCheck), max_examples=40)
@given(data=st.data())
def test_what_is_encoded_is_read_back(kind: type[Statement], data: st.DataObject) -> None:
    one = data.draw(parts(kind))
    body = one.encode()
    assert kind.parse(body) == one
    assert kind.parse(body).encode() == body
    if kind.KIND == KIND:
        assert parse_proposal(body) == one


def test_each_statement_that_is_signed_has_an_example() -> None:
    assert {type(one) for one, _ in EXAMPLES.values()} == set(SIGNED)
    assert {type(one) for one in UNSIGNED} == set(STATEMENTS) - set(SIGNED)


OF_ANOTHER_TYPE: tuple[object, ...] = (None, 2**64 - 1, b"x" * 31, "a" * 16, True, [[["deep"]]])


def read(wire: bytes, kind: type[Statement], signers: tuple[Signer, ...]) -> Statement:
    """Read a statement as its reader does: shape, then every signature that it needs."""
    carried, one = kind.open(wire)
    for signer in signers:
        carried.require(signer.public, verify)
    return one


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_flipped_bit_of_a_signed_statement_gets_through(name: str) -> None:
    one, signers = EXAMPLES[name]
    wire = one.signed(*signers).encode()
    assert read(wire, type(one), signers) == one
    for place in range(len(wire)):
        for bit in range(8):
            changed = bytearray(wire)
            changed[place] ^= 1 << bit
            with pytest.raises(Refused):
                read(bytes(changed), type(one), signers)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["head", "remove"])
def test_no_other_byte_of_a_signed_statement_gets_through(name: str) -> None:
    one, signers = EXAMPLES[name]
    wire = one.signed(*signers).encode()
    for place in range(len(wire)):
        for other in range(256):
            changed = wire[:place] + bytes([other]) + wire[place + 1 :]
            if changed != wire:
                with pytest.raises(Refused):
                    read(changed, type(one), signers)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_signed_statement_has_no_other_length(name: str) -> None:
    one, signers = EXAMPLES[name]
    wire = one.signed(*signers).encode()
    for changed in (wire + b"\0", b"\0" + wire, wire[:-1], wire[1:], wire * 2, b""):
        with pytest.raises(Refused):
            read(changed, type(one), signers)


@pytest.mark.parametrize("one", [*(one for one, _ in EXAMPLES.values()), *UNSIGNED])
def test_each_field_has_its_type_and_range(one: Statement) -> None:
    good = canonical.decode(one.encode(), one.LARGEST)
    assert isinstance(good, list)
    for place in range(len(good)):
        for wrong in OF_ANOTHER_TYPE:
            if type(wrong) is type(good[place]):
                continue
            bad = [*good[:place], wrong, *good[place + 1 :]]
            with pytest.raises(Refused) as caught:
                type(one).parse(canonical.encode(bad))
            assert caught.value.code in {Code.MALFORMED, Code.TOO_LARGE}
    for bad in (good[:-1], [*good, 0], []):
        with pytest.raises(Refused, match="malformed"):
            type(one).parse(canonical.encode(bad))


@pytest.mark.parametrize("body", [b"", b"\x80", b"\x82\x01\x61x", b"\xf5", b"\x01"])
def test_what_is_no_proposal_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="malformed"):
        parse_proposal(body)


def test_true_is_not_version_one() -> None:
    values = canonical.decode(remove().encode(), 4096)
    assert isinstance(values, list)
    assert tag_of(values) == "remove"
    for version in (True, 2, "1", None):
        body = canonical.encode([version, *values[1:]])
        assert tag_of([version, *values[1:]]) == ""
        with pytest.raises(Refused, match="malformed"):
            parse_proposal(body)


def test_another_statement_is_not_this_one() -> None:
    for name, (one, _) in EXAMPLES.items():
        for other, (_, signers) in EXAMPLES.items():
            if name != other:
                with pytest.raises(Refused):
                    type(one).open(EXAMPLES[other][0].signed(*signers).encode())


def test_a_signed_proposal_is_opened_whatever_it_proposes() -> None:
    carried, one = open_proposal(remove().signed(VENUES[A]).encode())
    assert one == remove()
    assert isinstance(carried, Signed)


def test_values_out_of_range_are_not_even_encoded() -> None:
    with pytest.raises(Refused, match=r"PutProposal\.photo: not 0 to 49152 bytes"):
        put(photo=bytes(49 * 1024)).encode()
    with pytest.raises(Refused, match=r"Head\.seq"):
        head(EMPTY, seq=-1).encode()
    with pytest.raises(Refused, match=r"KeyRing\.rings"):
        KeyRing(1, bytes(32), bytes(32), "c" * 16, (("b/x", b""),)).encode()


def test_the_largest_put_is_carried() -> None:
    one = put(templates=bytes(64 * 1024), photo=bytes(48 * 1024), evidence="ü" * 200)
    wire = one.signed(*VENUES.values()).encode()
    assert open_proposal(wire)[1] == one


def test_a_statement_larger_than_its_kind_is_refused_on_both_sides() -> None:
    box = KeyBox(LIST, UNIT, 1, "suite", bytes(60 * 1024), NOW_MS)
    assert KeyBox.parse(box.encode()) == box
    units = tuple(f"{n:016x}" for n in range(2048))
    assert Rekey.parse(Rekey(2, units).encode()) == Rekey(2, units)
    with pytest.raises(Refused, match="too-large"):
        Kill.parse(bytes(5000))
    venues = tuple(Venue(f"{n:016x}", "🏠" * 80, key(f"v{n}").public) for n in range(256))
    with pytest.raises(Refused, match="too-large"):
        root(venues=venues).encode()


def test_refusals_name_the_field_and_never_its_value() -> None:
    secret = "Jane Q. Public\n"
    with pytest.raises(Refused) as caught:
        put(evidence=secret).encode()
    assert "Jane" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_info_of_a_key_box_binds_list_epoch_and_unit() -> None:
    box = KeyBox(LIST, UNIT, 3, "suite", bytes(64), NOW_MS)
    assert box.info == f"doorwatch/1 key-box|{LIST}|3|{UNIT}".encode()
