"""What somebody laid on the card for a unit that has never been started: a few small files.

Whoever can write the card wrote them, so nothing in them is believed before it was looked at.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

LARGEST = {"invitation.txt": 1_024, "wifi.txt": 512, "doorwatch.toml": 65_536}
"""Bytes that each file may have."""

_INVITATION = re.compile(r"DW1(-[0-9A-Za-z]{2,8}){10,140}")
_LINE = re.compile(r"(name|password|country)\s*=\s*(.*)")
_COUNTRY = re.compile(r"[A-Z]{2}")
_PASSWORD = re.compile(r"[ -~]{8,63}|[0-9A-Fa-f]{64}")


class RefusalError(Exception):
    """What is wrong on the card, and what to do, in one line."""


@dataclass(frozen=True)
class Wifi:
    """A wireless network.

    Attributes:
        name: Its name, at most 32 bytes.
        password: Of WPA2 or WPA3; "" for an open network.
        country: Two letters, by whose rules it may send.
    """

    name: str
    password: str
    country: str


@dataclass(frozen=True)
class Card:
    """What lies on the card.

    Attributes:
        invitation: The string that brings the unit to its list.
        wifi: The network to use.
        settings: The content of doorwatch.toml; not looked into yet.
    """

    invitation: str | None
    wifi: Wifi | None
    settings: str | None


def read_card(folder: Path) -> Card:
    """Read what lies in ``folder``; what is missing is None. Raises: RefusalError."""
    invitation, wifi = _text(folder, "invitation.txt"), _text(folder, "wifi.txt")
    return Card(
        invitation=None if invitation is None else invitation_of(invitation),
        wifi=None if wifi is None else wifi_of(wifi),
        settings=_text(folder, "doorwatch.toml"),
    )


def invitation_of(text: str) -> str:
    """Take the invitation out of a file, however an editor broke its line. Raises: RefusalError."""
    joined = "".join(text.split())
    if not _INVITATION.fullmatch(joined):
        raise RefusalError(
            "invitation.txt does not hold one invitation (DW1-...): copy it once, nothing else"
        )
    return joined


def wifi_of(text: str) -> Wifi:
    """Read ``name = ...``, ``password = ...`` and ``country = ...``. Raises: RefusalError."""
    said: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if not found or found[1] in said:
            raise RefusalError(
                f"wifi.txt, line {number}: write name = ..., password = ... and country = ..., "
                "each once"
            )
        said[found[1]] = found[2]
    wifi = Wifi(said.get("name", ""), said.get("password", ""), said.get("country", "").upper())
    if not 1 <= len(wifi.name.encode()) <= 32 or not wifi.name.isprintable():
        raise RefusalError("wifi.txt: the name of a network has 1 to 32 characters")
    if wifi.password and not _PASSWORD.fullmatch(wifi.password):
        raise RefusalError("wifi.txt: a password has 8 to 63 plain characters")
    if not _COUNTRY.fullmatch(wifi.country):
        raise RefusalError("wifi.txt: name the country by two letters, as in country = GB")
    return wifi


def _text(folder: Path, name: str) -> str | None:
    """Read a small regular file; None for none, or one that was destroyed. Raises: RefusalError."""
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RefusalError(f"{name} cannot be read ({error.strerror}): write it again") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RefusalError(f"{name} is no file: write it again")
        content = file.read(LARGEST[name] + 1)
    if len(content) > LARGEST[name]:
        raise RefusalError(f"{name} is longer than {LARGEST[name]} bytes: it holds something else")
    if content and not content.strip(b"\0"):
        return None  # it was used, and the power went while it was destroyed
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusalError(f"{name} is no plain text: save it as UTF-8") from error
