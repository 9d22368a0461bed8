"""The one table of rights."""

import pytest
from starlette.exceptions import HTTPException

from hub_site import VENUES, HubSite
from sync.hub.web.may import Act, may, require

ANCHOR, BLUE = VENUES["Anchor"], VENUES["Blue Room"]
CHANGING = {
    Act.ADD_ENTRY, Act.CHANGE_ENTRY, Act.CONTEST_ENTRY, Act.APPROVE, Act.RUN_DOORS,
    Act.CLEAR_ALARM, Act.RUN_RIGHTS, Act.SET_POLICY, Act.WRITE_PAPERS, Act.RUN_USERS,
}  # fmt: skip


def test_an_auditor_reads_all_and_changes_nothing(site: HubSite) -> None:
    ida = site.person("ida")
    assert {act for act in Act if not may(ida, act)} == CHANGING
    assert may(ida, Act.SEE_ENTRY, scope=BLUE)


def test_a_manager_sees_the_consortiums_entries_and_those_of_the_own_venue(site: HubSite) -> None:
    ana = site.person("ana")
    assert may(ana, Act.SEE_ENTRY, scope="consortium", venue_id=BLUE)
    assert may(ana, Act.SEE_ENTRY, scope=ANCHOR)
    assert not may(ana, Act.SEE_ENTRY, scope=BLUE)


def test_a_manager_changes_what_the_own_venue_proposed(site: HubSite) -> None:
    ana = site.person("ana")
    assert may(ana, Act.CHANGE_ENTRY, scope="consortium", venue_id=ANCHOR)
    assert not may(ana, Act.CHANGE_ENTRY, scope="consortium", venue_id=BLUE)


def test_a_manager_approves_what_another_venue_proposed(site: HubSite) -> None:
    ana = site.person("ana")
    assert may(ana, Act.APPROVE, scope="consortium", venue_id=BLUE)
    assert not may(ana, Act.APPROVE, scope="consortium", venue_id=ANCHOR)
    assert not may(ana, Act.APPROVE, scope=BLUE, venue_id=BLUE)


def test_a_manager_contests_any_entry_that_can_be_seen(site: HubSite) -> None:
    ana = site.person("ana")
    assert may(ana, Act.CONTEST_ENTRY, scope="consortium", venue_id=BLUE)
    assert not may(ana, Act.CONTEST_ENTRY, scope=BLUE, venue_id=BLUE)


def test_a_manager_runs_the_own_venues_doors_and_users(site: HubSite) -> None:
    ana = site.person("ana")
    assert may(ana, Act.RUN_DOORS, venue_id=ANCHOR)
    assert not may(ana, Act.RUN_DOORS, venue_id=BLUE)
    assert may(ana, Act.RUN_USERS, venue_id=ANCHOR)
    assert not may(ana, Act.RUN_USERS, venue_id=BLUE)
    assert not may(ana, Act.SEE_AUDIT)


def test_an_administrator_without_a_venues_key_signs_nothing(site: HubSite) -> None:
    olivia = site.person("olivia")
    refused = {act for act in Act if not may(olivia, act)}
    assert refused == {
        Act.ADD_ENTRY, Act.CHANGE_ENTRY, Act.CONTEST_ENTRY, Act.APPROVE, Act.SET_POLICY,
        Act.CLEAR_ALARM,
    }  # fmt: skip


def test_what_somebody_may_not_even_see_is_not_there(site: HubSite) -> None:
    with pytest.raises(HTTPException) as hidden:
        require(site.person("ana"), Act.CHANGE_ENTRY, scope=BLUE, venue_id=BLUE)
    with pytest.raises(HTTPException) as forbidden:
        require(site.person("ana"), Act.CHANGE_ENTRY, scope="consortium", venue_id=BLUE)
    assert (hidden.value.status_code, forbidden.value.status_code) == (404, 403)
