"""The pages as a process of their own."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import structlog

from consortium import until
from hub_site import HubSite
from ports import free_port
from sync.errors import HubError
from sync.hub.cli.main import main
from sync.hub.config import HubPlaces
from sync.hub.web.serve import serve
from sync.pagecertificate import authority_file

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("served")
    HubSite(made).close()
    return made


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """The pages as ``doorwatch-hub web`` serves them."""
    port = free_port()
    words = ("web", "--hub", str(folder), "--port", str(port))
    process = subprocess.Popen(
        [sys.executable, "-m", "sync.hub.cli", *words],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        until(lambda: answers(folder, port), 60)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in {0, -signal.SIGTERM}


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority_file(HubPlaces(folder).authority)))


def asked(folder: Path, port: int) -> httpx.Response:
    """Ask for the first page, trusting the hub's own authority alone."""
    return httpx.get(f"https://localhost:{port}/", verify=trusting(folder), trust_env=False)


def answers(folder: Path, port: int) -> bool:
    with suppress(FileNotFoundError, httpx.ConnectError):
        return asked(folder, port).is_redirect
    return False


def test_a_browser_that_trusts_the_hub_reaches_it_by_tls(folder: Path, port: int) -> None:
    answer = asked(folder, port)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?then=/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "server" not in answer.headers


def test_pages_without_tls_are_for_this_machine_alone(folder: Path) -> None:
    with HubSite(folder / "other") as site, pytest.raises(HubError, match="this machine alone"):
        serve(site.office, "0.0.0.0", 8080, None)  # noqa: S104 - it is refused


@pytest.fixture
def own_log() -> Iterator[None]:
    """Let a command set up its log, and take that away again: its output closes with the test."""
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("own_log")
def test_half_a_certificate_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("web", "--hub", str(folder), "--certificate", "nowhere.pem")
    assert main(words) == 1
    assert "takes both" in capsys.readouterr().err
