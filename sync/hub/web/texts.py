"""All words of the pages, in ``texts/<language>/<room>.toml``: one place to translate.

A key is the file's name and the path within it: ``lift.ask`` in ``entries.toml`` is
``entries.lift.ask``. A sentence may name values in braces. Where a key has ``one`` and ``many``
below it, ``count`` chooses.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts"
LANGUAGE = "en"


def t(key: str, **values: object) -> str:
    """Give a sentence.

    Args:
        key: Which.
        values: What its braces name; ``count`` also chooses between one and many.

    Raises:
        KeyError: There is no such sentence, or a value is missing.
    """
    sentences = known()
    if "count" in values and key not in sentences:
        key = f"{key}.one" if values["count"] == 1 else f"{key}.many"
    return sentences[key].format(**values)


@lru_cache(maxsize=1)
def known(language: str = LANGUAGE) -> Mapping[str, str]:
    """Read every sentence of a language."""
    found: dict[str, str] = {}
    for path in sorted((TEXTS / language).glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found.update(_flat(path.stem, content))
    return found


def _flat(before: str, content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, inner in content.items():
        key = f"{before}.{name}"
        if isinstance(inner, dict):
            yield from _flat(key, inner)
        else:
            yield key, inner
