"""The page of retention: what ends, what waits, what goes by itself."""

from pathlib import Path

from hub_site import DAY_MS, VENUES, HubSite
from sync.hub.hubclock import now_ms
from sync.statement.proposal import ContestProposal, RemoveProposal, Why


def test_entries_that_end_soon_are_on_the_page_and_on_the_first_one(site: HubSite) -> None:
    entry_id = site.entry(days=3)
    assert entry_id in site.client("olivia").get("/retention").text
    assert "ends within 7 days" in site.client("ana").get("/").text


def test_a_manager_is_not_shown_another_venues_entry(site: HubSite) -> None:
    own = site.entry("Blue Room", scope="venue", days=4)
    assert own in site.client("ben").get("/retention").text
    assert own not in site.client("ana").get("/retention").text
    assert own in site.client("ida").get("/retention").text


def test_every_reason_is_shown_with_its_longest_term(site: HubSite) -> None:
    page = site.client("ida").get("/retention").text
    assert page.count("730 days") >= 8
    assert "Spiking" in page


def test_a_proposal_is_shown_with_the_day_on_which_it_goes(site: HubSite) -> None:
    entry_id = site.entry(by="-")
    page = site.client("olivia").get("/retention").text
    assert f'href="/entries/{entry_id}">' in page


def test_an_old_dispute_asks_for_a_decision(site: HubSite) -> None:
    entry_id = site.entry(days=80)
    venue = site.person("ana")
    contest = ContestProposal(site.office.service.list_id, entry_id, venue.venue_id, now_ms())
    assert venue.signer is not None
    signed = contest.signed(venue.signer)
    site.do(lambda service: service.propose(signed, now_ms()))
    assert "No dispute is that old." in site.client("ana").get("/retention").text


def test_a_manager_is_not_told_of_another_venues_entry_that_is_gone(site: HubSite) -> None:
    site.door("Blue Room")
    gone, list_id = site.entry("Blue Room", scope="venue"), site.office.service.list_id
    lift = RemoveProposal(list_id, gone, VENUES["Blue Room"], Why.LIFTED, now_ms())
    site.do(lambda service: service.propose(lift.signed(site.keys["Blue Room"]), now_ms()))
    over = site.entry("Blue Room", scope="venue", days=1)
    site.do(lambda service: service.expire(now_ms() + 2 * DAY_MS))
    for login, told in (("ben", True), ("ida", True), ("ana", False)):
        page = site.client(login).get("/retention").text
        assert (gone in page, over in page) == (told, told), login


def test_backups_that_nobody_tried_for_days_are_on_the_administrators_first_page(
    site: HubSite,
) -> None:
    words = "No backup was restored and compared for more than 3 days"
    assert words not in site.client("olivia").get("/").text
    site.do(lambda service: service.copied(Path("/copies/hub.db"), "test", now_ms()))
    assert words in site.client("olivia").get("/").text
    assert words not in site.client("ana").get("/").text
    assert "None was ever restored" in site.client("olivia").get("/retention").text
    site.do(lambda service: service.drilled("record 1", "test", now_ms() - 4 * DAY_MS))
    assert words in site.client("olivia").get("/").text
    site.do(lambda service: service.drilled("record 1", "test", now_ms()))
    assert words not in site.client("olivia").get("/").text
    assert "One was last restored" in site.client("olivia").get("/retention").text
