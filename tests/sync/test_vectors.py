"""Every vector of tests/vectors is read as sync/PROTOCOL.md says, or refused under its code."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.errors import KeyProviderError
from edge.keys.pairs import Pairs, Share, key_id, opened
from paper_hub import LIST
from sync import canonical, seal
from sync.cautions import check_caution, held_back
from sync.changes import Bench
from sync.clock import Now
from sync.errors import Code, Refused
from sync.frames import named_keys, open_frame
from sync.heads import check_head
from sync.invitation import Invitation
from sync.ledger import Ledger
from sync.lifts import check_lift
from sync.rootchain import first_root, next_root
from sync.signing import Signed
from sync.snapshot import Snapshot
from sync.statement.caution import Caution
from sync.statement.head import Head, Manifest
from sync.statement.keybox import KeyBox, Kill
from sync.statement.membership import Registration, Rekey
from sync.statement.part import Statement
from sync.statement.policy import Policy
from sync.statement.proposal import parse_proposal
from sync.statement.record import Expiry, Record
from sync.statement.report import Report
from sync.statement.root import Root
from vectors import make
from vectors.writing import Vector, plain, state

KINDS: dict[str, type[Statement]] = {
    one.TAG: one
    for one in (
        Root,
        Record,
        Head,
        Manifest,
        KeyBox,
        Kill,
        Report,
        Caution,
        Expiry,
        Registration,
        Rekey,
    )
}
NEVER_HERE = {
    Code.WRONG_UNIT, Code.ENDLESS, Code.SLOW, Code.REVOKED
}  # fmt: skip
"""Codes of a conversation, not of bytes: shown by the tests of unit, hub and simulator."""


def read_canonical(vector: Vector, _: Vector) -> object:
    value = canonical.decode(raw(vector["bytes"]), vector.get("limit", 1 << 20))
    assert canonical.encode(value) == raw(vector["bytes"])
    assert plain(value) == vector["value"]
    return value


def raw(digits: str) -> bytes:
    return bytes.fromhex(digits)


def read_statement(vector: Vector, _: Vector) -> object:
    name = vector.get("kind", vector["name"])
    parse: Callable[[bytes], Any] = KINDS[name].parse if name in KINDS else parse_proposal
    if "wire" not in vector:
        return check_written(parse(raw(vector["body"])), vector)
    kind = KINDS[name].KIND if name in KINDS else "proposal"
    carried = Signed.parse(raw(vector["wire"]), kind)
    one = check_written(parse(carried.body), vector)
    assert carried.digest.hex() == vector["digest"]
    signers = [seal.SigningKey(raw(seed)) for seed in vector["seeds"]]
    assert one.signed(*signers).encode() == raw(vector["wire"])
    for signer in signers:
        carried.require(signer.public, seal.verify)
    return one


def check_written(one: Any, vector: Vector) -> Any:
    assert one.encode() == raw(vector["body"])
    assert "fields" not in vector or plain(one.values()) == vector["fields"]
    return one


def read_root(vector: Vector, _: Vector) -> object:
    carried = Signed.parse(raw(vector["wire"]), "root")
    if "pinned" in vector:
        return first_root(carried, raw(vector["pinned"]), seal.verify)
    return next_root(Root.parse(raw(vector["held"])), carried, seal.verify)


def records(listed: list[list[str | None]]) -> list[tuple[Signed, bytes | None]]:
    return [
        (Signed.parse(raw(wire or ""), "record"), None if content is None else raw(content))
        for wire, content in listed
    ]


def held(vector: Vector, name: str, root: Root) -> Ledger:
    return Ledger.empty(LIST).extended(records(vector[name]), root, seal.verify)[0]


def read_ledger(vector: Vector, file: Vector) -> object:
    root = Root.parse(raw(file["root"]))
    rings = None if vector["rings"] is None else frozenset(vector["rings"])
    before = held(vector, "before", root)
    ledger = before.extended(records(vector["run"]), root, seal.verify, rings)[0]
    assert state(ledger) == vector["after"]
    return ledger


@dataclass(frozen=True)
class Clock:
    ms: int
    trusted: bool


def read_head(vector: Vector, file: Vector) -> object:
    root = Root.parse(raw(file["root"]))
    last = vector["last"] and Head.parse(raw(vector["last"]))
    now = Clock(vector["now_ms"], vector["trusted"])
    carried = Signed.parse(raw(vector["wire"]), "head")
    return check_head(carried, last, held(vector, "ledger", root), root, seal.verify, now)


def read_snapshot(vector: Vector, file: Vector) -> object:
    root = Root.parse(raw(file["root"]))
    _, manifest = Manifest.open(raw(vector["manifest"]))
    snapshot = Snapshot(manifest, held(vector, "before", root), root, seal.verify)
    snapshot.add(records(vector["items"]))
    ledger = snapshot.ledger()
    told = state(ledger)
    assert {name: told[name] for name in ("seq", "hash", "live_root", "epoch")} == {
        name: vector["after"][name] for name in ("seq", "hash", "live_root", "epoch")
    }
    return ledger


def read_lift(vector: Vector, file: Vector) -> object:
    root = Root.parse(raw(file["root"]))
    ledger = held(vector, "ledger", root)
    ((carried, content),) = records([vector["item"]])
    return check_lift(carried, content, ledger, Bench(root, Policy(), seal.verify))


def read_caution(vector: Vector, file: Vector) -> object:
    root = Root.parse(raw(file["root"]))
    last = vector["last"] and Caution.parse(raw(vector["last"]))
    now = Now(vector["now_ms"], vector["trusted"])
    carried = Signed.parse(raw(vector["wire"]), "caution")
    caution = check_caution(carried, last, root, seal.verify, now)
    assert held_back(caution, now) == frozenset(vector["held_back"])
    return caution


def read_sealed(vector: Vector, _: Vector) -> object:
    return {
        "content": read_content, "frame": read_frame, "key-box": read_box,
        "invitation": read_invitation,
    }[vector["what"]](vector)  # fmt: skip


def read_content(vector: Vector) -> object:
    about = (raw(vector["key"]), vector["list_id"], vector["seq"], vector["entry_id"])
    content = seal.open_content(*about, raw(vector["sealed"]))
    assert content.hex() == vector["content"]
    assert seal.seal_content(*about, content).hex() == vector["sealed"]
    return content


def read_frame(vector: Vector) -> object:
    payload = bytes(vector["zeros"]) if "zeros" in vector else raw(vector["payload"])
    keys = named_keys([raw(vector["key"])])
    message = open_frame(keys, vector["role"], vector["list_id"], vector["unit_id"], payload)
    assert plain(message) == vector["message"]
    return message


def read_box(vector: Vector) -> object:
    names = (vector["list_id"], vector["unit_id"], vector["epoch"])
    box = KeyBox(*names, vector["suite"], raw(vector["sealed"]), 0)
    opened = seal.BoxKey(raw(vector["seed"])).open(box.suite, box.sealed, box.info)
    assert opened.hex() == vector["opened"]
    return opened


def read_invitation(vector: Vector) -> object:
    one = Invitation.of_text(vector["text"])
    assert plain(one.values()) == vector["fields"]
    return one


def read_pairs(vector: Vector, _: Vector) -> object:
    wrappings = {name: raw(sealed) for name, sealed in vector["wrapped"].items()}
    shares = {Share(name): raw(content) for name, content in vector["shares"].items()}
    try:
        kek = opened(Pairs(vector["unit_id"], vector["key_id"], wrappings), shares)
    except KeyProviderError as error:
        raise Refused(Code.BAD_CIPHERTEXT, "it does not open") from error
    assert kek == raw(vector["key"])
    assert key_id(kek) == vector["key_id"]
    return kek


READERS: dict[str, Callable[[Vector, Vector], object]] = {
    "canonical": read_canonical,
    "statements": read_statement,
    "roots": read_root,
    "ledger": read_ledger,
    "heads": read_head,
    "snapshots": read_snapshot,
    "lifts": read_lift,
    "cautions": read_caution,
    "seals": read_sealed,
    "pairs": read_pairs,
}
FOLDER = Path(make.__file__).parent
CONTENT: dict[str, Vector] = {
    name: json.loads((FOLDER / f"{name}.json").read_text("utf-8")) for name in READERS
}
ALL = [
    pytest.param(name, vector, id=f"{name}: {vector['name']}")
    for name, file in CONTENT.items()
    for vector in file["vectors"]
]


@pytest.mark.parametrize(("name", "vector"), ALL)
def test_a_vector_is_read_or_refused_as_it_says(name: str, vector: Vector) -> None:
    read, file = READERS[name], CONTENT[name]
    if vector["refusal"] is None:
        read(vector, file)
        return
    with pytest.raises(Refused) as caught:
        read(vector, file)
    assert caught.value.code == vector["refusal"]


@pytest.mark.parametrize("name", READERS)
def test_the_vectors_are_what_the_generator_writes(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    assert text == make.written(name), "run PYTHONPATH=tests python -m vectors.make"


def test_every_file_has_a_reader() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(READERS) == set(make.FILES)


def test_every_refusal_of_bytes_has_a_vector() -> None:
    shown = {one["refusal"] for file in CONTENT.values() for one in file["vectors"]}
    assert set(Code) - shown == NEVER_HERE


def test_names_are_unique() -> None:
    for file in CONTENT.values():
        names = [one["name"] for one in file["vectors"]]
        assert len(names) == len(set(names))
