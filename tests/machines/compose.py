"""The hub in containers: what hub.md says is typed as it stands, at a terminal of its own."""

import contextlib
import json
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from machines.installing import PHRASE, copy_sources

ROOT = Path(__file__).parents[2]
BASE = "debian:bookworm-slim"
PROJECT = "doorwatch-test"
IMAGE = "doorwatch-hub-test"
LABEL = "doorwatch.test"
PORTS = (8443, 8883, 8884)

_ASKS = re.compile(rb"(?:[Pp]assphrase .*|Once more): $")
_ELSEWHERE = {
    "git pull": ":",  # the test changes the checkout itself
    "docker image prune --force": ":",  # this machine may keep images of others
    " --pull --no-cache": "",  # minutes, and a registry
    " --project-name doorwatch --file deploy/compose.yaml": "",  # exported to the tests' own
    "hub.example.org": "localhost",
}


class ComposeError(Exception):
    """A command of the document failed."""


def why_not() -> str:
    """Say what is missing to run containers here; nothing is."""
    if not shutil.which("docker"):
        return "no docker: apt-get install docker.io docker-compose"
    for asked, lacks in (
        (["docker", "version"], "no Docker daemon answers: start it, and be allowed to use it"),
        (["docker", "compose", "version"], "docker has no compose: install its plugin"),
    ):
        if _run(asked).returncode:
            return lacks
    if all(_run(["docker", *words, BASE]).returncode for words in (["image", "inspect"], ["pull"])):
        making = f"mmdebstrap --variant=minbase bookworm - | docker import - {BASE}"
        return f"no {BASE} and no registry: {making}"
    busy = [port for port in PORTS if not _free(port)]
    return f"port {busy[0]} is taken: stop the hub that runs here" if busy else ""


def commands(section: str) -> list[list[str]]:
    """Give the commands of a section of hub.md, block by block."""
    text = (ROOT / "deploy/hub.md").read_text(encoding="utf-8")
    part = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)
    return [re.sub(r"\\\n\s*", "", block).splitlines() for block in blocks]


class Desk:
    """Somebody at the machine that the containers run on.

    Attributes:
        folder: What the document calls /root/desk.
        checkout: Where the image is built from; a copy of this checkout.
    """

    def __init__(self, scratch: Path) -> None:
        self.folder, self.checkout = scratch / "desk", scratch / "checkout"
        copy_sources(self.checkout)
        # Everything but the image's name is as people have it.
        named = {name: {"image": IMAGE} for name in ("pages", "backup")}
        built = {"image": IMAGE, "build": {"labels": {LABEL: "yes"}}}
        override = json.dumps({"services": {"hub": built, **named}})
        (scratch / "named.yaml").write_text(override)
        self._named = scratch / "named.yaml"
        self.environ = {**os.environ, "BUILDKIT_PROGRESS": "plain", "COLUMNS": "200"}

    def types(self, line: str, **changed: str) -> str:
        """Type one line of the document, and the passphrase where one is asked for.

        Args:
            line: The line; what differs on this machine is replaced.
            changed: More to replace, and by what.

        Raises:
            ComposeError: It failed; with what it said.
        """
        for name, value in {**_ELSEWHERE, "/root/desk": str(self.folder), **changed}.items():
            line = line.replace(name, value)
        if line.startswith("export "):
            self._exports(line.removeprefix("export "))
            return ""
        master, slave = pty.openpty()
        process = subprocess.Popen(
            ["sh", "-c", line], stdin=slave, stdout=slave, stderr=slave, cwd=self.checkout,
            env=self.environ, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        said = "".join(_answered(master)).replace("\r\n", "\n")
        os.close(master)
        if process.wait():
            raise ComposeError(f"{line}:\n{said}")
        return said

    def compose(self, *words: str) -> str:
        """Give a command without a terminal; what it wrote."""
        done = _run(["docker", "compose", *words], self.environ, self.checkout)
        if done.returncode:
            raise ComposeError(f"{' '.join(words)}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def hub(self, *words: str) -> str:
        """Give a command in the running hub."""
        return self.compose("exec", "-T", "hub", "doorwatch-hub", *words)

    def with_desk(self, *words: str) -> str:
        """Give a command that takes files, and be asked for passphrases."""
        line = "docker compose run --rm --volume /root/desk:/desk hub "
        return self.types(line + " ".join(words))

    def healthy(self, within_s: float = 120.0) -> float:
        """Wait until hub and pages say that they are well; the seconds that took."""
        began = time.monotonic()
        while self.health() != {"hub": "healthy", "pages": "healthy"}:
            if time.monotonic() - began > within_s:
                raise ComposeError(f"{self.health()}\n{self.compose('logs')}")
            time.sleep(0.5)
        return time.monotonic() - began

    def health(self) -> dict[str, str]:
        """Give what each running container says about itself."""
        lines = self.compose("ps", "--format", "json").splitlines()
        return {one["Service"]: one["Health"] for one in map(json.loads, lines)}

    def inside(self, service: str, script: str) -> str:
        """Run a script in a running container."""
        return self.compose("exec", "-T", service, "sh", "-c", script)

    def clear(self) -> None:
        """Remove the containers, what they kept, and the image."""
        with contextlib.suppress(ComposeError):
            self.compose("--profile", "backup", "down", "--volumes", "--remove-orphans")
        _run(["docker", "image", "rm", "--force", IMAGE])
        _run(["docker", "image", "prune", "--force", "--filter", f"label={LABEL}"])

    def _exports(self, words: str) -> None:
        for word in words.split():
            name, _, value = word.partition("=")
            if name == "COMPOSE_PROJECT_NAME":
                value = PROJECT
            if name == "COMPOSE_FILE":
                value = f"{value}:{self._named}"
            self.environ[name] = value


def _answered(master: int) -> Iterator[str]:
    """Give what is said at a terminal until its end, and answer what is asked."""
    line = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal so
        while select.select([master], [], [], 300)[0]:
            piece = os.read(master, 4096)
            line = (line + piece).rpartition(b"\n")[2]
            if _ASKS.search(line):
                os.write(master, f"{PHRASE}\n".encode())
                line = b""
            yield piece.decode(errors="replace")


def _free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


def _run(
    command: list[str], environ: dict[str, str] | None = None, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environ, cwd=folder
    )
