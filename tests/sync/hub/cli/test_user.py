"""Users at the console: the first administrator, a venue's manager, a reset, an end."""

import json
import re

import pyotp
import pytest

from consortium import PHRASE, Consortium
from edge.keys.file import KeyFile
from hub_people import CHEAP
from sync.hub.accounts.book import Accounts
from sync.hub.accounts.person import Person
from sync.hub.accounts.second_factor import new_secret
from sync.hub.accounts.stretching import fresh_recipe, stretched
from sync.hub.accounts.welcomes import Chosen
from sync.hub.config import HubPlaces
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.keyfile import open_key_file

LINK = re.compile(r"^https://127\.0\.0\.1:8443/welcome/([0-9a-f]{64})$", re.MULTILINE)


def accept(consortium: Consortium, said: str) -> Person:
    """Follow a link, as the page does."""
    (token,) = LINK.findall(said)
    places, secret = HubPlaces(consortium.hub), new_secret()
    password = stretched("nine lamps behind the bar", fresh_recipe(CHEAP))
    chosen = Chosen(password, secret, pyotp.TOTP(secret).now())
    with Service.open(places.database, KeyFile(places.key_file(places.load()))) as service:
        accounts = Accounts(service.desk, CHEAP)
        session, _ = accounts.accept(token, chosen, now_ms())
        found = accounts.present(session)
    assert found is not None
    return found.person


def test_a_manager_is_invited_with_the_venues_key(consortium: Consortium) -> None:
    key = consortium.key("North")
    said = consortium.says("user", "invite", "ana", "--role", "manager", "--key", key)
    assert "For ana alone, once" in said
    assert "ana (manager) is invited, until" in consortium.says("user", "list")
    person = accept(consortium, said)
    assert person.signer is not None
    assert person.signer.seed == open_key_file(consortium.folder / "north.key", PHRASE).seed
    (row,) = consortium.tells("user", "list")
    assert (row["login"], row["role"], row["venue"], row["signs"]) == (
        "ana", "manager", "North", True
    )  # fmt: skip
    assert re.search(r"ana +ana +manager +North +just now +ok", consortium.says("user", "list"))


def test_an_administrator_needs_no_venue(consortium: Consortium) -> None:
    words = ("user", "invite", "olivia", "--name", "Olivia", "--role", "administrator")
    assert json.loads(consortium.says(*words, "--json"))["login"] == "olivia"
    person = accept(consortium, consortium.says(*words))
    assert (person.name, person.venue_id, person.signer) == ("Olivia", "", None)
    assert "last administrator" in consortium.refuses("user", "disable", "olivia", "--yes")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("invite", "ana", "--role", "manager"), "a manager works for a venue"),
        (("invite", "a b", "--role", "auditor"), "a login has"),
        (("invite", "ana", "--role", "auditor", "--key", "north.key"), "works for no venue"),
        (("reset", "zoe"), "there is no user 'zoe'"),
        (("disable", "zoe", "--yes"), "there is no user 'zoe'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    consortium: Consortium, words: tuple[str, ...], says: str
) -> None:
    assert says in consortium.refuses("user", *words)


def test_an_account_that_ended_is_invited_back(consortium: Consortium) -> None:
    key = ("--key", consortium.key("North"))
    accept(consortium, consortium.says("user", "invite", "ana", "--role", "manager", *key))
    assert "say so with --yes" in consortium.refuses("user", "disable", "ana")
    assert "has ended" in consortium.says("user", "disable", "ana", "--yes")
    (row,) = consortium.tells("user", "list")
    assert row["ended_ms"]
    assert not row["signs"]
    assert "venue's own key" in consortium.refuses("user", "reset", "ana")
    person = accept(consortium, consortium.says("user", "reset", "ANA", *key))
    assert person.account_id == row["account_id"]
    (row,) = consortium.tells("user", "list")
    assert not row["ended_ms"]
