"""systemd hears from the page while its loop answers browsers."""

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest
from starlette.applications import Starlette

from edge.process import Notifier
from edge.staff.alive import alive


def test_the_page_says_that_it_lives_and_that_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.staff.alive.BEAT_S", 0.01)
    monkeypatch.setattr(
        "edge.staff.alive.Notifier", lambda: Notifier({"NOTIFY_SOCKET": str(tmp_path / "n")})
    )

    async def lived() -> None:
        async with alive(Starlette()):
            await asyncio.sleep(0.1)

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "n"))
        systemd.settimeout(0)
        asyncio.run(lived())
        said = []
        with contextlib.suppress(BlockingIOError):
            while True:
                said.append(systemd.recv(64).decode())
    assert said[:3] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    assert said[-1] == "STOPPING=1"
