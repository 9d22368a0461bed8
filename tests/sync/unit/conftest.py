"""One unit and its scripted hub, with nothing between them but virtual time."""

import pytest

from simulator.pair import Pair


@pytest.fixture
def pair() -> Pair:
    """Make a unit that has joined and a hub with an empty list, connected and in step."""
    made = Pair()
    made.connect()
    return made
