"""Many people at the hub's pages, from one process: real sign-ins over real TLS connections.

``python -m sync.bench.visitors`` takes a :class:`Visit` as MessagePack on its standard input and
prints, as one line of JSON, how long every answer took. A page is timed from the first byte of the
request to the last byte of the answer.
"""

import http.client
import random
import re
import secrets
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
import pyotp
from msgspec import Struct

from sync.bench.errands import EXAMINED, Going, Sights, next_errand
from sync.bench.town import Visitor

_TIMEOUT_S = 30.0
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_SHOWN, _TAKEN = 200, 303


class Visit(Struct, frozen=True):
    """What a process of visitors needs.

    Attributes:
        host: Where the pages are.
        port: And the TCP port.
        authority: Certificate that vouches for them, a file.
        visitors: Who comes.
        sights: What there is to see.
        arriving_s: Seconds in which they sign in, one after the other.
        seconds: How long they stay after the last of them has signed in.
        photo: JPEG that is sent by whoever adds somebody; empty for nobody.
        thinking_s: Mean seconds between an answer and the next request of one person; each is
            between half and one and a half times as long.
    """

    host: str
    port: int
    authority: str
    visitors: tuple[Visitor, ...]
    sights: Sights
    arriving_s: float
    seconds: float
    thinking_s: float
    photo: bytes = b""


class Answer(Struct, frozen=True, array_like=True):
    """One answer.

    Attributes:
        page: What was asked for.
        seconds: How long it took.
        came: Whether the page came, or the form was taken.
        size: Bytes.
    """

    page: str
    seconds: float
    came: bool
    size: int


class Browser:
    """One person's browser: keeps its cookies and its connection."""

    def __init__(self, visit: Visit, trust: ssl.SSLContext) -> None:
        """Connect at the first request."""
        self._visit = visit
        self._line = http.client.HTTPSConnection(
            visit.host, visit.port, timeout=_TIMEOUT_S, context=trust
        )
        self._cookies: dict[str, str] = {}
        self.csrf = ""
        self.answers: list[Answer] = []

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def get(self, page: str, path: str) -> None:
        """Look at a page."""
        self._ask(page, "GET", path, b"", "")

    def post(self, page: str, path: str, typed: Mapping[str, str]) -> None:
        """Send a form."""
        body = urlencode({**typed, "csrf": self.csrf}).encode()
        self._ask(page, "POST", path, body, "application/x-www-form-urlencoded")

    def send(self, page: str, path: str, photo: bytes) -> None:
        """Send a photo."""
        bound = secrets.token_hex(16)
        part = f'--{bound}\r\nContent-Disposition: form-data; name="'
        body = (
            f'{part}csrf"\r\n\r\n{self.csrf}\r\n{part}photos"; filename="photo.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode()
        body += photo + f"\r\n--{bound}--\r\n".encode()
        self._ask(page, "POST", path, body, f"multipart/form-data; boundary={bound}")

    def _ask(self, page: str, method: str, path: str, body: bytes, kind: str) -> None:
        origin = f"https://{self._visit.host}:{self._visit.port}"
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self._cookies.items())}
        if method == "POST":
            headers |= {"Origin": origin, "Content-Type": kind}
        began = time.monotonic()
        try:
            answer, content = self._sent(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            self._line.close()
            self.answers.append(Answer(page, time.monotonic() - began, came=False, size=0))
            return
        took = time.monotonic() - began
        self._keep(answer, content)
        came = answer.status == (_TAKEN if method == "POST" else _SHOWN)
        self.answers.append(Answer(page, took, came, len(content)))

    def _sent(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request; once more on a fresh line where the old one was closed meanwhile."""
        fresh = self._line.sock is None
        try:
            self._line.request(method, path, body or None, headers)
            answer = self._line.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected):
            self._line.close()
            if fresh:
                raise
            return self._sent(method, path, body, headers)
        return answer, answer.read()

    def _keep(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        """Keep cookies, and the token of the page's forms."""
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, rest = line.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        found = _TOKEN.search(content.decode("utf-8", "replace"))
        if found is not None:
            self.csrf = found[1]


class Crew:
    """Everybody of one visit, who leave together: some time after the last has signed in."""

    def __init__(self, wanted: Visit) -> None:
        """Nobody has come yet."""
        self._wanted, self._began = wanted, time.monotonic()
        self._missing, self._until = len(wanted.visitors), float("inf")
        self._lock = threading.Lock()

    def comes_at(self, place: int) -> float:
        """Tell when somebody comes, by the monotonic clock: one after the other."""
        return self._began + place * self._wanted.arriving_s / len(self._wanted.visitors)

    def arrived(self) -> None:
        """Note that one more has signed in."""
        with self._lock:
            self._missing -= 1
            if not self._missing:
                self._until = time.monotonic() + self._wanted.seconds

    @property
    def stays(self) -> bool:
        """Whether it is too early to leave."""
        return time.monotonic() < self._until


def visit(wanted: Visit) -> list[Answer]:
    """Send everybody to the pages, and give all answers."""
    trust, crew = ssl.create_default_context(cafile=wanted.authority), Crew(wanted)
    browsers = [Browser(wanted, trust) for _ in wanted.visitors]
    threads = [
        threading.Thread(target=_stay, args=(wanted, crew, place, browser))
        for place, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for browser in browsers:
        browser.close()
    return [answer for browser in browsers for answer in browser.answers]


def _stay(wanted: Visit, crew: Crew, place: int, browser: Browser) -> None:
    """Sign one person in, and go from page to page until the time is over."""
    visitor = wanted.visitors[place]
    chance = random.Random(place)  # noqa: S311 - chooses pages
    time.sleep(max(0.0, crew.comes_at(place) - time.monotonic()))
    try:
        _sign_in(browser, visitor)
    finally:
        crew.arrived()
    own = wanted.sights.own.get(visitor.venue_id, ())[::2]
    going = Going(wanted.sights, visitor, chance, list(own[place :: len(wanted.visitors)]))
    while crew.stays:
        time.sleep(wanted.thinking_s * chance.uniform(0.5, 1.5))
        _go(browser, going, wanted.photo)


def _go(browser: Browser, going: Going, photo: bytes) -> None:
    """Ask for one page."""
    errand = next_errand(going, with_photo=bool(photo))
    if errand is EXAMINED:
        browser.send(errand.name, errand.path(going), photo)
    elif errand.typed is None:
        browser.get(errand.name, errand.path(going))
    else:
        browser.post(errand.name, errand.path(going), errand.typed(going))


def _sign_in(browser: Browser, visitor: Visitor) -> None:
    browser.get("sign in", "/sign-in")
    typed = {"login": visitor.login, "password": visitor.password}
    browser.post("sign in, password", "/sign-in", typed)
    browser.get("sign in, second step", "/sign-in/second")
    code = pyotp.TOTP(visitor.secret).now()
    browser.post("sign in, code", "/sign-in/second", {"code": code})
    browser.get("home", "/")


def main() -> None:
    """Read what is wanted, go, and tell."""
    wanted = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Visit)
    sys.stdout.buffer.write(msgspec.json.encode(visit(wanted)) + b"\n")


if __name__ == "__main__":
    main()
