"""Whether a caution is believed, and which entries it holds back at a moment. Pure.

A caution makes an entry amber where it would be red, so everything that is doubtful about one is
refused, and where the time is doubtful none counts: red stays red.
"""

from sync.clock import Now
from sync.errors import Code, Refused
from sync.rules import SKEW_MS
from sync.signing import Signed, Verify
from sync.statement.caution import LONGEST_CAUTION_MS, Caution
from sync.statement.root import Root


def check_caution(
    carried: Signed, last: Caution | None, root: Root, verify: Verify, now: Now
) -> Caution:
    """Believe a caution, or refuse it.

    Args:
        carried: It, signed.
        last: The one that was believed last under this hub key, be it over.
        root: The newest root.
        verify: Checks an Ed25519 signature.
        now: The time.

    Raises:
        Refused: MALFORMED, TOO_LARGE; WRONG_LIST; BAD_SIGNATURE; FREEZE, it is over, or would
            count for too long; REPLAY, it is not newer than the last one; FUTURE.
    """
    caution = Caution.parse(carried.body)
    if caution.list_id != root.list_id:
        raise Refused(Code.WRONG_LIST, "a caution of another list")
    carried.require(root.hub_key, verify)
    if not caution.issued_ms < caution.until_ms <= caution.issued_ms + LONGEST_CAUTION_MS:
        raise Refused(Code.FREEZE, "a caution that never counts, or for longer than a night")
    if last is not None and caution.issued_ms <= last.issued_ms:
        raise Refused(Code.REPLAY, "a caution that is not newer than the last one")
    if now.trusted and caution.until_ms <= now.ms:
        raise Refused(Code.FREEZE, "a caution that is over")
    if now.trusted and caution.issued_ms > now.ms + SKEW_MS:
        raise Refused(Code.FUTURE, "a caution from the future")
    return caution


def held_back(caution: Caution | None, now: Now) -> frozenset[str]:
    """Name the entries that are only to be checked now; none while the time is doubtful."""
    if caution is None or not now.trusted:
        return frozenset()
    if not caution.issued_ms - SKEW_MS <= now.ms < caution.until_ms:
        return frozenset()
    return frozenset(caution.entries)
