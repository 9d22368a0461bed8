"""How vectors are written down."""

from collections.abc import Sequence
from typing import Any

from paper_hub import LIST, Item, entry_name
from sync.ledger import Ledger

Vector = dict[str, Any]

UNIT = "7" * 16
EMPTY = Ledger.empty(LIST)
ENTRY = entry_name(1)
HOURS_MS = 3_600_000


def plain(value: object) -> object:
    """Give a value as JSON: bytes as hexadecimal digits, sets in order."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def items(run: Sequence[Item]) -> list[list[str | None]]:
    """Give records with their contents."""
    return [[one.encode().hex(), None if c is None else c.hex()] for one, c in run]


def state(ledger: Ledger) -> Vector:
    """Give what a reader has to arrive at."""
    leaves = {name: leaf.values() for name, leaf in sorted(ledger.live.items())}
    return {
        "seq": ledger.seq,
        "hash": ledger.hash.hex(),
        "epoch": ledger.epoch,
        "live_root": ledger.live.root.hex(),
        "leaves": {name: plain(values) for name, values in leaves.items()},
    }
