"""What a caution may do: amber for a night, never less, and only by the hub's word of today."""

from dataclasses import replace

import pytest

from paper_hub import HUB, LIST, NOW_MS, key, root
from sync.cautions import check_caution, held_back
from sync.clock import Now
from sync.errors import Code, Refused
from sync.rules import SKEW_MS
from sync.seal import verify
from sync.signing import Signer
from sync.statement.caution import LONGEST_CAUTION_MS, MOST_CAUTIONED, Caution

ONE, TWO = "a" * 16, "b" * 16
CAUTION = Caution(LIST, (ONE, TWO), NOW_MS, NOW_MS + 3_600_000)
AT = Now(NOW_MS, trusted=True)


def judged(
    caution: Caution, last: Caution | None = None, now: Now = AT, signer: Signer = HUB
) -> Caution:
    return check_caution(caution.signed(signer), last, root(), verify, now)


def test_a_caution_of_the_hub_holds_its_entries_back_until_it_is_over() -> None:
    assert judged(CAUTION) == CAUTION
    assert held_back(CAUTION, AT) == {ONE, TWO}
    assert held_back(CAUTION, Now(CAUTION.until_ms - 1, trusted=True)) == {ONE, TWO}
    assert held_back(CAUTION, Now(CAUTION.until_ms, trusted=True)) == frozenset()


def test_without_a_trusted_clock_red_stays_red() -> None:
    assert judged(CAUTION, now=Now(0, trusted=False)) == CAUTION
    assert held_back(CAUTION, Now(NOW_MS, trusted=False)) == frozenset()
    assert held_back(None, AT) == frozenset()


def test_a_caution_that_was_signed_ahead_of_its_time_does_not_count_yet() -> None:
    assert held_back(CAUTION, Now(NOW_MS - SKEW_MS - 1, trusted=True)) == frozenset()
    assert held_back(CAUTION, Now(NOW_MS - SKEW_MS, trusted=True)) == {ONE, TWO}


@pytest.mark.parametrize("signer", [key("thief"), key("venue 1"), key("officer 0")])
def test_nobody_but_the_hub_can_turn_red_into_amber(signer: Signer) -> None:
    with pytest.raises(Refused) as caught:
        judged(CAUTION, signer=signer)
    assert caught.value.code is Code.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("changes", "last", "code"),
    [
        ({"list_id": "f" * 32}, None, Code.WRONG_LIST),
        ({"until_ms": NOW_MS}, None, Code.FREEZE),
        ({"until_ms": NOW_MS + LONGEST_CAUTION_MS + 1}, None, Code.FREEZE),
        ({"issued_ms": NOW_MS - 2, "until_ms": NOW_MS - 1}, None, Code.FREEZE),
        ({"issued_ms": NOW_MS - 1}, CAUTION, Code.REPLAY),
        ({"entries": ()}, CAUTION, Code.REPLAY),
        ({"issued_ms": NOW_MS + SKEW_MS + 1, "until_ms": NOW_MS + 2 * SKEW_MS}, None, Code.FUTURE),
    ],
    ids=lambda one: str(one) if isinstance(one, Code) else "",
)
def test_a_doubtful_caution_changes_nothing(
    changes: dict[str, object], last: Caution | None, code: Code
) -> None:
    with pytest.raises(Refused) as caught:
        judged(replace(CAUTION, **changes), last)  # type: ignore[arg-type]
    assert caught.value.code is code


def test_an_old_caution_stays_old_when_it_is_over() -> None:
    late = Now(CAUTION.until_ms + 1000, trusted=True)
    again = replace(CAUTION, until_ms=CAUTION.until_ms + 5000)
    with pytest.raises(Refused) as caught:
        judged(again, CAUTION, late)
    assert caught.value.code is Code.REPLAY


def test_the_largest_caution_fits_and_one_more_entry_is_malformed() -> None:
    names = tuple(f"{number:016x}" for number in range(MOST_CAUTIONED + 1))
    assert judged(replace(CAUTION, entries=names[:-1])).entries == names[:-1]
    with pytest.raises(Refused) as caught:
        replace(CAUTION, entries=names).encode()
    assert caught.value.code is Code.MALFORMED
