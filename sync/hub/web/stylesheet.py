"""The look of printed papers, for files that have to carry it with them."""

from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

PAPERS = Path(__file__).parent / "static" / "papers.css"


@lru_cache(maxsize=1)
def paper_style() -> Markup:
    """Give the style sheet of papers, to stand within a page."""
    return Markup(PAPERS.read_text(encoding="utf-8"))  # noqa: S704 - a file of our own
