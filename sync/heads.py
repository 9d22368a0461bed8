"""Whether a head may be believed: the checks of The Update Framework, in its order. Pure.

The numbers in the comments are those of the specification's client workflow (5.4 for the
timestamp role, whose part a head plays; 5.5 for the snapshot role, whose part its hashes play).
"""

from typing import Protocol

from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.rules import SKEW_MS
from sync.signing import Signed, Verify
from sync.statement.head import Head
from sync.statement.policy import LONGEST_LEASE_MS
from sync.statement.root import Root

FURTHEST_AHEAD = 1_000_000
"""Records by which a head may be ahead of a ledger; more is a fast-forward attack."""


class Time(Protocol):
    """What time it is for the one who judges; :class:`sync.clock.Now` is one."""

    @property
    def ms(self) -> int:
        """Milliseconds since the epoch."""
        ...

    @property
    def trusted(self) -> bool:
        """Whether that can be relied on; if not, nothing is refused for its time."""
        ...


def check_head(  # noqa: PLR0913, PLR0917 - what TUF's client workflow looks at, one each
    carried: Signed,
    last_head: Head | None,
    ledger: Ledger,
    root: Root,
    verify: Verify,
    now: Time,
) -> Head:
    """Believe a head, or refuse it.

    Args:
        carried: What came in; its size and shape were checked when it was parsed (5.4.1).
        last_head: The newest one believed so far, under the same hub key.
        ledger: What is held.
        root: The newest root; root updates come first (5.3).
        verify: Checks an Ed25519 signature.
        now: What time it is.

    Raises:
        Refused: MALFORMED, WRONG_LIST, ROOT_VERSION, BAD_SIGNATURE, ROLLBACK, FORK,
            MIX_AND_MATCH, FAST_FORWARD, FREEZE, FUTURE, ROOT_EXPIRED.
    """
    head = Head.parse(carried.body)
    if head.list_id != ledger.list_id:
        raise Refused(Code.WRONG_LIST, "a head of another list")
    if head.root_version != root.version:
        raise Refused(
            Code.ROOT_VERSION, f"a head of root {head.root_version}, {root.version} is held"
        )
    carried.require(root.hub_key, verify)  # 5.4.2
    if last_head is not None:
        _check_progress(head, last_head)  # 5.4.3
    if ledger.chain.confirmed:
        check_against(head, ledger)  # 5.5.2, 5.5.5
    _check_floor(head, ledger, root)
    _check_time(head, root, now)  # 5.3.10, 5.4.4
    return head


def _check_progress(head: Head, last: Head) -> None:
    """Refuse to go back behind a head that was believed."""
    if head.issued_ms < last.issued_ms or head.seq < last.seq or head.epoch < last.epoch:
        raise Refused(Code.ROLLBACK, f"a head at record {head.seq}, older than the one held")
    if head.seq == last.seq:
        _check_same(head, (last.record_hash, last.live_root, last.epoch))


def check_against(head: Head, ledger: Ledger) -> None:
    """Refuse a head that contradicts a ledger; call again once the ledger has reached it.

    Raises:
        Refused: ROLLBACK, FORK, MIX_AND_MATCH.
    """
    if head.seq < ledger.seq or head.issued_ms < ledger.chain.issued_ms:
        raise Refused(Code.ROLLBACK, f"a head at record {head.seq}, {ledger.seq} is held")
    if head.seq == ledger.seq:
        _check_same(head, (ledger.hash, ledger.live.root, ledger.epoch))


def _check_same(head: Head, held: tuple[bytes, bytes, int]) -> None:
    """Refuse a head that tells another story of a record that is known."""
    record_hash, live_root, epoch = held
    if head.record_hash != record_hash:
        raise Refused(Code.FORK, f"another record {head.seq} than the one held")
    if (head.live_root, head.epoch) != (live_root, epoch):
        raise Refused(Code.MIX_AND_MATCH, f"another list at record {head.seq} than the one held")


def _check_floor(head: Head, ledger: Ledger, root: Root) -> None:
    """Refuse a head outside of what officers and reason allow."""
    if head.seq < root.floor_seq:
        raise Refused(Code.ROLLBACK, f"a head at record {head.seq}, below the officers' floor")
    if head.seq == root.floor_seq and head.record_hash != root.floor_hash:
        raise Refused(Code.FORK, f"record {head.seq} is not the one that the officers signed")
    if head.seq > ledger.seq + FURTHEST_AHEAD:
        raise Refused(Code.FAST_FORWARD, f"a head at record {head.seq}, {ledger.seq} is held")


def _check_time(head: Head, root: Root, now: Time) -> None:
    """Refuse a head that is over, counts for too long, or comes from the future."""
    if not 0 < head.expires_ms - head.issued_ms <= LONGEST_LEASE_MS:
        raise Refused(Code.FREEZE, "a head that counts for longer than a head may")
    if not now.trusted:
        return
    if head.expires_ms <= now.ms:
        raise Refused(Code.FREEZE, "a head that is over")
    if head.issued_ms > now.ms + SKEW_MS:
        raise Refused(Code.FUTURE, "a head from the future")
    if root.expires_ms <= now.ms:
        raise Refused(Code.ROOT_EXPIRED, "the root is over: its officers have to sign a new one")
