"""Somebody signs in by TLS in a real browser, at the process that a hub's owner runs."""

import base64
import hashlib
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Error, Page, Playwright, expect

from browsing import CHROMIUM, IN_A_BROWSER
from consortium import until
from hub_pages import PHONE
from hub_site import HubSite
from ports import HOST, free_port
from sync.hub.config import HubPlaces
from sync.pagecertificate import authority_file

ROOT = Path(__file__).parents[2]

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> HubSite:
    """A hub that was founded and whose people have accounts; its own server stays off."""
    with HubSite(tmp_path_factory.mktemp("hub")) as made:
        return made


@pytest.fixture(scope="module")
def url(site: HubSite) -> Iterator[str]:
    """The pages as ``doorwatch-hub web`` serves them, by TLS under the hub's own authority."""
    port = free_port()
    process = subprocess.Popen(
        command(site, "--port", str(port)), stdout=subprocess.DEVNULL, cwd=ROOT
    )
    try:
        until(lambda: spoken(site, port), 60)
        yield f"https://{HOST}:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def command(site: HubSite, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "sync.hub.cli", "web", "--hub", str(site.folder), *words)


def spoken(site: HubSite, port: int) -> str:
    """Give the version of TLS that is spoken to whoever trusts the hub's authority alone."""
    with suppress(FileNotFoundError, ConnectionError):
        trusting = ssl.create_default_context(cafile=str(authority(site)))
        with (
            socket.create_connection((HOST, port), 5) as plain,
            trusting.wrap_socket(plain, server_hostname=HOST) as covered,
        ):
            return str(covered.version())
    return ""


def authority(site: HubSite) -> Path:
    return authority_file(HubPlaces(site.folder).authority)


def pin(site: HubSite) -> str:
    """Name the authority's key as Chromium's switch does: SHA-256 of its public key info."""
    key = x509.load_pem_x509_certificate(authority(site).read_bytes()).public_key()
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(public).digest()).decode()


@pytest.fixture
def phone(play: Playwright, site: HubSite, url: str) -> Iterator[Page]:
    """A phone that was told to trust the hub's authority, and nobody else besides."""
    trust = f"--ignore-certificate-errors-spki-list={pin(site)}"
    with play.chromium.launch(executable_path=CHROMIUM, args=[trust]) as browser:
        yield browser.new_page(viewport=PHONE, base_url=url)


def test_a_manager_signs_in_and_out_by_tls(site: HubSite, phone: Page, url: str) -> None:
    site.sign_in(phone, "ana", url)
    (cookie,) = (one for one in phone.context.cookies() if one["name"] == "__Host-doorwatch")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
    assert (cookie["path"], cookie["domain"]) == ("/", HOST)
    assert phone.evaluate("[isSecureContext, document.cookie]") == [True, ""]

    phone.goto("/entries")
    expect(phone.get_by_role("heading", name="List")).to_be_visible()
    phone.goto("/account")
    phone.get_by_role("button", name="Sign out").last.click()
    expect(phone).to_have_url(re.compile("/sign-in"))
    phone.context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie as it was given
    phone.goto("/entries")
    expect(phone.get_by_label("Password")).to_be_visible()


def test_a_phone_that_was_not_told_to_trust_the_hub_shows_nothing_of_it(
    play: Playwright, url: str
) -> None:
    with (
        play.chromium.launch(executable_path=CHROMIUM) as browser,
        pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"),
    ):
        browser.new_page().goto(url)


def test_a_client_that_trusts_the_hubs_authority_alone_speaks_tls(site: HubSite, url: str) -> None:
    assert spoken(site, int(url.rpartition(":")[2])) == "TLSv1.3"


def test_nobody_is_answered_by_plain_http(site: HubSite, url: str) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(url.replace("https", "http"), trust_env=False)
    refused = subprocess.run(
        command(site, "--plain", "--listen", "0.0.0.0"),  # noqa: S104 - it is refused
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "this machine alone" in refused.stderr
