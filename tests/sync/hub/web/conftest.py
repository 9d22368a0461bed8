"""One hub with its pages for all tests of a module."""

from collections.abc import Iterator

import pytest

from hub_site import HubSite


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSite]:
    with HubSite(tmp_path_factory.mktemp("hub")) as made:
        yield made
