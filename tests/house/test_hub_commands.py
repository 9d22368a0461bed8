"""Every command of the hub that the documents show exists, with the options they show."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from sync.hub.cli.main import commands

DOCUMENTS = (
    "README.md",
    "FIGURES.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "hardware.md",
    "deploy/commands.md",
    "deploy/consortium.md",
    "deploy/hub.md",
    "deploy/install.md",
    "deploy/keys.md",
    "deploy/shares.md",
    "deploy/SECURITY.md",
)
SHOWN = (
    re.compile(r"`(?:sudo )?doorwatch-hub ([^`]+)`"),
    re.compile(r"^ *(?:sudo )?doorwatch-hub (.+)$", re.MULTILINE),
)
HELP = {"--help", "-h", "--version"}


def shown(root: Path) -> set[str]:
    """Collect what is written after ``doorwatch-hub`` in the documents, long lines joined."""
    texts = [(root / name).read_text("utf-8").replace("\\\n", " ") for name in DOCUMENTS]
    return {words.strip() for text in texts for rule in SHOWN for words in rule.findall(text)}


def found(app: App, words: list[str]) -> tuple[App, str]:
    """Find the command that the words call, and its full name."""
    path: list[str] = []
    while words and words[0] in app and words[0] not in HELP:
        app = app[words[0]]
        path.append(words.pop(0))
    return app, " ".join(path)


def named(app: App, before: str = "") -> Iterator[str]:
    """Give the full name of every command."""
    for word in app:
        if word not in HELP:
            inner, name = app[word], f"{before}{word}"
            below = list(named(inner, f"{name} "))
            yield from below or [name]


@pytest.fixture(scope="module")
def app() -> App:
    return commands()


def test_every_command_shown_exists_with_its_options(app: App, root: Path) -> None:
    for line in sorted(shown(root)):
        words = shlex.split(line.replace("…", ""))
        command, name = found(app, words)
        assert name in set(named(app)), f"doorwatch-hub {line}"
        taken = command.assemble_argument_collection()
        known = {one for argument in taken for one in argument.names} | HELP
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert options <= known, f"doorwatch-hub {line}"


def test_every_command_has_a_place_in_the_documents(app: App, root: Path) -> None:
    told = {found(app, shlex.split(line.replace("…", "")))[1] for line in shown(root)}
    assert set(named(app)) <= told
