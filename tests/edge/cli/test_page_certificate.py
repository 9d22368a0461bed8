"""The door's page by https: a command, a certificate that a phone can trust, a secure cookie."""

import http.client
import os
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.pin import PinFile
from ports import free_port


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "door.toml"
    file.write_text(f"[paths]\nstate = '{tmp_path / 'state'}'\n[page]\nport = {free_port()}\n")
    return file


def test_without_a_name_there_is_no_certificate(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["page-certificate", "--config", str(config)]) != 0
    assert "under which phones reach this unit" in capsys.readouterr().err


def test_all_of_it_is_closed_to_others_and_the_authority_stays(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["page-certificate", "door.local", "192.0.2.7", "--config", str(config)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "served by https once it is started again, until" in said
    folder = tmp_path / "state" / "page" / "tls"
    authority = (folder / "pages-ca.pem").read_bytes()
    assert str(folder / "pages-ca.pem") in said
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    assert main(words) == 0
    assert (folder / "pages-ca.pem").read_bytes() == authority


def test_the_page_is_served_by_https_with_a_cookie_that_stays_there(
    config: Path, tmp_path: Path
) -> None:
    assert main(["page-certificate", "door.local", "--config", str(config)]) == 0
    state = tmp_path / "state"
    PinFile(state / "page" / "pin").write("314159")
    words = [sys.executable, "-m", "edge.cli", "page", "--config", str(config)]
    with subprocess.Popen(words, env={**os.environ, "PYTHONWARNINGS": "error"}) as process:
        try:
            answer = _sign_in(int(config.read_text().split()[-1]), state / "page" / "tls")
        finally:
            process.terminate()
    assert answer.status == 303
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-doorwatch=")
    assert "Secure" in cookie


def _sign_in(port: int, folder: Path) -> http.client.HTTPResponse:
    """Sign in as a phone that trusts the authority and nothing else."""
    trust = ssl.create_default_context(cafile=folder / "pages-ca.pem")
    until = time.monotonic() + 20
    while True:
        line = http.client.HTTPSConnection("localhost", port, timeout=10, context=trust)
        headers = {
            "Origin": f"https://localhost:{port}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            line.request("POST", "/login", "pin=314159", headers)
            return line.getresponse()
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.1)
        finally:
            line.close()
