"""A unit for tests: its real commands, its real sync process, neither camera nor engine."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from consortium import ROOT
from edge.cli.main import main
from edge.config import Config
from edge.door import SyncView
from edge.errors import LinkError
from edge.link import Link
from edge.places import Places


class Unit:
    """A unit's commands and its sync process; camera and engine are not needed for the list."""

    def __init__(self, folder: Path, more: str = "") -> None:
        folder.mkdir()
        self.config = folder / "door.toml"
        state, run = folder / "state", folder / "run"
        self.config.write_text(f"[paths]\nstate = '{state}'\nrun = '{run}'\n{more}")
        self.log = folder / "sync.log"
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run one command of the unit; its exit status, output and refusal."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main([*words, "--config", str(self.config)])
        return status, out.getvalue(), err.getvalue()

    def says(self, *words: str) -> str:
        """Run a command that has to succeed; what it wrote."""
        status, out, err = self.run(*words)
        assert (status, err) == (0, ""), (words, err)
        return out

    def refuses(self, *words: str) -> str:
        """Run a command that has to be refused; its one line."""
        status, _, err = self.run(*words)
        assert status != 0, words
        assert err.startswith("doorwatch: "), err
        assert err.count("\n") == 1, err
        return err

    def tells(self, *words: str) -> Any:
        status, out, err = self.run(*words, "--json")
        assert (status, err) == (0, ""), (words, err)
        return json.loads(out)

    def start(self) -> None:
        """Start the sync process."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "sync", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONWARNINGS": "error"},
            )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    def listed(self) -> set[str]:
        """Give the entries on the unit's list, as its own command tells them."""
        return {one["entry_id"] for one in self.tells("list")}

    @property
    def places(self) -> Places:
        return Config.load(self.config).places()

    def standing(self) -> SyncView | None:
        """Ask the sync process how it stands, as doorwatch status does."""
        try:
            return Link(self.places.sync_socket, timeout_s=1.0).standing()
        except LinkError:
            return None

    def live(self) -> bool:
        """Tell whether the hub answers."""
        view = self.standing()
        return view is not None and view.live
