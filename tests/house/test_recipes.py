"""Every command in the documents is one that somebody tries in a box, or says why not."""

import pytest

from machines.recipes import RECIPES, Recipe, commands


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.document} {recipe.begin}")
def test_what_is_said_of_a_command_is_of_one_that_stands_there(recipe: Recipe) -> None:
    there = recipe.commands()
    assert there
    assert sorted({*recipe.instead, *recipe.left} - {*there}) == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.document} {recipe.begin}")
def test_nothing_is_typed_that_only_stands_for_something(recipe: Recipe) -> None:
    standing = [one for one in recipe.typed() if "…" in one or one.split()[-1].isupper()]
    assert standing == []


def test_a_command_is_found_in_blocks_and_in_text_and_joined_to_one_line() -> None:
    text = (
        "Type\n\n    sudo one \\\n        --two\n    not this\n\nor `sudo\nthree`:\n"
        "```toml\nsudo = 1\n```\n```\ncd /tmp\nsudo four |\n    sudo five\noutput\n```\n"
    )
    assert commands(text) == ["sudo one --two", "sudo three", "cd /tmp", "sudo four | sudo five"]
