"""All words of the hub's pages lie in one place, and each of them is used."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.hub.web import texts

WEB = Path(texts.__file__).parent
CALLED = re.compile(r"""\bt\(\s*["']([\w.-]+)["']\s*[,)]""")
LITERAL = re.compile(r"""["']([a-z]\w*(?:\.[\w-]+)*\.?)(?:["'{])""")
HIDDEN = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
SPOKEN = re.compile(r"\b(?:aria-label|alt|title|placeholder)=(\"[^\"]*\"|'[^']*')")
ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"")
WORD = re.compile(r"[A-Za-z]{2,}")


def sources() -> Iterator[str]:
    for path in sorted(WEB.rglob("*")):
        if path.suffix in {".py", ".html", ".svg"} and "static" not in path.parts:
            yield path.read_text(encoding="utf-8")


def templates() -> list[Path]:
    return sorted(path for path in (WEB / "templates").rglob("*") if path.is_file())


def plural(key: str) -> str:
    """Give the key that is asked for where this one is a form of it."""
    return re.sub(r"\.(?:one|many)$", "", key)


def test_every_sentence_that_is_asked_for_exists() -> None:
    known = set(texts.known())
    asked = {key for source in sources() for key in CALLED.findall(source)}
    assert asked
    missing = [key for key in asked if not {key, f"{key}.one"} & known]
    assert sorted(missing) == []


def test_every_sentence_is_used() -> None:
    named = {word for source in sources() for word in LITERAL.findall(source)}
    begun = tuple(word for word in named if word.endswith("."))
    unused = [
        key for key in texts.known() if not {key, plural(key)} & named and not key.startswith(begun)
    ]
    assert unused == []


def test_what_counts_has_a_word_for_one_and_for_many() -> None:
    known = set(texts.known())
    forms = {key for key in known if plural(key) != key}
    assert {f"{plural(key)}.{form}" for key in forms for form in ("one", "many")} == forms


def test_sentences_name_their_values() -> None:
    for key, sentence in texts.known().items():
        for _, name, _, _ in string.Formatter().parse(sentence):
            assert name is None or re.fullmatch(r"[a-z_]+", name), key


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(path: Path) -> None:
    text = HIDDEN.sub("", path.read_text(encoding="utf-8"))
    said = [word for value in SPOKEN.findall(text) for word in WORD.findall(value)]
    assert said + WORD.findall(ATTRIBUTE.sub("", TAG.sub(" ", text))) == []
