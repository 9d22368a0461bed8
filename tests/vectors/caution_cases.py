"""Vectors of cautions."""

from collections.abc import Iterator
from dataclasses import replace

from paper_hub import HUB, LIST, NOW_MS, entry_name, key
from sync.rules import SKEW_MS
from sync.statement.caution import LONGEST_CAUTION_MS, Caution
from vectors.writing import ENTRY, HOURS_MS, Vector


def caution_vectors() -> Iterator[Vector]:
    """Give cautions after a last one, at a time; and whom the good ones hold back."""
    good = Caution(LIST, tuple(sorted([ENTRY, entry_name(2)])), NOW_MS, NOW_MS + 9 * HOURS_MS)
    older, now = replace(good, issued_ms=NOW_MS - 1), NOW_MS + 1000
    endless = replace(good, until_ms=NOW_MS + LONGEST_CAUTION_MS + 1)
    cases: list[tuple[str, Caution, Caution | None, int, bool, str | None]] = [
        ("a good caution", good, None, now, True, None),
        ("a newer one", good, older, now, True, None),
        ("one that names nobody", replace(good, entries=()), older, now, True, None),
        ("by a clock that is not trusted", good, None, 0, False, None),
        ("of another list", replace(good, list_id="f" * 32), None, now, True, "wrong-list"),
        ("for longer than a night", endless, None, now, True, "freeze"),
        ("that never counts", replace(good, until_ms=NOW_MS), None, now, True, "freeze"),
        ("of another moment, older", older, good, now, True, "replay"),
        ("of the same moment", replace(good, entries=()), good, now, True, "replay"),
        ("that is over", good, None, good.until_ms, True, "freeze"),
        ("from the future", good, None, NOW_MS - SKEW_MS - 1, True, "future"),
    ]
    for name, one, last, now_ms, trusted, refusal in cases:
        held = {} if refusal else {"held_back": list(one.entries) if trusted else []}
        yield {
            "name": name, "wire": one.signed(HUB).encode().hex(),
            "last": last and last.encode().hex(), "now_ms": now_ms, "trusted": trusted, **held,
            "refusal": refusal,
        }  # fmt: skip
    for name, signer in (("signed by a thief", key("thief")), ("signed by a venue", key("venue"))):
        yield {
            "name": name, "wire": good.signed(signer).encode().hex(), "last": None,
            "now_ms": now, "trusted": True, "refusal": "bad-signature",
        }  # fmt: skip
