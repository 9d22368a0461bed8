"""The made-up town: who signs in, and who is on its list."""

import io
import random
import time
from pathlib import Path

from PIL import Image
from rich.console import Console

from edge.demo.pages.faces import drawn_face
from edge.demo.pages.listed import AWAITED, EVERYWHERE, LOCAL, fill
from edge.demo.pages.staff import Member, let_in, members, table
from hub_site import VENUES, HubSite
from sync.hub.accounts.stretching import stretched
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms


def test_everybody_of_the_town_can_sign_in_at_once(tmp_path: Path) -> None:
    with HubSite(tmp_path, people=()) as site:
        accounts = site.office.accounts

        def signed_in(one: Member) -> str:
            let_in(accounts, one, VENUES.get(one.venue, ""), site.keys.__getitem__)
            given = stretched(one.password, accounts.begin(one.login))
            half = accounts.enter(one.login, given, now_ms())
            return accounts.confirm(half, one.code(time.time()), now_ms())

        for one in members(tuple(VENUES)):
            assert site.do(lambda _, one=one: signed_in(one))


def test_the_list_has_people_of_every_standing(tmp_path: Path) -> None:
    with HubSite(tmp_path, people=()) as site:
        venues = site.do(lambda service: service.root.venues)
        site.do(lambda service: fill(service, venues, site.keys.__getitem__))
        standings = [one.standing for one in site.do(lambda service: service.entries())]
    assert standings.count(Standing.LIVE) == EVERYWHERE + LOCAL
    assert standings.count(Standing.WAITING) == AWAITED


def test_the_codes_are_shown_with_their_time() -> None:
    people = members(tuple(VENUES))
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(table(people))
    shown = console.export_text()
    assert "s left" in shown
    assert all(one.login in shown and one.password in shown for one in people)


def test_a_drawn_face_is_a_small_photo_and_follows_from_its_seed() -> None:
    photo = drawn_face(random.Random(3), 96)
    assert photo == drawn_face(random.Random(3), 96)
    assert Image.open(io.BytesIO(photo)).size == (96, 96)
