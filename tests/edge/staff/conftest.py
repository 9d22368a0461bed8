"""A door without an engine, and a browser without a network."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import msgspec
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from edge.door import (
    AlertView,
    Answer,
    CandidateView,
    Completion,
    DoorState,
    EncounterView,
    ListView,
    PasserView,
    TonightView,
)
from edge.errors import LinkError
from edge.staff.app import build_app
from sync.entries import Reason

PIN, MANAGERS_PIN, KEY = "314159", "271828", "a key of the engine"
NOW = 1_800_000_000.0


def encounter(number: int = 7, **said: Any) -> EncounterView:
    plain = EncounterView(
        number=number,
        verdict="CLEAR",
        why="Compared with the list: not on it.",
        score=None,
        entry_id=None,
        category=None,
        usable=5,
        first_frame=10,
        last_frame=40,
        seen_s=1.2,
        box=(0.2, 0.2, 0.4, 0.6),
        ended=False,
        latency_ms=210.0,
    )
    return msgspec.structs.replace(plain, **said)


def alert(alert_id: str = "a1", **said: Any) -> AlertView:
    plain = AlertView(
        alert_id=alert_id,
        encounter=7,
        verdict="STOP",
        category="banned",
        reason="violence",
        valid_until=NOW + 40 * 86_400,
        entry_id="00ff00ff00ff00ff",
        score=0.71,
        score_words="strong likeness",
        opened_at=NOW - 4,
        answer=None,
    )
    return msgspec.structs.replace(plain, **said)


def state(**said: Any) -> DoorState:
    plain = DoorState(
        taken_at=NOW,
        frame=1234,
        verdict=None,
        category=None,
        faults=(),
        encounters=(),
        alerts=(),
        gallery=ListView(83, 249, 12, NOW - 7_200, NOW + 6 * 86_400, "embed-00000000"),
        thresholds=(0.5, 0.6),
        counts={"encounters": 312, "clear": 300, "stop": 2, "check": 10},
        fps=15.0,
        dropped=3,
        latency_ms=60.0,
        stages_ms={"detect": 4.0},
        finished=False,
    )
    return msgspec.structs.replace(plain, **said)


class FakeDoor:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.now: DoorState | None = state()
        self.answers: list[tuple[str, str]] = []
        self.photos: list[int] = []
        self.quieted = self.box_seen_to = 0
        self.waits = False
        self.found: list[CandidateView] = []
        self.there: list[PasserView] = []
        self.listed: list[TonightView] = []
        self.completed: list[tuple[str, Completion]] = []

    def state(self) -> DoorState:
        if self.now is None:
            raise LinkError("the engine does not answer: is `doorwatch run` up?")
        return self.now

    def crop(self, alert_id: str) -> bytes:
        return self._picture(alert_id, b"live")

    def reference(self, alert_id: str) -> bytes:
        return self._picture(alert_id, b"reference")

    def answer(self, alert_id: str, answer: Answer) -> None:
        self._picture(alert_id, b"")
        self.answers.append((alert_id, answer))

    def quiet(self) -> None:
        self.quieted += 1

    def check(self, photo: bytes) -> list[CandidateView]:
        self.photos.append(len(photo))
        return self.found

    def reference_of_check(self, entry_id: str, token: str) -> bytes:
        return f"{entry_id} {token}".encode()

    def unlock(self, pin: str) -> str:
        if pin != MANAGERS_PIN:
            raise LinkError("that is not the manager's PIN")
        return KEY

    def passers(self, key: str) -> list[PasserView]:
        self._opened(key)
        return self.there

    def passer_photo(self, key: str, encounter: int) -> bytes:
        self._opened(key)
        return f"passer {encounter}".encode()

    def take(self, key: str, encounter: int, reason: Reason) -> TonightView:
        self._opened(key)
        view = TonightView(f"e{encounter}", "banned", reason, NOW, NOW + 9 * 3600)
        self.listed.append(view)
        return view

    def tonight(self, key: str) -> list[TonightView]:
        self._opened(key)
        return self.listed

    def awaits_key(self) -> bool:
        return self.waits

    def token(self, code: str) -> None:
        if code != "DWT1-RIGHT":
            raise LinkError("the code cannot be read")
        self.waits = False

    def box_closed(self, key: str) -> None:
        self._opened(key)
        self.box_seen_to += 1

    def tonight_photo(self, key: str, entry_id: str) -> bytes:
        self._opened(key)
        return f"entry {entry_id}".encode()

    def drop(self, key: str, entry_id: str) -> None:
        self._opened(key)
        self.listed = [one for one in self.listed if one.entry_id != entry_id]

    def complete(self, key: str, entry_id: str, said: Completion) -> None:
        self._opened(key)
        self.completed.append((entry_id, said))

    def _opened(self, key: str) -> None:
        if key != KEY:
            raise LinkError("the time is over: type the manager's PIN again")

    def _picture(self, alert_id: str, picture: bytes) -> bytes:
        if alert_id not in {one.alert_id for one in self.state().alerts if one.answer is None}:
            raise LinkError("this alert is not open any more")
        return picture


class Browser:
    """Asks the page without a network; one cookie jar, one event loop a request."""

    def __init__(
        self, app: Starlette, origin: str = "http://localhost:8080", host: str = "127.0.0.1"
    ) -> None:
        self.app, self.origin, self.host = app, origin, host
        self.cookies = httpx.Cookies()

    def get(self, path: str, **said: Any) -> httpx.Response:
        return self.ask(lambda client: client.get(path, **said))

    def post(self, path: str, **said: Any) -> httpx.Response:
        headers = {"Origin": self.origin} | said.pop("headers", {})
        return self.ask(lambda client: client.post(path, headers=headers, **said))

    def sign_in(self, pin: str = PIN) -> httpx.Response:
        return self.post("/login", data={"pin": pin})

    def ask(
        self, question: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.host, 50_000))
            async with httpx.AsyncClient(
                transport=transport, base_url=self.origin, cookies=self.cookies
            ) as client:
                answer = await question(client)
                self.cookies = client.cookies
                return answer

        return anyio.run(asked)


@pytest.fixture(scope="session")
def pin_hash() -> str:
    """Hash the PIN as cheaply as Argon2 lets us; the page takes the costs from the hash."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
def stranger(door: FakeDoor, pin_hash: str) -> Browser:
    return Browser(build_app(door, lambda: pin_hash))


@pytest.fixture
def staff(stranger: Browser) -> Browser:
    assert stranger.sign_in().status_code == 303
    return stranger


class Scene:
    """Makes snapshots; fixtures hand it out because test folders are no packages."""

    now = NOW
    pin = PIN
    managers_pin = MANAGERS_PIN
    state = staticmethod(state)
    alert = staticmethod(alert)
    encounter = staticmethod(encounter)
    browser = Browser


@pytest.fixture(scope="session")
def scene() -> type[Scene]:
    return Scene
