"""The commands that the documents tell people to type, and how each is tried in a box.

A command is what begins with ``sudo`` in a block or in inline code; ``cd`` goes with those. Each is
typed as it stands, typed with something in the place of what only people have (a photo, a PIN, an
invitation), or left out for a reason: somebody decides that of every new one.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from machines.installing import ROOT

_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?<=\n\n)()((?:    +\S.*\n)+)")
_INLINE = re.compile(r"`(sudo\s[^`]+)`")
_GOES_ON = re.compile(r"(?<=[\\|])\n\s*")
_ALREADY = "it has just been done, by another page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A part of a document.

    Attributes:
        document: Its path from the root of the repository.
        begin: A line that it begins with; the document's begin by default.
        end: A line that ends it; the document's end by default.
        instead: What is typed in a box in the place of a command.
        left: Commands that are not tried here, each with the reason.
    """

    document: str
    begin: str = ""
    end: str = ""
    instead: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    def commands(self) -> list[str]:
        """Give its commands as they stand there, each on one line, in their order."""
        text = (ROOT / self.document).read_text(encoding="utf-8")
        start = text.index(f"\n{self.begin}\n") if self.begin else 0
        return commands(text[start : text.index(f"\n{self.end}\n", start) if self.end else None])

    def typed(self) -> list[str]:
        """Give what is typed in a box, where everybody is root already."""
        told = [one for one in self.commands() if one not in self.left]
        return [self.instead.get(one, one).replace("sudo ", "") for one in told]


def commands(text: str) -> list[str]:
    """Find the commands in a document's text, in their order."""
    found: dict[tuple[int, int], str] = {}
    for pattern in (_BLOCK, _INDENTED):
        for block in pattern.finditer(text):
            language, body = block.groups()
            whole = _GOES_ON.sub(" ", body if not language else "").replace("\\ ", "")
            lines = [" ".join(line.split()) for line in whole.splitlines()]
            told = [line for line in lines if line.startswith(("sudo ", "cd "))]
            found |= {(block.start(), at): line for at, line in enumerate(told)}
    found |= {(one.start(), 0): " ".join(one[1].split()) for one in _INLINE.finditer(text)}
    return [found[at] for at in sorted(found)]


def photo(name: str) -> Path:
    """Give a portrait that ships: first or other."""
    return ROOT / "edge" / "selftest" / f"{name}.jpg"


_IDS = """grep -o '"entry_id":"[0-9a-f]*' | cut -d'"' -f4"""
"""Takes the ids out of a list that was printed for a script."""
_UNIT = "/opt/doorwatch/current/bin/doorwatch"
_ELSEWHERE = "--config /root/unit.toml"
"""A unit of one user on the hub's own box."""

