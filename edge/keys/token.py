"""A share as a code on paper or on a stick: the staff token, and the hub's told by telephone."""

import re
import secrets

from edge.errors import KeyProviderError
from edge.keys.pairs import SHARE_BYTES, Share
from sync import typed

_TITLES = {"DWT1": Share.TOKEN, "DWH1": Share.HUB}
_BEGINNING = re.compile(r"(?=DW[TH]1\s*-)", re.IGNORECASE)


def new_token() -> bytes:
    """Draw the share of a new token."""
    return secrets.token_bytes(SHARE_BYTES[Share.TOKEN])


def token_text(share: Share, content: bytes) -> str:
    """Write a share as a code that people copy; each group of it checks itself."""
    title = next(title for title, of in _TITLES.items() if of is share)
    return typed.written(title, content)


def shares_of(text: str) -> dict[Share, bytes]:
    """Read the code of a staff token, of the hub's share, or both one after the other.

    Raises:
        KeyProviderError: It is mistyped.
    """
    codes = [code for code in _BEGINNING.split(text) if code.strip()]
    return dict(_share_of(code) for code in codes or [""])


def _share_of(text: str) -> tuple[Share, bytes]:
    title = text.strip()[:4].upper()
    if title not in _TITLES:
        raise KeyProviderError("the code has to begin with DWT1- (staff token) or DWH1-")
    share = _TITLES[title]
    try:
        content = typed.read(title, text)
    except ValueError as error:
        raise KeyProviderError(f"the code cannot be read, {error}") from error
    if len(content) != SHARE_BYTES[share]:
        raise KeyProviderError("the code is too short or too long: copy the whole of it")
    return share, content
