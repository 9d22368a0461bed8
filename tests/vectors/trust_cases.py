"""Vectors of heads, snapshots and lifts."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from paper_hub import (
    HUB,
    NOW_MS,
    A,
    Item,
    PaperHub,
    agreed,
    contest,
    head,
    key,
    manifest,
    policy,
    put,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync import seal
from sync.heads import FURTHEST_AHEAD
from sync.statement.policy import LONGEST_LEASE_MS
from vectors.writing import EMPTY, HOURS_MS, Vector, items, state

if TYPE_CHECKING:
    from sync.statement.head import Head


def head_vectors() -> Iterator[Vector]:
    hub = PaperHub()
    run = [hub.put(put(n)) for n in range(4)]
    held, newer = (EMPTY.extended(run[:n], root(), seal.verify)[0] for n in (3, 4))
    good, now = head(held), NOW_MS + 1000
    cases: list[tuple[str, Head, Head | None, int, bool, str | None]] = [
        ("a good head", good, None, now, True, None),
        ("the same again", good, good, now, True, None),
        ("a newer one", head(newer), good, now, True, None),
        ("rollback of the sequence", good, head(newer), now, True, "rollback"),
        ("rollback of the time", good, head(held, issued_ms=now), now, True, "rollback"),
        ("below the ledger", head(held, seq=2), None, now, True, "rollback"),
        ("fork", head(held, record_hash=bytes(32)), None, now, True, "fork"),
        ("mix and match", head(held, live_root=bytes(32)), None, now, True, "mix-and-match"),
        ("freeze", good, good, good.expires_ms, True, "freeze"),
        ("expired, by a clock that is not trusted", good, good, 2 * NOW_MS, False, None),
        (
            "too long a lease",
            head(held, expires_ms=NOW_MS + LONGEST_LEASE_MS + 1),
            None,
            now,
            True,
            "freeze",
        ),
        ("from the future", good, None, NOW_MS - HOURS_MS, True, "future"),
        ("fast-forward", head(held, seq=4 + FURTHEST_AHEAD), None, now, True, "fast-forward"),
        ("another list", head(held, list_id="f" * 32), None, now, True, "wrong-list"),
        ("another root", head(held, root_version=2), None, now, True, "root-version"),
        ("the root is over", good, None, root().expires_ms, True, "freeze"),
    ]
    for name, one, last, now_ms, trusted, refusal in cases:
        yield {
            "name": name, "ledger": items(run[:3]), "wire": one.signed(HUB).encode().hex(),
            "last": last and last.encode().hex(), "now_ms": now_ms, "trusted": trusted,
            "refusal": refusal,
        }  # fmt: skip
    far = root().expires_ms
    late = head(held, issued_ms=far, expires_ms=far + 1)
    yield {
        "name": "a good head under an expired root", "ledger": items(run[:3]), "last": None,
        "wire": late.signed(HUB).encode().hex(), "now_ms": far, "trusted": True,
        "refusal": "root-expired",
    }  # fmt: skip
    yield {
        "name": "signed by a thief", "ledger": items(run[:3]), "last": None, "now_ms": now,
        "wire": good.signed(key("thief")).encode().hex(), "trusted": True,
        "refusal": "bad-signature",
    }  # fmt: skip


def snapshot_vectors() -> Iterator[Vector]:
    hub = PaperHub()
    run = [
        hub.put(), hub.put(put(2)), hub.put(put(3)), hub.about(policy()), hub.about(contest(2)),
        hub.about(remove(3)), hub.register(),
    ]  # fmt: skip
    whole = EMPTY.extended(run, root(), seal.verify)[0]
    told = manifest(whole).signed(HUB).encode().hex()
    kept = [run[0], run[1], run[3], run[4], run[5]]
    cases: list[tuple[str, Sequence[Item], Sequence[Item], str | None]] = [
        ("on an empty unit", [], kept, None),
        ("on a unit that is behind", run[:3], kept, None),
        ("an entry left out", [], kept[1:], "mix-and-match"),
        ("a contest left out", [], [*kept[:3], kept[4]], "mix-and-match"),
        ("a removal left out", [], kept[:4], "mix-and-match"),
        ("a policy left out", run[:4], [*kept[:2], *kept[3:]], "fork"),
        ("out of order", [], [kept[1], kept[0], *kept[2:]], "mix-and-match"),
        ("a registration", [], [*kept, run[6]], "rule"),
    ]
    for name, before, pages, refusal in cases:
        vector = {"name": name, "before": items(before), "manifest": told, "items": items(pages)}
        yield {**vector, **({} if refusal else {"after": state(whole)}), "refusal": refusal}
    yield from takes_back()


def takes_back() -> Iterator[Vector]:
    hub, other = PaperHub(), PaperHub()
    before = [hub.put(), hub.about(remove())]
    again = [other.put(), other.put(put(2))]
    after = EMPTY.extended(again, root(), seal.verify)[0]
    told = manifest(after).signed(HUB).encode().hex()
    yield {
        "name": "a removed entry comes back", "before": items(before), "manifest": told,
        "items": items(again), "refusal": "tombstone",
    }  # fmt: skip
    held = PaperHub()
    yield {
        "name": "a held entry is left out", "before": items([held.put(put(3))]), "manifest": told,
        "items": items(again), "refusal": "not-over",
    }  # fmt: skip


def lift_vectors() -> Iterator[Vector]:
    held = [PaperHub().put()]

    def ahead() -> PaperHub:
        return PaperHub(seq=70, prev=bytes([7] * 32))

    cases: list[tuple[str, Item, str | None]] = [
        ("a lift", ahead().about(remove()), None),
        ("a contest", ahead().about(contest()), None),
        ("an expiry", ahead().expire(), "gap"),
        ("a lift of an entry still to come", ahead().about(remove(9)), None),
        ("a contest of an entry still to come", ahead().about(contest(9)), "gap"),
        ("an expiry before its time", ahead().expire(issued_ms=NOW_MS), "not-over"),
        ("a lift by one venue", ahead().about(remove(), agreed(remove(), A)), "too-few-signatures"),
        ("a put", ahead().put(put(2)), "rule"),
        ("a reinstatement", ahead().about(reinstate()), "rule"),
        ("in the chain already", PaperHub().about(remove()), "replay"),
        ("of another list", ahead().about(remove(), list_id="f" * 32), "wrong-list"),
    ]
    for name, item, refusal in cases:
        yield {"name": name, "ledger": items(held), "item": items([item])[0], "refusal": refusal}
