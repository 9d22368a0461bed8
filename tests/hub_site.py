"""A hub with its pages for tests: three venues, five people, entries on request, no broker.

The pages are asked without a network by ``client``, or by a browser after ``serve``. Everything of
one site runs on one event loop in a thread, as in the real process.
"""

import asyncio
import random
import re
import secrets
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import numpy as np
import pyotp
import uvicorn

from edge.demo.pages.faces import drawn_face
from edge.gallery.template import pack
from edge.keys.file import KeyFile
from edge.vision.models.card import read_card
from simulator.office import Door as SimulatedDoor
from sync import seal
from sync.entries import LONGEST_DAYS, Reason, category_of
from sync.hub import words
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.powers import Console, Wanted
from sync.hub.accounts.second_factor import new_secret
from sync.hub.accounts.stretching import Costs, fresh_recipe, stretched
from sync.hub.accounts.welcomes import Chosen
from sync.hub.ceremony import first_root, sign, with_venue
from sync.hub.certificates import Certificates
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.hub.web.app import build_app
from sync.hub.web.office import Office
from sync.statement.membership import Registration
from sync.statement.proposal import CONSORTIUM, PutProposal
from sync.statement.root import Venue

VENUES = {"Anchor": "a" * 16, "Blue Room": "b" * 16, "Cellar": "c" * 16}
DAY_MS = 86_400_000
ORIGIN = "https://hub.test"
CHEAP = Costs(passes=1, kibibytes=8, lanes=1)
T = TypeVar("T")


@dataclass(frozen=True)
class Someone:
    """Who somebody is, for signing in."""

    login: str
    name: str
    role: Role
    venue: str = ""

    @property
    def password(self) -> str:
        return f"{self.login} walks four dogs"


PEOPLE = {
    one.login: one
    for one in (
        Someone("olivia", "Olivia Office", Role.ADMINISTRATOR),
        Someone("ana", "Ana Anchor", Role.MANAGER, "Anchor"),
        Someone("ben", "Ben Blue", Role.MANAGER, "Blue Room"),
        Someone("cleo", "Cleo Cellar", Role.MANAGER, "Cellar"),
        Someone("ida", "Ida Inspector", Role.AUDITOR),
    )
}


