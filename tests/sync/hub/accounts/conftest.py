"""A hub with accounts."""

import pytest

from hub_people import Staff
from simulator.office import Office


@pytest.fixture
def staff(office: Office) -> Staff:
    return Staff(office)
