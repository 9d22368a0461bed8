"""Vectors of runs of records."""

from collections.abc import Iterator, Sequence

from paper_hub import (
    NOW_MS,
    A,
    B,
    C,
    Item,
    PaperHub,
    agreed,
    contest,
    entry_name,
    key,
    policy,
    put,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync import seal
from sync.entries import Category
from sync.statement.policy import DAY_MS
from vectors.writing import EMPTY, HOURS_MS, UNIT, Vector, items, state


def ledger_case(
    name: str,
    run: Sequence[Item],
    refusal: str | None = None,
    before: Sequence[Item] = (),
    **more: object,
) -> Vector:
    """Give one run of records after another one."""
    rings = more.get("rings")
    vector = {"name": name, "before": items(before), "run": items(run), "rings": rings}
    if refusal is None:
        opened = None if rings is None else frozenset(rings)  # type: ignore[call-overload]
        held = EMPTY.extended(list(before), root(), seal.verify)[0]
        vector["after"] = state(held.extended(list(run), root(), seal.verify, opened)[0])
    return {**vector, "refusal": refusal}


def ledger_vectors() -> Iterator[Vector]:
    hub = PaperHub()
    alone = contest(venue=C)
    whole = [
        hub.register(), hub.put(), hub.put(put(2)), hub.about(alone, agreed(alone, C)),
        hub.about(reinstate(at_ms=NOW_MS + 1)), hub.about(policy()), hub.rekey(UNIT),
        hub.about(remove(2)), hub.expire(),
    ]  # fmt: skip
    yield ledger_case("every operation", whole)
    blind = [(carried, None if n in {1, 3} else c) for n, (carried, c) in enumerate(whole[:4])]
    yield ledger_case("two records of a ring that is not held", blind, rings=[])
    erased = [whole[0], whole[1], (whole[2][0], None), *whole[3:]]
    yield ledger_case("content erased, removal in the same run", erased)
    yield ledger_case("content missing", [whole[0], (whole[1][0], None)], "gap")
    yield ledger_case("a record twice", [whole[0], whole[0]], "replay")
    yield ledger_case("a record left out", [whole[0], whole[2]], "gap")
    yield from chain_cases()
    yield from signature_cases()
    yield from state_cases()
    yield from rule_cases()


def chain_cases() -> Iterator[Vector]:
    first = PaperHub().put()
    other = PaperHub()
    other.put(put(9))
    yield ledger_case("a fork", [other.put(put(2))], "fork", [first])
    yield ledger_case("signed by a thief", [PaperHub(signer=key("thief")).put()], "bad-signature")
    yield ledger_case("another list", [PaperHub().put(list_id="f" * 32)], "wrong-list")
    yield ledger_case("an epoch nobody began", [PaperHub().put(epoch=2)], "stale-epoch")
    late = PaperHub()
    run = [late.register(), late.put(issued_ms=NOW_MS - 1)]
    yield ledger_case("older than the one before", run, "rollback")
    swapped = (first[0], PaperHub().put(put(2))[1])
    yield ledger_case("content of another record", [swapped], "mix-and-match")
    yield ledger_case("no content at all", [PaperHub().put(content=b"\xff")], "malformed")


def signature_cases() -> Iterator[Vector]:
    alone = PaperHub().put(content=agreed(put(), A))
    yield ledger_case("one venue for the consortium", [alone], "too-few-signatures")
    others = PaperHub().put(content=agreed(put(), B, C))
    yield ledger_case("two venues, not the proposer", [others], "too-few-signatures")
    hub = PaperHub()
    run = [hub.put(), hub.about(remove(), agreed(remove(), A))]
    yield ledger_case("a lift by one venue", run, "too-few-signatures")
    lone = PaperHub().about(policy(), agreed(policy(), A))
    yield ledger_case("a policy of one venue", [lone], "too-few-signatures")
    local = put(scope=A)
    yield ledger_case("an own entry of one venue", [PaperHub().put(local, agreed(local, A))])
    foreign = put(scope=B)
    run = [PaperHub().put(foreign, agreed(foreign, A, B))]
    yield ledger_case("an own entry of another venue", run, "rule")
    hub = PaperHub()
    relaxed = hub.about(policy(two_person=frozenset({Category.WELFARE})))
    run = [relaxed, hub.put(content=agreed(put(), A))]
    yield ledger_case("one venue, as the policy says", run)


def state_cases() -> Iterator[Vector]:
    hub = PaperHub()
    before = [hub.put(), hub.about(remove())]
    yield ledger_case("removed, put again", [hub.put(put(revision=2))], "tombstone", before)
    hub = PaperHub()
    run = [hub.about(remove()), hub.put()]
    yield ledger_case("removed before it was put", run, "tombstone")
    hub = PaperHub()
    before = [hub.put()]
    yield ledger_case("over too early", [hub.expire(issued_ms=NOW_MS)], "not-over", before)
    hub = PaperHub()
    before = [hub.put(put(revision=2))]
    yield ledger_case("an older version", [hub.put()], "replay", before)
    hub = PaperHub()
    before = [hub.put()]
    shorter = put(revision=2, valid_until_ms=NOW_MS + DAY_MS)
    yield ledger_case("a version that ends earlier", [hub.put(shorter)], "rule", before)
    hub = PaperHub()
    before = [hub.put(), hub.about(contest())]
    yield ledger_case("put while contested", [hub.put(put(revision=2))], "rule", before)
    hub = PaperHub()
    before = [hub.put(), hub.about(contest()), hub.about(reinstate(at_ms=NOW_MS + 1))]
    yield ledger_case("an old contest again", [hub.about(contest())], "replay", before)
    hub = PaperHub()
    run = [hub.about(policy()), hub.about(policy())]
    yield ledger_case("an old policy again", run, "replay")


def rule_cases() -> Iterator[Vector]:
    cases: list[tuple[str, dict[str, object], str]] = [
        ("too long a term", {"valid_until_ms": NOW_MS + 731 * DAY_MS + 1}, "term"),
        ("over already", {"valid_until_ms": NOW_MS}, "term"),
        ("a reason of another category", {"category": Category.WELFARE}, "rule"),
        ("not declared", {"declared": False}, "rule"),
        ("a ban without evidence", {"evidence": ""}, "rule"),
        ("an incident after the entry", {"incident_on": "2027-01-01"}, "rule"),
        ("made in the future", {"created_ms": NOW_MS + HOURS_MS}, "rule"),
    ]
    for name, changes, refusal in cases:
        yield ledger_case(name, [PaperHub().put(put(**changes))], refusal)
    moved = PaperHub().put(entry_id=entry_name(2))
    yield ledger_case("another entry in the record", [moved], "rule")
    longer = PaperHub().put(not_after_ms=NOW_MS + 91 * DAY_MS)
    yield ledger_case("another end in the record", [longer], "term")
