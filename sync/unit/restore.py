"""What a hub forgot that was restored from an older backup, given back by a unit. Pure.

The hub believes nothing of it without its own checks: these are records that it signed itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync import canonical
from sync.transfer import pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.unit.channel import Message
    from sync.unit.shelf import KeptRecord

LARGEST_ANSWER = 1024 * 1024
"""Bytes of one answer; the hub asks again for more."""


def forgotten(records: Iterable[KeptRecord], transfer: str) -> list[Message]:
    """Give records as one transfer, in order, as many as fit.

    Args:
        records: The kept ones from where the hub wants them.
        transfer: Names the transfer, 16 hexadecimal digits, random.
    """
    items, size = [], 0
    for one in records:
        size += len(one.wire) + len(one.content or b"")
        if size > LARGEST_ANSWER:
            break
        items.append([one.wire, one.content])
    return [*pages(canonical.encode(["range", items]), transfer)] if items else []
