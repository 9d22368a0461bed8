"""One hub with its pages for all tests of a module."""

from collections.abc import Iterator
from itertools import count

import pytest

from hub_site import HubSite, Someone
from sync.hub.accounts.person import Role


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSite]:
    with HubSite(tmp_path_factory.mktemp("hub")) as made:
        yield made


_NUMBERS = count(1)


@pytest.fixture
def who(site: HubSite) -> Someone:
    """Give a manager of the Anchor whose account no other test has touched."""
    one = Someone(f"someone-{next(_NUMBERS)}", "Some One", Role.MANAGER, "Anchor")
    site.join(one)
    return one
