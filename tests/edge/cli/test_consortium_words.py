"""How a unit tells of its consortium."""

import msgspec
import pytest

from edge.cli.member import consortium_rows, span
from edge.door import SyncView

NOW_MS = 1_800_000_000_000
FINE = SyncView(
    unit_id="12" * 8,
    name="Door",
    venue="The Anchor",
    list_id="ab" * 16,
    connected=True,
    live=True,
    problem="",
    locked="",
    seq=7,
    head_seq=7,
    epoch=1,
    held=3,
    waiting=0,
    issued_ms=NOW_MS - 40_000,
    lease_ms=NOW_MS + 7 * 86_400_000,
    pages=(0, 0),
    refusals={},
    clock_leapt=False,
)


def words(**changed: object) -> str:
    view = msgspec.structs.replace(FINE, **changed)
    return "\n".join(" ".join(row) for row in consortium_rows(view, NOW_MS / 1000))


def test_a_unit_that_is_up_to_date_says_so() -> None:
    said = words()
    for part in ("Door at The Anchor, list abababab", "reachable", "7, the newest known", "40 sec"):
        assert part in said
    assert "fresh for 7 days" in said
    for name in ("waiting", "refused", "clock"):
        assert name not in said


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"live": False}, "the hub does not answer yet"),
        ({"live": False, "connected": False, "problem": "refused"}, "out of reach: refused"),
        ({"locked": "revoked"}, "LOCKED: this unit was revoked"),
        ({"locked": "destroyed"}, "everything here destroyed"),
        ({"head_seq": 9}, "7, 2 behind"),
        ({"pages": (3, 9)}, "3 of 9 pages"),
        ({"issued_ms": 0}, "not by the hub yet"),
        ({"lease_ms": NOW_MS - 1}, "OUT OF DATE"),
        ({"waiting": 2}, "2 made here"),
        ({"refusals": {"replay": 4, "fork": 1}}, "1 fork, 4 replay"),
        ({"clock_leapt": True}, "the wall clock is wrong"),
        ({"starts_until_ms": 0}, "restart needs the hub, or the staff token"),
        ({"starts_until_ms": NOW_MS + 72 * 3_600_000}, "works without the hub for 3 days more"),
    ],
)
def test_whatever_is_the_matter_is_said_in_words(changed: dict[str, object], part: str) -> None:
    assert part in words(**changed)


def test_a_sync_process_that_does_not_answer_is_told() -> None:
    assert "does not answer" in consortium_rows(None, 0)[0][1]


def test_spans_are_told_in_the_unit_that_fits() -> None:
    told = [span(s) for s in (-3, 5, 119, 120, 7_199, 7_200, 172_800)]
    assert told == ["0 seconds", "5 seconds", "119 seconds", "2 minutes", "120 minutes",
                    "2 hours", "2 days"]  # fmt: skip
