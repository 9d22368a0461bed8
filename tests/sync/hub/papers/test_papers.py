"""Papers state what is so: settings, counts, what people said, what changed since they signed."""

import msgspec
import pytest

from edge.errors import ModelError
from edge.vision.models.card import read_card
from simulator.office import Office
from sync.errors import HubError
from sync.hub.papers import accuracy, copies, figures, particulars
from sync.hub.papers.copies import Assessment, Change, Copy
from sync.hub.papers.figures import Counts, Settings
from sync.hub.papers.particulars import AtVenue, Ground, Particulars
from sync.hub.register import Register
from sync.hub.rights.book import Requests
from sync.hub.rights.request import Kind, Request
from sync.statement.policy import DAY_MS

SAID = Particulars(controller="Harbour Pubwatch", entrants=2000, banned=Ground.UNLAWFUL_ACTS)


def assessed(settings: Settings | None = None, said: Particulars = SAID) -> Assessment:
    counts = Counts(entries=3)
    return Assessment(settings=settings or Settings(), particulars=said, counts=counts)


def test_settings_are_those_of_the_hub(office: Office) -> None:
    office.door()
    found = figures.settings(office.service.desk, "Harbour", office.now_ms)
    assert found.name == "Harbour"
    assert len(found.venues) == len(office.venues)
    assert sum(found.doors.values()) == 1
    assert found.longest_days["violence"] == 730
    assert found.lease_days == 7
    assert found.officers[1] <= found.officers[0]


def test_counts_are_those_of_the_list(office: Office) -> None:
    put = office.ban()
    other = office.people.person()
    office.service.propose(office.signed(other, other.venue_id), office.now_ms)
    desk = office.service.desk
    requests = Requests(desk)
    requests.open(Request(Kind.ACCESS, "2027-01-01", "Jo"), "x", office.now_ms)
    cards = Register(desk).cards()
    found = figures.counts(desk, cards, {"manager": 3}, office.now_ms)
    assert (found.entries, found.waiting, found.everywhere) == (1, 1, 1)
    assert found.by_reason == {put.reason.value: 1}
    assert found.requests == {"access": 1}
    assert (found.late, found.people) == (0, {"manager": 3})
    late = figures.counts(desk, cards, {}, office.now_ms + 60 * DAY_MS)
    assert late.late == 1


def test_what_people_said_is_kept_and_the_log_names_the_fields_alone(office: Office) -> None:
    desk = office.service.desk
    assert particulars.read(desk) == Particulars()
    particulars.keep(desk, SAID, "user olivia", office.now_ms)
    particulars.keep(desk, SAID, "user olivia", office.now_ms)
    assert particulars.read(desk) == SAID
    (line,) = [one for one in office.service.audit() if one.did == "particulars"]
    assert line.detail == "controller banned entrants"


def test_what_is_missing_or_wrong_is_named_by_its_field() -> None:
    assert "controller" in particulars.missing(Particulars())
    assert "banned" in particulars.missing(Particulars())
    assert "controller" not in particulars.missing(SAID)
    wrong = Particulars(
        controller="x" * 201,
        notice_web="javascript:alert(1)",
        venues={"a": AtVenue(sign_on="2027-02-30")},
    )
    assert particulars.faults(wrong) == {
        "controller": "long",
        "notice_web": "web",
        "sign_on-a": "day",
    }
    good = particulars.with_venue(SAID, "a", AtVenue("2027-02-03", "Ana"))
    assert particulars.faults(good) == {}
    assert good.at("a").sign_by == "Ana"
    assert good.at("b") == AtVenue()


def test_a_copy_is_signed_by_somebody(office: Office) -> None:
    desk = office.service.desk
    copy = Copy(
        saved_ms=office.now_ms, who="user olivia", signed="Olivia Grant, secretary",
        decision="go on, review in May", assessment=assessed(),
    )  # fmt: skip
    assert copies.newest(desk) is None
    assert copies.save(desk, copy) == 1
    assert copies.save(desk, msgspec.structs.replace(copy, decision="again")) == 2
    assert copies.newest(desk) == (2, msgspec.structs.replace(copy, decision="again"))
    with pytest.raises(HubError, match="who decides"):
        copies.save(desk, msgspec.structs.replace(copy, signed=""))


def test_what_changed_since_a_copy_is_told_field_by_field() -> None:
    before = assessed(Settings(venues=("Anchor",), longest_days={"theft": 365, "weapon": 730}))
    after = assessed(
        Settings(venues=("Anchor", "Cellar"), longest_days={"theft": 180, "weapon": 730}),
        msgspec.structs.replace(SAID, entrants=2500),
    )
    after = msgspec.structs.replace(after, counts=Counts(entries=4))
    found = copies.changes(before, after)
    assert found == (
        Change("settings", "venues", "", ("Anchor",), ("Anchor", "Cellar")),
        Change("settings", "longest_days", "theft", 365, 180),
        Change("particulars", "entrants", "", 2000, 2500),
        Change("counts", "entries", "", 3, 4),
    )
    assert {one.part for one in copies.weighty(found)} == {"settings", "particulars"}
    assert copies.changes(after, after) == ()


def test_every_group_on_the_card_stands_in_the_table_the_worst_first() -> None:
    found = accuracy.accuracy()
    assert [one.mean for one in found.tables] == [1e-3, 1e-4]
    for table in found.tables:
        assert len(table.groups) == 14
        assert all(one.low <= one.rate <= one.high for one in table.groups)
        assert list(table.groups) == sorted(table.groups, key=lambda one: -one.rate)
        assert table.ratio_interval[0] <= table.ratio <= table.ratio_interval[1]


def test_nothing_is_claimed_of_a_group_whose_interval_is_too_wide() -> None:
    strict = accuracy.accuracy().tables[1]
    quiet = [one.group for one in strict.groups if not one.claimed]
    assert "Latino / Hispanic Male" in quiet
    assert all(one.claimed for one in strict.groups[:2])


def test_figures_that_cannot_be_read_are_no_table() -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        accuracy.table(1e-3, "no figures")


def test_the_simulated_night_is_of_the_network_that_ships() -> None:
    found = accuracy.accuracy()
    assert found.night is not None, "measure again: doorwatch evaluate --night"
    assert found.night.model_id == read_card(accuracy.ROLE).model_id
