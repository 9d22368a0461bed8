"""``doorwatch upgrade``: a newer version from one file, on a machine that install.sh made.

The work is done by ``doorwatch-switch``, which needs no version to be whole: an installed machine
calls it directly (``deploy/command.sh``). This is the command for whoever asks for help, and for
a virtual environment that is called by its path.
"""

import subprocess
from pathlib import Path

from cyclopts import App

from edge.errors import DoorwatchError
from edge.installed import SWITCH


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(upgrade)


def upgrade(bundle: Path, /, *, older: bool = False, again: bool = False) -> int:
    """Upgrade this machine from one file (make wheelhouse), if it is whole and of its maker.

    Who may make one stands in /etc/doorwatch/allowed_signers. A version that does not do its
    work goes back by itself.

    Args:
        bundle: The file.
        older: Take also a version that is older than the one in force.
        again: Take also a version that was tried and went back.

    Returns:
        Exit status: 0 where the version is in force and works.

    Raises:
        DoorwatchError: This is no installed machine.
    """
    if not SWITCH.exists():
        raise DoorwatchError(
            "this was not installed by install.sh, so nothing can be put into force: see "
            "deploy/install.md"
        )
    options = [f"--{word}" for word, said in (("older", older), ("again", again)) if said]
    command = [str(SWITCH), "upgrade", *options, str(bundle)]
    return subprocess.run(command, check=False).returncode
