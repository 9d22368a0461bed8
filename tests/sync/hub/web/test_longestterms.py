"""The longest terms: proposed by one venue, approved by another, and then in force."""

import re

from hypothesis import given
from hypothesis import strategies as st

from hub_site import HubSite
from sync.entries import LONGEST_DAYS, Reason
from sync.hub.longest import shifts, with_longest
from sync.statement.policy import Policy

PAGE = "/retention/terms"
DAYS = st.fixed_dictionaries({one: st.integers(1, LONGEST_DAYS[one]) for one in Reason})


@given(DAYS, DAYS)
def test_a_policy_has_the_longest_terms_that_it_was_given(
    first: dict[Reason, int], second: dict[Reason, int]
) -> None:
    policy = with_longest(with_longest(Policy(), first), second)
    assert {one: policy.longest_days(one) for one in Reason} == second
    changed = shifts(with_longest(Policy(), first), policy)
    assert {one.reason: one.after for one in changed} == {
        reason: days for reason, days in second.items() if first[reason] != days
    }


def form(**changes: str) -> dict[str, str]:
    return {one.value: str(LONGEST_DAYS[one]) for one in Reason} | changes


def digest(page: str) -> dict[str, str]:
    return {"digest": re.findall(r'name="digest" value="([0-9a-f]+)"', page)[0]}


def publish(site: HubSite, login: str) -> None:
    account_id = site.person(login).account_id
    for held in site.office.holding.of(account_id):
        site.run(site.office.holding.publish_now(held.held_id, account_id))


def test_one_venue_proposes_and_another_one_approves(site: HubSite) -> None:
    assert site.client("ana").post(PAGE, form(theft="90")).status_code == 303
    publish(site, "ana")
    assert "Anchor proposes new longest terms" in site.client("ben").get("/").text
    assert "Anchor proposes new longest terms" not in site.client("ana").get("/").text
    page = site.client("ben").get(PAGE).text
    assert "Theft: 90 days instead of 365" in page
    assert site.client("ana").post(f"{PAGE}/approve", digest(page)).status_code == 403
    assert site.client("ben").post(f"{PAGE}/approve", {"digest": "0"}).status_code == 409
    assert site.client("ben").post(f"{PAGE}/approve", digest(page)).status_code == 303
    assert site.do(lambda service: service.policy).longest_days(Reason.THEFT) == 90


def test_a_proposal_is_taken_back_by_the_venue_that_made_it(site: HubSite) -> None:
    assert site.client("cleo").post(PAGE, form(damage="30", theft="90")).status_code == 303
    publish(site, "cleo")
    page = site.client("cleo").get(PAGE).text
    assert site.client("ben").post(f"{PAGE}/withdraw", digest(page)).status_code == 403
    assert site.client("cleo").post(f"{PAGE}/withdraw", digest(page)).status_code == 303
    assert "Cleo" not in site.client("ben").get(PAGE).text
    assert site.do(lambda service: service.policy).longest_days(Reason.DAMAGE) == 180


def test_what_is_no_number_of_days_is_said_beside_its_field(site: HubSite) -> None:
    answer = site.client("ana").post(PAGE, form(theft="900", damage="soon"))
    assert answer.status_code == 422
    assert answer.text.count("Write a whole number from 1 to") == 2
    policy = site.do(lambda service: service.policy)
    same = {one.value: str(policy.longest_days(one)) for one in Reason}
    assert site.client("ana").post(PAGE, same).status_code == 409


def test_nobody_without_a_venues_key_proposes(site: HubSite) -> None:
    for login in ("olivia", "ida"):
        assert site.client(login).post(PAGE, form(theft="80")).status_code == 403
        assert "somebody who holds a venue" in site.client(login).get(PAGE).text
