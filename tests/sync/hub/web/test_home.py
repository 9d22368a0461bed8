"""The first page: what needs attention, some figures, the ways that somebody can use."""

from hub_site import HubSite
from sync.hub.web.navigation import rooms_for
from sync.hub.web.notices import Notice, most_urgent_first


def test_what_is_urgent_stands_on_top() -> None:
    notices = [Notice("info", "c", "/"), Notice("now", "a", "/"), Notice("soon", "b", "/")]
    assert [one.words for one in most_urgent_first(notices)] == ["a", "b", "c"]


def test_the_figures_count_what_this_person_sees(site: HubSite) -> None:
    site.entry("Blue Room", "venue")
    site.entry("Blue Room")
    site.entry("Blue Room", by="-")
    ana, ben = (site.client(login).get("/").text for login in ("ana", "ben"))
    assert "<dt>on the list</dt><dd>1</dd>" in ana
    assert "<dt>on the list</dt><dd>2</dd>" in ben
    assert "<dt>awaiting approval</dt><dd>1</dd>" in ana


def test_nobody_is_shown_a_way_that_is_closed(site: HubSite) -> None:
    ways = {login: {one.name for one in rooms_for(site.person(login))} for login in site.people}
    assert "add" in ways["ana"]
    assert not {"add", "approvals"} & (ways["ida"] | ways["olivia"])
    assert "audit" not in ways["ana"]
    assert {"audit", "users"} <= ways["ida"]


def test_every_way_that_is_shown_is_open(site: HubSite) -> None:
    for login in site.people:
        client = site.client(login)
        for way in rooms_for(site.person(login)):
            assert client.get(way.href).status_code == 200, (login, way.href)


def test_the_venue_stands_beside_the_name(site: HubSite) -> None:
    page = site.client("ana").get("/").text
    assert "Hello Ana Anchor" in page
    assert "Manager · Anchor" in page
