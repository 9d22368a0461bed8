"""Heads: the attacks on a signed statement of the newest state, by their names."""

from dataclasses import dataclass

import pytest

from paper_hub import HUB, LIST, NOW_MS, PaperHub, head, key, put, root
from sync.errors import Code, Refused
from sync.heads import FURTHEST_AHEAD, check_against, check_head
from sync.ledger import Ledger
from sync.rules import SKEW_MS
from sync.seal import verify
from sync.statement.head import Head
from sync.statement.policy import DAY_MS, LONGEST_LEASE_MS
from sync.statement.root import Root


@dataclass(frozen=True)
class Clock:
    ms: int = NOW_MS + 1000
    trusted: bool = True


def ledger_of(count: int) -> Ledger:
    hub = PaperHub()
    items = [hub.put(put(n)) for n in range(count)]
    return Ledger.empty(LIST).extended(items, root(), verify)[0]


HELD = ledger_of(3)


def check(
    one: Head,
    last: Head | None = None,
    ledger: Ledger = HELD,
    trusted: Root | None = None,
    now: Clock | None = None,
) -> Head:
    return check_head(one.signed(HUB), last, ledger, trusted or root(), verify, now or Clock())


def refused(*given: object, **more: object) -> Code:
    with pytest.raises(Refused) as caught:
        check(*given, **more)  # type: ignore[arg-type]
    return caught.value.code


def test_a_good_head_is_believed_once_and_again() -> None:
    one = head(HELD)
    assert check(one) == one
    assert check(one, one) == one
    assert HELD.matches(one)


def test_a_newer_head_is_believed_before_its_records_are_here() -> None:
    assert check(head(ledger_of(5)), head(HELD)).seq == 5
    assert not HELD.matches(head(ledger_of(5)))


def test_arbitrary_head_is_refused() -> None:
    thief = key("thief")
    with pytest.raises(Refused, match="bad-signature"):
        check_head(head(HELD).signed(thief), None, HELD, root(), verify, Clock())


def test_rollback_is_refused() -> None:
    assert refused(head(ledger_of(2))) is Code.ROLLBACK
    newer = head(ledger_of(5))
    assert refused(head(ledger_of(4)), newer) is Code.ROLLBACK
    assert refused(head(HELD, issued_ms=NOW_MS), head(HELD, issued_ms=NOW_MS + 1)) is Code.ROLLBACK
    assert refused(head(HELD), head(HELD, seq=2, epoch=2)) is Code.ROLLBACK
    assert refused(head(HELD, issued_ms=NOW_MS - 1)) is Code.ROLLBACK


def test_fork_is_refused() -> None:
    assert refused(head(HELD, record_hash=bytes(32))) is Code.FORK
    newer = head(ledger_of(5))
    assert refused(head(ledger_of(5), record_hash=bytes(32)), newer) is Code.FORK


def test_mix_and_match_is_refused() -> None:
    assert refused(head(HELD, live_root=bytes(32))) is Code.MIX_AND_MATCH
    assert refused(head(HELD, epoch=2)) is Code.MIX_AND_MATCH
    newer = head(ledger_of(5))
    assert refused(head(ledger_of(5), live_root=bytes(32)), newer) is Code.MIX_AND_MATCH


def test_freeze_is_refused() -> None:
    one = head(HELD)
    assert refused(one, now=Clock(one.expires_ms)) is Code.FREEZE
    assert check(one, now=Clock(one.expires_ms - 1)) == one


@pytest.mark.parametrize("lease_ms", [0, LONGEST_LEASE_MS + 1])
def test_a_lease_that_is_no_lease_is_refused(lease_ms: int) -> None:
    assert refused(head(HELD, expires_ms=NOW_MS + lease_ms)) is Code.FREEZE
    assert refused(head(HELD, expires_ms=NOW_MS + lease_ms), now=Clock(0, trusted=False))


def test_a_head_from_the_future_is_refused() -> None:
    late = NOW_MS + 1000 + SKEW_MS
    assert check(head(HELD, issued_ms=late, expires_ms=late + 1)).issued_ms == late
    assert refused(head(HELD, issued_ms=late + 1, expires_ms=late + 2)) is Code.FUTURE


def test_without_a_clock_to_trust_nothing_is_refused_for_its_time() -> None:
    one = head(HELD)
    for ms in (0, NOW_MS, NOW_MS + 1000 * DAY_MS):
        assert check(one, now=Clock(ms, trusted=False)) == one


def test_an_expired_root_vouches_for_nothing() -> None:
    assert refused(head(HELD), trusted=root(expires_ms=NOW_MS + 1000)) is Code.ROOT_EXPIRED


def test_wrong_list_is_refused() -> None:
    assert refused(head(HELD, list_id="f" * 32)) is Code.WRONG_LIST


@pytest.mark.parametrize("version", [1, 3])
def test_a_head_of_another_root_is_refused(version: int) -> None:
    assert refused(head(HELD, root_version=version), trusted=root(version=2)) is Code.ROOT_VERSION


def test_fast_forward_is_refused() -> None:
    assert refused(head(HELD, seq=3 + FURTHEST_AHEAD + 1)) is Code.FAST_FORWARD
    assert check(head(HELD, seq=3 + FURTHEST_AHEAD)).seq == 3 + FURTHEST_AHEAD


def test_a_new_key_may_say_less_than_the_old_one_down_to_the_floor() -> None:
    held = HELD.unconfirmed()
    floor = root(floor_seq=2, floor_hash=ledger_of(2).hash)
    assert check(head(ledger_of(2)), ledger=held, trusted=floor).seq == 2
    assert check(head(HELD, record_hash=bytes(32)), ledger=held, trusted=floor).seq == 3
    assert refused(head(ledger_of(1)), ledger=held, trusted=floor) is Code.ROLLBACK
    other = head(ledger_of(2), record_hash=bytes(32))
    assert refused(other, ledger=held, trusted=floor) is Code.FORK


def test_what_was_reached_is_checked_against_what_was_promised() -> None:
    promised = head(HELD, live_root=bytes(32))
    assert check(promised, ledger=ledger_of(2)) == promised
    with pytest.raises(Refused, match="mix-and-match"):
        check_against(promised, HELD)


def test_a_head_that_is_no_head_is_refused() -> None:
    carried = put().signed(HUB)
    with pytest.raises(Refused, match="malformed"):
        check_head(carried, None, HELD, root(), verify, Clock())
