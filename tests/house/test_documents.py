"""What the README points at is there."""

import re
from pathlib import Path

import pytest

DOCUMENTS = (
    "README.md",
    "FIGURES.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "hardware.md",
    "deploy/commands.md",
    "deploy/consortium.md",
    "deploy/hub.md",
    "deploy/install.md",
    "deploy/keys.md",
    "deploy/logs.md",
    "deploy/pages.md",
    "deploy/SECURITY.md",
    "sync/PROTOCOL.md",
)
TEST = re.compile(r"`(tests/[\w/.-]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_local_link_leads_somewhere(root: Path, name: str) -> None:
    document = root / name
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_within_a_document_leads_to_a_heading(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    there = {re.sub(r"[^\w\- ]", "", one).lower().replace(" ", "-") for one in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= there


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_picture_is_there_and_is_described(root: Path, name: str) -> None:
    document = root / name
    text = document.read_text(encoding="utf-8")
    pictures = re.findall(r'<img src="([^"]+)"[^>]* alt="[^"]+">', text)
    assert len(pictures) == text.count("<img ")
    assert [one for one in pictures if not (document.parent / one).is_file()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_test_that_is_named_exists(root: Path, name: str) -> None:
    for path, test in TEST.findall((root / name).read_text(encoding="utf-8")):
        assert (root / path).is_file(), path
        assert not test or f"def {test}(" in (root / path).read_text(), f"{path}::{test}"


def test_every_file_that_the_readme_names_exists(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:edge|sync|deploy|systemd)/[\w/.-]+\.\w+)`", text)
    assert named
    assert [name for name in named if not (root / name).exists()] == []
