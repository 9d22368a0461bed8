"""The hub's figures: every door, nobody on the list, and for those who know the word."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub_site import HubSite
from sync.hub.hubclock import now_ms
from sync.hub.web.app import build_app
from sync.hub.web.metrics import figures


@pytest.fixture
def word(site: HubSite) -> Iterator[str]:
    """Have the site serve figures."""
    before = site.office.config
    (site.folder / "word").write_text("open sesame\n")
    site.office.config = msgspec.structs.replace(before, metrics_token="word")
    yield "open sesame"
    site.office.config = before


def ask(site: HubSite, path: str, word: str = "") -> httpx.Response:
    app, headers = build_app(site.office), {"Authorization": f"Bearer {word}"} if word else {}

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.test") as client:
            return await client.get(path, headers=headers)

    return site.run(asked())


def read(text: str) -> dict[tuple[str, ...], float]:
    return {
        (one.name, *(one.labels[name] for name in sorted(one.labels) if name != "unit")): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_every_door_is_told_with_what_is_wrong_with_it(site: HubSite) -> None:
    site.door("Anchor", "Fine", counts=(("temperature", 51), ("free-mib", 900)))
    site.door("Blue Room", "Weak", faults=("hot",), counts=(("note.worn", 1), ("wear", 90)))

    def written(service: Any) -> bytes:
        return bytes(figures(service, "", now_ms()).answer().body)

    told = read(site.do(written).decode())
    prefix = "doorwatch_hub_door"
    assert told[(f"{prefix}_temperature_celsius", "Fine")] == 51
    assert told[(f"{prefix}_free_mebibytes", "Fine")] == 900
    assert told[(f"{prefix}_fault", "hot", "Weak")] == 1
    assert told[(f"{prefix}_needs", "Weak", "worn")] == 1
    assert told[(f"{prefix}_card_wear_percent", "Weak")] == 90
    assert told[(f"{prefix}_trouble", "Weak", "fault")] == 1
    assert told[(f"{prefix}_trouble", "Fine", "fault")] == 0
    assert (f"{prefix}_behind", "Fine") in told
    assert told[("doorwatch_hub_restored",)] == 0
    assert ("doorwatch_hub_drilled_seconds",) not in told


def test_they_are_not_there_unless_a_word_is_set(site: HubSite) -> None:
    assert ask(site, "/metrics").status_code == 404


def test_they_are_given_to_whoever_knows_the_word(site: HubSite, word: str) -> None:
    assert ask(site, "/metrics").status_code == 401
    assert ask(site, "/metrics", "open barley").status_code == 401
    assert "doorwatch_hub_restored" in ask(site, "/metrics", word).text


def test_the_word_opens_nothing_else(site: HubSite, word: str) -> None:
    assert ask(site, "/doors", word).status_code == 303