class HubSite:
    """One hub with its pages. Close it; ``with`` does.

    Attributes:
        office: What the pages work with; its service only by ``do``.
        app: The pages.
        keys: Each venue's key, by its name.
    """

    def __init__(
        self, folder: Path, seed: int = 1, people: Iterable[Someone] = tuple(PEOPLE.values())
    ) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.officers = [self._key() for _ in range(3)]
        self.keys = {name: self._key() for name in VENUES}
        self._found()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        places = HubPlaces(folder)
        self.office = Office(places, places.load(), CHEAP)
        self.secrets: dict[str, str] = {}
        self.people: dict[str, Person] = {}
        for one in people:
            self.join(one)
        self.app = build_app(self.office)
        self._server: uvicorn.Server | None = None
        self._serving: Any = None
        self._clients: list[Visitor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server, publish what is held, close the hub."""
        if self._server is not None:
            self._server.should_exit = True
            self._serving.result(10)
        for client in self._clients:
            self.run(client.close())
        self.run(self.office.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _key(self) -> seal.SigningKey:
        return seal.SigningKey(self.chance.randbytes(32))

    def _found(self) -> None:
        """Make hub, authority, root and venues, as ``init`` and ``venue add`` do."""
        places, config, now = HubPlaces(self.folder), HubConfig("Harbour Town"), now_ms()
        provider = KeyFile(places.key_file(config))
        Certificates.create(places.authority, provider.provision(), now)
        with Service.create(places.database, provider, now) as service:
            publics = [key.public for key in self.officers]
            root = first_root(service.list_id, publics, service.hub_key, now)
            service.add_root(sign(root, self.officers[:2]), now)
            for name, venue_id in VENUES.items():
                following = with_venue(root, Venue(venue_id, name, self.keys[name].public), now)
                service.add_root(sign(following, self.officers[:2], root), now)
                root = following
        places.settings.write_text(config.text(), encoding="utf-8")

    def join(self, one: Someone) -> None:
        """Invite somebody and accept, as the console and the welcome page do."""
        accounts, now = self.office.accounts, now_ms()
        wanted = Wanted(one.login, one.name, one.role, VENUES.get(one.venue, ""))
        secret = self.secrets[one.login] = new_secret()
        # An earlier step's code, so that the present one is still good for signing in.
        code = pyotp.TOTP(secret).at(now // 1000 - 30)
        chosen = Chosen(stretched(one.password, fresh_recipe(CHEAP)), secret, code)

        def accept() -> Person:
            link = accounts.invite(wanted, Console("test", self.keys.get(one.venue)), now)
            token, _ = accounts.accept(link, chosen, now)
            session = accounts.sessions.find(token)
            assert session is not None
            accounts.sessions.close(token)
            return session.person

        self.people[one.login] = self.run(self.office.ask(accept))

    def link(self, login: str) -> str:
        """Invite another manager of the Anchor and give the path of the link."""
        wanted = Wanted(login, login.title(), Role.MANAGER, VENUES["Anchor"])
        by, invite = Console("test", self.keys["Anchor"]), self.office.accounts.invite
        return f"/welcome/{self.run(self.office.ask(lambda: invite(wanted, by, now_ms())))}"

    # --- working ------------------------------------------------------------------------------
    def hold_for(self, seconds: float) -> None:
        """Let every change be undone for so long, in place of the usual time."""
        self.office.hold = partial(self.office.hold, seconds=seconds)  # type: ignore[method-assign]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the site's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def do(self, work: Callable[[Service], T]) -> T:
        """Run something on the office's thread, with the hub's rules."""
        return self.run(self.office.ask(lambda: work(self.office.service)))

    def person(self, login: str) -> Person:
        """Give somebody as the guard gives him to the pages."""
        return self.people[login]

    def token(self, login: str) -> str:
        """Begin a session without the sign-in page, and give its cookie's token."""
        return self.office.accounts.sessions.open(self.people[login], turns=1)

    def code(self, login: str) -> str:
        """Give what somebody's authenticator shows now."""
        return pyotp.TOTP(self.secrets[login]).now()

    def client(self, login: str = "") -> "Visitor":
        """Give a browser without JavaScript: of somebody who is signed in, or of a stranger."""
        made = Visitor(self, self.token(login) if login else "")
        self._clients.append(made)
        return made

    # --- entries ------------------------------------------------------------------------------
    def put(self, venue: str = "Anchor", **changes: Any) -> PutProposal:
        """Make an entry's proposal, unsigned: random templates and a drawn face."""
        reason = changes.pop("reason", Reason.THEFT)
        days = changes.pop("days", min(90, LONGEST_DAYS[reason]))
        fields: dict[str, Any] = {
            "list_id": self.office.service.list_id,
            "entry_id": secrets.token_hex(8),
            "revision": 1,
            "salt": secrets.token_bytes(16),
            "category": category_of(reason),
            "reason": reason,
            "scope": CONSORTIUM,
            "venue_id": VENUES[venue],
            "created_ms": now_ms() - 1000,
            "valid_until_ms": now_ms() - 1000 + days * DAY_MS,
            "incident_on": "2026-01-02",
            "evidence": "incident book 212",
            "declared": True,
            "model_id": read_card("embed").model_id,
            "templates": pack(directions(self.chance, 1)),
            "photo": drawn_face(self.chance),
        }
        return PutProposal(**(fields | changes))

    def entry(
        self, venue: str = "Anchor", scope: str = "consortium", by: str = "", **changes: Any
    ) -> str:
        """Put somebody on the list and give the entry's id.

        Args:
            venue: Who proposes.
            scope: "consortium", or "venue" for the proposer's doors alone.
            by: The venue that approves a consortium-wide one; "-" leaves it waiting.
            changes: Of the proposal's fields; ``days`` and ``reason`` as well.
        """
        wide = scope == CONSORTIUM
        put = self.put(venue, scope=CONSORTIUM if wide else VENUES[venue], **changes)
        other = by or next(name for name in VENUES if name != venue)
        signers = [self.keys[venue], *([self.keys[other]] if wide and by != "-" else [])]
        self.do(lambda service: service.propose(put.signed(*signers), now_ms()))
        return put.entry_id

    # --- doors --------------------------------------------------------------------------------
    def door(self, venue: str = "Anchor", name: str = "", **said: Any) -> "SiteDoor":
        """Let a unit join, and have it report once; ``said`` are fields of its report."""
        door = SiteDoor(self, SimulatedDoor(self.chance))
        signing, box = door.unit.signer.public, door.unit.box.public

        def joined(service: Service) -> Registration:
            now = now_ms()
            invited = service.invite(VENUES[venue], name or venue, now + DAY_MS, "test", now)
            return service.join(*invited, signing, box, now)

        door.unit.registration = self.do(joined)
        door.report(**said)
        return door

    # --- a real browser -----------------------------------------------------------------------
    def serve(self) -> str:
        """Serve the pages on a port of this machine and give their address."""
        settings = uvicorn.Config(
            self.app, port=0, http="h11", ws="none", lifespan="off", log_config=None,
            access_log=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(settings)
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve(), self._loop)
        while not self._server.started:
            assert not self._serving.done(), self._serving.result()
            threading.Event().wait(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def sign_in(self, page: Any, login: str, url: str) -> None:
        """Sign somebody in by the page itself, with password and second factor."""
        page.goto(f"{url}/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PEOPLE[login].password)
        page.press("[name=password]", "Enter")
        page.fill("[name=code]", self.code(login))
        page.press("[name=code]", "Enter")
        page.wait_for_url(f"{url}/")

    def cookie(self, login: str, url: str) -> Any:
        """Give what Playwright's ``context.add_cookies`` takes to be signed in at once."""
        return [{"name": "doorwatch", "value": self.token(login), "url": url}]


class SiteDoor:
    """A unit of a site: its keys, and what it says, without a unit behind it."""

    def __init__(self, site: HubSite, unit: SimulatedDoor) -> None:
        self._site, self.unit = site, unit

    @property
    def unit_id(self) -> str:
        return str(self.unit.registration.unit_id)

    def report(self, at_ms: int = 0, **said: Any) -> None:
        """State what this unit holds: by default what the hub holds; heard at ``at_ms``."""

        def hear(service: Service) -> None:
            known = {"version": "0.1.0", "model_id": read_card("embed").model_id}
            counts = tuple(sorted(said.pop("counts", ())))
            wire = self.unit.report(service, **(known | said), counts=counts)
            with service.together():
                unit = service.desk.book.units[self.unit_id]
                words.take(service.desk, unit, wire, at_ms or now_ms())

        self._site.do(hear)


class Visitor:
    """A browser without JavaScript. Forms get their token by themselves."""

    def __init__(self, site: HubSite, token: str = "") -> None:
        self._site = site
        transport = httpx.ASGITransport(site.app)
        self._client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        if token:
            self._client.cookies.set("__Host-doorwatch", token, domain="hub.test", path="/")

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **said: Any) -> httpx.Response:
        return self._site.run(self._client.get(path, **said))

    def post(self, path: str, data: Any = None, **said: Any) -> httpx.Response:
        """Send a form; give ``csrf`` yourself to send a wrong one."""
        headers = {"Origin": ORIGIN} | said.pop("headers", {})
        fields = {"csrf": self.csrf()} | (data or {}) if "csrf" not in (data or {}) else data
        return self._site.run(self._client.post(path, data=fields, headers=headers, **said))

    def csrf(self) -> str:
        """Take the token of forms from a page."""
        page = self.get("/", follow_redirects=True).text
        return re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]

    async def close(self) -> None:
        await self._client.aclose()


def directions(chance: random.Random, count: int) -> Any:
    """Make templates of somebody who looks like nobody, as long as the real network's."""
    width = read_card("embed").outputs[0].shape[-1]
    raw = np.random.default_rng(chance.getrandbits(32)).normal(size=(count, width))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
