"""From one root of trust to the next: the root workflow of The Update Framework, 5.3. Pure.

The officers' offline keys name the hub's key and the venues' keys. Whoever steals the hub's
key can be shut out by a new root, and what a thief made units believe can be taken back as
far as the floor that the officers signed (fast-forward recovery, 5.3.11).
"""

from collections.abc import Iterable

from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.signing import Signed, Verify
from sync.statement.root import Root


def first_root(carried: Signed, pinned: bytes, verify: Verify) -> Root:
    """Believe the root that an invitation names.

    Args:
        carried: The signed root.
        pinned: Its digest, 32 bytes, from the invitation.
        verify: Checks an Ed25519 signature.

    Raises:
        Refused: WRONG_ROOT, MALFORMED, BAD_SIGNATURE or TOO_FEW_SIGNATURES.
    """
    if carried.digest != pinned:
        raise Refused(Code.WRONG_ROOT, "not the root that the invitation names")
    root = Root.parse(carried.body)
    _check_officers(carried, root, verify)
    return root


def next_root(root: Root, carried: Signed, verify: Verify) -> Root:
    """Believe the root that follows ``root``.

    Whether it is still in force is asked with each head, after the whole chain was followed.

    Raises:
        Refused: MALFORMED, WRONG_LIST, ROOT_VERSION, BAD_SIGNATURE, TOO_FEW_SIGNATURES,
            ROLLBACK or FORK.
    """
    new = Root.parse(carried.body)
    if new.list_id != root.list_id:
        raise Refused(Code.WRONG_LIST, "a root of another list")
    if new.version != root.version + 1:  # 5.3.5
        raise Refused(Code.ROOT_VERSION, f"root {new.version} does not follow {root.version}")
    _check_officers(carried, root, verify)  # 5.3.4, the old officers
    _check_officers(carried, new, verify)  # 5.3.4, the new ones
    if new.floor_seq < root.floor_seq or new.issued_ms < root.issued_ms:
        raise Refused(Code.ROLLBACK, "a root with a lower floor, or an older one")
    if new.floor_seq == root.floor_seq and new.floor_hash != root.floor_hash:
        raise Refused(Code.FORK, "a root that stands on another ledger")
    return new


def followed(root: Root, chain: Iterable[Signed], verify: Verify) -> Root:
    """Follow a run of roots; those that are held already are passed over.

    Raises:
        Refused: As :func:`next_root`.
    """
    for carried in chain:
        if Root.parse(carried.body).version > root.version:
            root = next_root(root, carried, verify)
    return root


def under(ledger: Ledger, old: Root, new: Root) -> Ledger:
    """Give the ledger as it counts under a new root.

    After a change of the hub's key the ledger is unconfirmed: the last head is to be forgotten
    as well, and the new key's word is taken even where it lies below what the old key said,
    down to the floor.
    """
    at_floor = ledger.seq == new.floor_seq
    if new.hub_key != old.hub_key or (at_floor and ledger.hash != new.floor_hash):
        return ledger.unconfirmed()
    return ledger


def _check_officers(carried: Signed, root: Root, verify: Verify) -> None:
    """Refuse a root that fewer officers of ``root`` signed than it asks for."""
    signers = carried.signers(root.officers, verify)
    if len(signers) < root.threshold:
        raise Refused(
            Code.TOO_FEW_SIGNATURES,
            f"{len(signers)} officers signed this root, {root.threshold} have to",
        )
