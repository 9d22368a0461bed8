"""``doorwatch self-test``: can this version do its work on this machine?"""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from edge.config import Config
from edge.installed import installed
from edge.selftest.checks import Finding, SelfTest


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(self_test, name="self-test")


def self_test(
    *, config: Annotated[Path | None, Parameter(name="--config")] = None, json: bool = False
) -> int:
    """Try networks, list and pins of this version; nothing is changed and no lamp is lit.

    Args:
        config: Configuration file.
        json: Print one JSON object for a script.

    Returns:
        Exit status: 0 where everything holds.
    """
    settings = Config.load(config)
    findings = list(SelfTest(settings, settings.places()).findings())
    if json:
        told = {"version": installed().name, "findings": findings}
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        Console().print(_table(findings))
    return 0 if all(finding.passed for finding in findings) else 1


def _table(findings: list[Finding]) -> Table:
    table = Table(title=f"Self-test of {installed().name}", title_justify="left", show_header=False)
    for finding in findings:
        mark = "[green]holds[/]" if finding.passed else "[bold red]fails[/]"
        table.add_row(finding.check, mark, finding.words)
    return table
