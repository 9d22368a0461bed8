"""Whatever goes wrong within a unit: no green later than two seconds on, and back after it.

The other half of the kinds, with a unit of its own, so that both are tested at the same time.
"""

import pytest

from fault_matrix.door import Door
from fault_matrix.kinds import WITHIN, Kind
from fault_matrix.watching import Rows, endure

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@pytest.mark.parametrize("kind", WITHIN, ids=lambda kind: kind.name)
def test_no_green_is_lit_two_seconds_after(kind: Kind, door: Door, rows: Rows) -> None:
    endure(kind, door, rows)
