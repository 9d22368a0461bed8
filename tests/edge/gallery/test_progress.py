"""What is believed comes back whole from the disk, whatever is added to it."""

import dataclasses

import pytest

from edge.errors import GalleryError
from edge.gallery import progress
from simulator.shelf_samples import entry_id, grown, leaf, trusted
from sync.ledger import Ledger
from sync.liveset import State
from sync.unit.shelf import Ahead, Staging, Trusted


def test_no_part_of_what_is_believed_is_forgotten() -> None:
    believed = {field.name for field in dataclasses.fields(Trusted)} - {"ledger"}
    assert set(progress._Progress.__struct_fields__) == believed | {"chain"}


def test_what_is_believed_comes_back() -> None:
    leaves = {entry_id(n): leaf(n, state) for n, state in enumerate(State)}
    ahead = Ahead(**{f.name: _sample(f) for f in dataclasses.fields(Ahead)})
    before = dataclasses.replace(
        grown(trusted(), leaves),
        ahead={entry_id(7): ahead},
        counter=9,
        box_ms=11,
        refusals=(("gap", 3), ("rollback", 1)),
    )
    content = progress.packed_trusted(before)
    assert progress.unpacked_trusted(content, leaves) == before
    assert progress.venue_names(content) == {"0a" * 8: "The Blue Note", "0b" * 8: "Tor"}


def _sample(field: "dataclasses.Field[object]") -> object:
    """Make up a value of a field of simple type."""
    return {"int": 5, "bool": True, "str": "consortium/banned", "bytes": b"x"}[str(field.type)]


def test_leaves_and_snapshots_come_back() -> None:
    one = leaf(3, State.CONTESTED)
    assert progress.unpacked_leaf(progress.packed_leaf(one), entry_id(3)) == one
    announced = Staging(b"manifest", (bytes(32), b"\x01" * 32))
    assert progress.unpacked_staging(progress.packed_staging(announced)) == announced


def test_an_empty_ledger_comes_back_empty() -> None:
    before = dataclasses.replace(trusted(), ledger=Ledger.empty("ab" * 16))
    assert progress.unpacked_trusted(progress.packed_trusted(before), {}) == before


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x90", b"\x93\x01\x02\x03"])
def test_what_makes_no_sense_is_one_line(content: bytes) -> None:
    with pytest.raises(GalleryError, match="makes no sense"):
        progress.unpacked_trusted(content, {})
