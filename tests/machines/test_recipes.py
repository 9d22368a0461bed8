"""The documents, walked: each command that they tell people to type is typed in a box."""

import pytest

from machines import results
from machines.box import Box
from machines.installing import PHRASE, wait_until_screening
from machines.recipes import CONSORTIUM, EVENING, HUB, HUB_KEY, INSTALL, KEYS, Recipe, photo

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]


def walk(box: Box, *recipes: Recipe) -> int:
    """Type the commands of some documents, each of which has to succeed; gives how many."""
    around = {"DOORWATCH_PASSPHRASE_FILE": "/root/phrase", "SUDO_USER": "ana"}
    typed = 0
    for recipe in recipes:
        where = "/root"
        for command in recipe.typed():
            if command.startswith("cd "):
                where = command.removeprefix("cd ")
            else:
                box.run(f"cd {where} && {command}", environ=around)
                typed += 1
    return typed


@pytest.fixture
def unit(installed: Box) -> Box:
    for name in ("first", "other"):
        installed.copy_in(photo(name), f"/root/{name}.jpg")
    installed.boot()
    wait_until_screening(installed)
    return installed


@pytest.fixture
def hub(new_hub: Box) -> Box:
    new_hub.copy_in(photo("first"), "/root/first.jpg")
    new_hub.write("/root/phrase", f"{PHRASE}\n", 0o600)
    new_hub.write("/root/unit.toml", "[paths]\nstate = '/root/unit'\nrun = '/root/unit-run'\n")
    new_hub.boot()
    new_hub.run("echo 127.0.0.1 hub.example.org >>/etc/hosts")
    return new_hub


def test_a_unit_by_its_recipes(unit: Box) -> None:
    typed = walk(unit, INSTALL, KEYS, EVENING)
    wait_until_screening(unit)
    assert "doorwatch-lamp" not in unit.said("systemctl --failed --plain --no-legend")
    assert unit.said("systemctl is-active doorwatch-lamp doorwatch-page").split() == ["active"] * 2
    results.keep("box", "unit-by-its-recipes", commands_typed=typed)


def test_before_it_is_founded_a_hub_waits_and_does_not_fail(hub: Box) -> None:
    assert hub.said("systemctl --failed --plain --no-legend") == ""
    assert "there is no hub" not in hub.journal()


def test_a_hub_by_its_recipes(hub: Box) -> None:
    typed = walk(hub, CONSORTIUM)
    assert "login ana" in hub.said("doorwatch-hub audit show")
    hub.run("cp /var/lib/doorwatch-hub/hub.key /root/copy.key")
    typed += walk(hub, HUB_KEY, HUB)
    hub.run("systemctl is-active doorwatch-hub doorwatch-hub-web mosquitto")
    results.keep("box", "hub-by-its-recipes", commands_typed=typed)
