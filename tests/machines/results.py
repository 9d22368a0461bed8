"""The last result of each long test, kept in the repository for whom can't run it themselves.

``keep("cuts", "sync", cuts=30, lost=0)`` writes section ``[sync]`` of results/cuts.toml and
leaves the others: each section says when, on which commit and on what kind of machine it ran.
"""

import fcntl
import json
import os
import platform
import subprocess
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent / "results"

Figure = str | bool | int | float | list[str] | list[int] | list[float]
Figures = Mapping[str, Figure | Mapping[str, Figure]]


def keep(name: str, section: str, /, **figures: Figure | Mapping[str, Figure]) -> None:
    """Keep the figures of one test that has just ended, in place of its last ones.

    Args:
        name: The command it belongs to: ``cuts`` for ``make test-cuts``.
        section: Which of that command's tests.
        figures: What was measured, units in the names; a mapping becomes a table of its own.
    """
    with (FOLDER / f"{name}.toml").open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two tests may end at once
        kept = {**read(name), section: {**_circumstances(), **figures}}
        heading = f"# What `make test-{name}` measured last, written by the tests themselves.\n"
        parts = [_section(title, body) for title, body in sorted(kept.items())]
        file.truncate(0)
        file.write("\n".join([heading, *parts]))


def read(name: str) -> dict[str, Figures]:
    """Give the sections that were kept for one command; none where it never ran."""
    try:
        return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _circumstances() -> dict[str, Figure]:
    kernel = ".".join(platform.release().split(".")[:2])
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Linux {kernel}, "
        f"Python {platform.python_version()}",
    }


def _commit() -> str:
    """Name the commit; ``-dirty`` when files differ from it, other than these results."""
    told = ["git", "-C", str(FOLDER), "rev-parse", "--short", "HEAD"]
    where = subprocess.run(told, capture_output=True, text=True, check=False)
    if where.returncode:
        return "unknown"
    told = ["git", "-C", str(FOLDER), "diff", "--quiet", "HEAD", "--", ":/", ":(exclude)."]
    changed = subprocess.run(told, capture_output=True, check=False).returncode
    return where.stdout.strip() + ("-dirty" if changed else "")


def _section(title: str, body: Figures) -> str:
    """Write a table; a figure's JSON is its TOML as well."""
    tables = {name: one for name, one in body.items() if isinstance(one, Mapping)}
    lines = [f"[{json.dumps(title)}]"]
    lines += [_line(name, one) for name, one in body.items() if name not in tables]
    for name, table in tables.items():
        lines += [f"\n[{json.dumps(title)}.{json.dumps(name)}]"]
        lines += [_line(key, value) for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _line(name: str, figure: object) -> str:
    return f"{json.dumps(name)} = {json.dumps(figure, allow_nan=False)}"
