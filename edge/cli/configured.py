"""The configuration that commands are given, and what each process of a unit does with it first."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from edge.config import Config
from edge.places import Places
from edge.process import begin, until_signalled

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""


@dataclass(frozen=True, slots=True)
class Started:
    """What a process works with that runs until it is told to end.

    Attributes:
        settings: Its configuration.
        places: Where things lie; the folders are there.
        stopping: Set once it is told to end.
    """

    settings: Config
    places: Places
    stopping: threading.Event


def started(config: Path | None) -> Started:
    """Begin to log, and to listen for the end; read the configuration and make the folders.

    Raises:
        ConfigError: The file is wrong.
    """
    begin()
    stopping = until_signalled()
    settings = Config.load(config)
    places = settings.places()
    places.prepare()
    return Started(settings, places, stopping)
