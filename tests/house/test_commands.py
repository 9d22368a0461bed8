"""Every command that the documents show exists, with the options they show."""

import re
import shlex
from pathlib import Path

import pytest
from cyclopts import App

from edge.cli.main import FAMILIES, commands

DOCUMENTS = (
    "README.md",
    "FIGURES.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "hardware.md",
    "deploy/commands.md",
    "deploy/consortium.md",
    "deploy/hub.md",
    "deploy/keys.md",
    "deploy/logs.md",
    "deploy/shares.md",
    "deploy/install.md",
    "deploy/doorwatch.toml",
    "sync/PROTOCOL.md",
)


def shown(root: Path, program: str) -> set[str]:
    """Collect what is written after ``program`` in the documents."""
    inline = re.compile(rf"`(?:sudo )?{program} ([^`]+)`")
    lines = re.compile(rf"^\s*(?:\$ )?(?:sudo )?{program} ([^#\n]+)", re.MULTILINE)
    texts = [(root / name).read_text("utf-8") for name in DOCUMENTS if (root / name).exists()]
    return {
        words.strip() for text in texts for rule in (inline, lines) for words in rule.findall(text)
    }


@pytest.fixture(scope="module")
def app() -> App:
    return commands()


def test_every_command_is_owned_by_the_file_that_registers_it(app: App) -> None:
    for words in FAMILIES.values():
        for word in words:
            assert word in app


def test_every_command_shown_exists_with_its_options(app: App, root: Path) -> None:
    told = shown(root, "doorwatch")
    assert told
    for command in sorted(told):
        words = shlex.split(command.replace("…", "").replace("...", ""))
        assert words[0] in app, f"doorwatch {command}"
        owner = app[words[0]]
        if len(words) > 1 and not words[1].startswith("-") and words[1] in owner:
            owner = owner[words[1]]
        taken = owner.assemble_argument_collection() if owner.default_command else ()
        known = {name for argument in taken for name in argument.names}
        options = {word.partition("=")[0] for word in words[1:] if word.startswith("--")}
        assert options <= known, f"doorwatch {command}"


def test_every_target_shown_is_in_the_makefile(root: Path) -> None:
    rules = re.findall(r"^([a-z][a-z0-9 -]*):", (root / "Makefile").read_text(), re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    told = {words.split()[0] for words in shown(root, "make")}
    assert told
    assert told <= targets


def test_every_command_has_a_place_in_the_documents(root: Path) -> None:
    told = {words.split()[0] for words in shown(root, "doorwatch")}
    assert {word for words in FAMILIES.values() for word in words} <= told