INSTALL = Recipe(
    document="deploy/install.md",
    instead={
        "sudo doorwatch test-indicators": "doorwatch test-indicators --seconds 0.2",
        "sudo doorwatch enrol portrait.jpg --reason violence --until 2027-06-30": (
            "doorwatch enrol first.jpg --reason violence --until 30d"
        ),
        "sudo doorwatch set-pin": "echo 482913 | doorwatch set-pin",
    },
    left={
        "sudo apt-get update && sudo apt-get install git": "it is Debian's",
        "sudo doorwatch/deploy/install.sh unit": "tests/machines/test_install.py",
        "sudo ./doorwatch-*/install.sh unit": "tests/machines/test_install.py",
        "sudo doorwatch join -": "a hub's recipe has it",
        "sudo doorwatch upgrade doorwatch-0.2.0-1a2b3c4d.tar": "tests/machines/test_upgrading.py",
        "cd doorwatch-*/": "there is no bundle in the box: tests/machines/test_upgrading.py",
        "sudo …/install.sh unit": "tests/machines/test_install.py",
        "sudo …/install.sh remove": "tests/machines/test_install.py",
        "sudo …/install.sh remove --purge": "tests/machines/test_install.py",
    },
)
KEYS = Recipe(
    document="deploy/keys.md",
    end="## The hub",
    instead={
        "sudo systemd-creds --name=gallery.key decrypt /etc/credstore.encrypted/gallery.key - | "
        "sudo systemd-creds --name=gallery.key --with-key=host+tpm2 --tpm2-pcrs=7 encrypt - "
        "/etc/credstore.encrypted/gallery.new": (
            "systemd-creds --name=gallery.key decrypt /etc/credstore.encrypted/gallery.key - |"
            "systemd-creds --name=gallery.key --with-key=host encrypt -"
            " /etc/credstore.encrypted/gallery.new"
        ),
    },
)
EVENING = Recipe(
    document="hardware.md",
    begin="## First evening",
    instead={
        "sudo doorwatch test-indicators": "doorwatch test-indicators --seconds 0.2",
        "sudo doorwatch enrol me.jpg --reason violence --until 1d": (
            "doorwatch enrol other.jpg --reason violence --until 1d"
        ),
        "sudo doorwatch lift ID": (
            f"doorwatch lift --yes $(doorwatch list --json | {_IDS} | tail -1)"
        ),
    },
)
CONSORTIUM = Recipe(
    document="deploy/consortium.md",
    instead={
        "sudo doorwatch join -": (
            "doorwatch-hub unit invite 'North Club' --json | grep -o 'DW1-[0-9A-Z-]*' |"
            f" {_UNIT} join - {_ELSEWHERE}"
        ),
        "sudo doorwatch set-manager-key north.key": (
            f"{_UNIT} set-manager-key north.key {_ELSEWHERE}"
        ),
        "sudo doorwatch-hub entry add still.jpg --key north.key --reason violence --incident "
        '2026-11-14 --evidence "incident book 212" --until 6m --declared': (
            "doorwatch-hub entry add first.jpg --key north.key --reason violence --incident"
            ' 2026-11-14 --evidence "incident book 212" --until 6m --declared'
        ),
        "sudo doorwatch-hub entry approve 02fa77a364d85fd3 --key south.key": (
            'doorwatch-hub venue add "South Club" --key south.key --officer officers/officer-1.key'
            " --officer officers/officer-3.key &&"
            ' doorwatch-hub entry list --json | grep -o \'"entry_id":"[0-9a-f]*\' |'
            " cut -d'\"' -f4 >entry &&"
            " doorwatch-hub entry approve --yes $(cat entry) --key south.key"
        ),
        "sudo doorwatch-hub entry show 02fa77a364d85fd3 --receipts receipts": (
            "doorwatch-hub entry show $(cat entry) --receipts receipts"
        ),
    },
    left={
        "sudo deploy/install.sh hub": "it has been done, see conftest.py",
        "sudo doorwatch status": "install.md has it",
    },
)
HUB_KEY = Recipe(document="deploy/keys.md", begin="## The hub")
HUB = Recipe(
    document="deploy/hub.md",
    instead={
        "sudo doorwatch-hub restore /media/stick/hub-20261121T071302.114000Z"
        " --key /media/stick/hub.key": (
            "systemctl disable --now --quiet mosquitto && rm -r doorwatch-hub.service.d &&"
            " systemctl daemon-reload && systemctl stop doorwatch-hub doorwatch-hub-web &&"
            " rm -r /var/lib/doorwatch-hub &&"
            " doorwatch-hub restore /var/backups/doorwatch-hub/hub-* --key /root/copy.key"
        ),
        "sudo doorwatch-hub resume": "doorwatch-hub resume --yes",
    },
    left={
        "sudo deploy/install.sh hub": "it has been done, see conftest.py",
        'sudo doorwatch-hub init --name "Six Venues" --host hub.example.org --listen 0.0.0.0'
        " --officers /root/officers": _ALREADY,
    },
)
RECIPES = (INSTALL, KEYS, EVENING, CONSORTIUM, HUB_KEY, HUB)
