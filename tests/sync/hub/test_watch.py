"""One line for each change, none for what is as it was."""

from dataclasses import replace

import pytest

from sync.hub.ceremony import first_root
from sync.hub.facts import UnitFacts
from sync.hub.watch import ENDING_MS, PATIENCE_MS, Watch
from sync.statement.head import Head

NOW = 1_900_000_000_000
LEVEL = UnitFacts("ab" * 8, "cd" * 8, "a name", "ef" * 8, 1, heard_ms=NOW, seq=12, agrees=True)


def head(seq: int = 12) -> Head:
    return Head("ab" * 16, 1, seq, bytes(32), bytes(32), 1, NOW, NOW + 1)


def states(watch: Watch, *units: UnitFacts, now_ms: int = NOW) -> list[str]:
    return [str(one.fields.get("state")) for one in watch.look(units, head(), now_ms)]


@pytest.mark.parametrize(
    ("unit", "state", "fine"),
    [
        (LEVEL, "level", True),
        (replace(LEVEL, heard_ms=0), "expected", True),
        (replace(LEVEL, agrees=False), "disagrees", False),
        (replace(LEVEL, silent=True), "silent", False),
        (replace(LEVEL, faults=("CLOCK",)), "fault", False),
        (replace(LEVEL, revoked_ms=1), "revoked", False),
        (replace(LEVEL, revoked_ms=1, destroyed_ms=2), "destroyed", True),
    ],
)
def test_each_state_has_a_word_and_is_said_once(unit: UnitFacts, state: str, *, fine: bool) -> None:
    watch = Watch()
    (remark,) = watch.look([unit], head(), NOW)
    assert (remark.fields["state"], remark.fine) == (state, fine)
    assert "a name" not in str(remark)
    assert watch.look([unit], head(), NOW + 1) == []


def test_a_unit_is_behind_only_after_a_while() -> None:
    watch, late = Watch(), replace(LEVEL, behind=1)
    assert states(watch, LEVEL) == ["level"]
    assert states(watch, late) == []
    assert states(watch, late, now_ms=NOW + PATIENCE_MS - 1) == []
    assert states(watch, late, now_ms=NOW + PATIENCE_MS) == ["behind"]
    assert states(watch, LEVEL, now_ms=NOW + PATIENCE_MS + 1) == ["level"]
    assert states(watch, late, now_ms=NOW + 2 * PATIENCE_MS) == []


def test_a_root_that_ends_is_said_once_and_again_after_it_was_renewed() -> None:
    watch, root = Watch(), first_root("ab" * 16, [b"1" * 32, b"2" * 32], b"h" * 32, NOW)
    assert watch.trust(root, NOW) == []
    late = root.expires_ms - ENDING_MS + 1
    (remark,) = watch.trust(root, late)
    assert (remark.fine, remark.fields["days_left"]) == (False, 59)
    assert watch.trust(root, late + 1) == []
    assert watch.trust(first_root("ab" * 16, [b"1" * 32, b"2" * 32], b"h" * 32, late), late) == []
    assert len(watch.trust(root, root.expires_ms + 1)) == 1


def test_a_new_record_is_said_but_not_the_first_look() -> None:
    watch = Watch()
    assert watch.look([], head(12), NOW) == []
    (remark,) = watch.look([], head(13), NOW)
    assert (remark.event, remark.fields) == ("ledger", {"record": 13, "epoch": 1})
