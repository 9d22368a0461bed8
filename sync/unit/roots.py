"""The chain of roots, followed one by one, and what a new hub key takes back. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.errors import Code, Refused
from sync.rootchain import followed, under
from sync.statement.root import Root

if TYPE_CHECKING:
    from sync.signing import Signed, Verify
    from sync.unit.shelf import Trusted

MOST_ROOTS = 64
"""In one message."""


def read_roots(raw: object) -> list[Signed]:
    """Read an array of wire bytes of signed roots.

    Raises:
        Refused: MALFORMED, TOO_LARGE or ENDLESS.
    """
    match raw:
        case list(wires) if len(wires) > MOST_ROOTS:
            raise Refused(Code.ENDLESS, f"more than {MOST_ROOTS} roots at once")
        case list(wires) if all(isinstance(one, bytes) for one in wires):
            return [Root.open(one)[0] for one in wires if isinstance(one, bytes)]
        case _:
            raise Refused(Code.MALFORMED, "these are no roots")


def with_roots(trusted: Trusted, chain: list[Signed], verify: Verify) -> Trusted:
    """Follow the officers from root to root.

    Under a new hub key the heads of the old one count no more, so that a stolen key cannot have
    put the ratchet out of reach (fast-forward recovery, TUF 5.3.11). The lease goes with them,
    and so does its caution.

    Raises:
        Refused: As :func:`sync.rootchain.next_root`; nothing of the chain is believed then.
    """
    root = followed(trusted.root, chain, verify)
    ledger = under(trusted.ledger, trusted.root, root)
    caution = trusted.caution if root.hub_key == trusted.root.hub_key else None
    if ledger.chain.confirmed:
        return replace(trusted, root=root, caution=caution)
    return replace(trusted, root=root, ledger=ledger, head=None, reached=None, caution=caution)
