"""What the pages about requests share: which request is meant, and who may work on it."""

from collections.abc import Callable
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request as Asked

from sync.hub.accounts.person import Person, Role
from sync.hub.reach import entry
from sync.hub.rights.book import Requests
from sync.hub.rights.request import Ask, Request
from sync.hub.web.may import Act, may, require
from sync.hub.web.office import Office

T = TypeVar("T")


class RightsDesk:
    """The requests behind the pages.

    Attributes:
        office: The open hub.
        requests: Its log; the worker's.
    """

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self.office, self.requests = office, Requests(office.service.desk)

    async def seen(self, asked: Asked) -> tuple[int, Request]:
        """Give the request of an address, for somebody who may read it.

        Raises:
            HTTPException: 403, or 404 for one of another venue.
            HubError: There is none of that number.
        """
        require(asked.state.person, Act.SEE_RIGHTS)
        return await self._found(asked)

    async def worked_on(self, asked: Asked) -> tuple[int, Request]:
        """Give the request of an address, for somebody who may work on it; as ``seen``."""
        require(asked.state.person, Act.RUN_RIGHTS)
        return await self._found(asked)

    async def asked_of(self, asked: Asked) -> tuple[int, Ask]:
        """Give what the venue of the one who asks is to sign, by the address.

        Raises:
            HTTPException: 403 without a venue's key, 404 where nothing is asked of that venue.
        """
        person: Person = asked.state.person
        if person.signer is None:
            raise HTTPException(403)
        number, told = int(asked.path_params["number"]), asked.path_params
        for known, ask in await self.ask(lambda: self.requests.asked_of(person.venue_id)):
            if (known, ask.remedy, ask.entry_id) == (number, told["remedy"], told["entry_id"]):
                return number, ask
        raise HTTPException(404)

    async def entry_of(self, asked: Asked) -> tuple[int, Request, str]:
        """Give the request of an address and one of its entries, for one who works on it.

        Raises:
            HTTPException: 404 where the request is not about that entry, or this person may not
                know of it; or as ``worked_on``.
        """
        number, request = await self.worked_on(asked)
        entry_id = asked.path_params["entry_id"]
        if entry_id not in request.entries:
            raise HTTPException(404)
        scope = await self.ask(lambda: self.scope_of(entry_id))
        require(asked.state.person, Act.SEE_ENTRY, scope=scope)
        return number, request, entry_id

    def scope_of(self, entry_id: str) -> str:
        """Tell where an entry counts, also one that is gone; on the office's thread.

        Raises:
            HubError: There is no such entry.
        """
        return entry(self.office.service.desk, entry_id).ring.partition("/")[0]

    async def ask(self, work: Callable[[], T]) -> T:
        """Run ``work`` on the office's thread."""
        return await self.office.ask(work)

    async def _found(self, asked: Asked) -> tuple[int, Request]:
        number = int(asked.path_params["number"])
        request = await self.ask(lambda: self.requests.find(number))
        if not visible(asked.state.person, request):
            raise HTTPException(404)
        return number, request


def visible(person: Person, request: Request) -> bool:
    """Tell whether somebody may read a request: a manager those that came in at the venue."""
    if not may(person, Act.SEE_RIGHTS):
        return False
    return person.role is not Role.MANAGER or request.venue_id == person.venue_id
