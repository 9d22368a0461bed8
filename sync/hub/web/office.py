"""The open hub behind the pages, and the one thread that works on it.

SQLite and the book in RAM want one thread; pages are answered by many requests at once. So a
handler hands its work in, waits without blocking the others, and gets the result or the error.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from sync.hub.accounts.book import Accounts
from sync.hub.accounts.person import Person
from sync.hub.accounts.sessions import Session
from sync.hub.accounts.stretching import STRONG, Costs
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.drafts import Drafts
from sync.hub.examining import Examiner
from sync.hub.hubkey import hub_key
from sync.hub.nudge import nudge
from sync.hub.register import Register
from sync.hub.service import Service
from sync.hub.web.holding import HOLD_S, Holding, Publish
from sync.signing import Signed

T = TypeVar("T")


class Office:
    """Everything of one open hub. Make one with ``Office.open``.

    Only ``ask`` and ``change`` may touch what belongs to the worker's thread.

    Attributes:
        places: The hub's files.
        config: Its settings.
        service: Its rules; the worker's.
        register: Its entries in memory; the worker's.
        accounts: Who may sign in; the worker's.
        holding: Changes that may still be undone.
        examiner: Tells what photos show; asked by ``asyncio.to_thread``, for it blocks.
        drafts: Entries in the making; the event loop's.
    """

    def __init__(self, places: HubPlaces, config: HubConfig, costs: Costs = STRONG) -> None:
        """Open the hub on a thread of its own.

        Args:
            places: The hub's files.
            config: Its settings.
            costs: What a guess at a new password costs.

        Raises:
            HubError: There is none, or it does not open.
        """
        self.places, self.config = places, config
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="office")
        try:
            self._worker.submit(self._open, costs).result()
        except BaseException:
            self._worker.shutdown()
            raise
        self.holding, self.examiner, self.drafts = Holding(self), Examiner(), Drafts()

    @classmethod
    def open(cls, places: HubPlaces) -> Self:
        """Open the hub in a folder.

        Raises:
            HubError: There is none, or it does not open.
        """
        return cls(places, places.load())

    def _open(self, costs: Costs) -> None:
        provider = hub_key(self.places, self.config)
        self.service = Service.open(self.places.database, provider)
        self.register = Register(self.service.desk)
        self.accounts = Accounts(self.service.desk, costs)

    async def ask(self, work: Callable[[], T]) -> T:
        """Run ``work`` on the worker's thread and give what it gives; errors pass through."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def change(self, work: Callable[[], T]) -> T:
        """Run ``work``, which changes the hub, and tell the running hub that it did."""
        done = await self.ask(work)
        nudge(self.places.nudge)
        return done

    async def session(self, token: str, *, active: bool) -> Session | None:
        """Give the session of a cookie's token, if it stands; ``active`` keeps it open."""
        return await self.ask(lambda: self.accounts.present(token, active=active))

    async def hold(
        self,
        person: Person,
        signed: Signed,
        words: str,
        publish: Publish | None = None,
        *,
        seconds: float = HOLD_S,
    ) -> None:
        """Publish a signed proposal soon, so that it can still be undone. See ``Holding.hold``.

        Raises:
            Refused: It would break a rule of the list; nothing is held then.
            HubError: There is no such entry, or the hub may not append now.
        """
        await self.holding.hold(person, signed, words, publish or Publish(), seconds)

    async def close(self) -> None:
        """Publish what is held, and close the hub."""
        await self.holding.publish_all()
        await self.ask(self.service.close)
        await asyncio.to_thread(self.examiner.close)
        self._worker.shutdown()
