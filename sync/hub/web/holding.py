"""The undo: a signed change waits a few seconds in memory before it goes on the ledger.

What is on the ledger can only be answered by a further change. Most slips are seen at once, so
a proposal is tried first (a refusal is told beside the form), then held, then appended. At an
orderly stop everything held is published; a crash loses at most these seconds, and says nothing
to any door.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from edge.errors import DoorwatchError
from sync.errors import HubError, SyncError, told
from sync.hub.accounts.person import Person
from sync.hub.hubclock import now_ms
from sync.hub.web.texts import t
from sync.signing import Signed
from sync.statement.proposal import PolicyProposal, parse_proposal

if TYPE_CHECKING:
    from sync.hub.web.office import Office

_LOG = structlog.get_logger("pages")

HOLD_S = 8.0
"""Seconds for which a change can be undone."""


SAID_S = 20.0
"""Seconds for which it is said that a change was sent."""

TROUBLE_S = 12 * 3600.0
"""Seconds for which it is said that one failed: a session lasts no longer."""


def _nothing() -> None:
    """Do no more than publish."""


@dataclass(frozen=True, slots=True)
class Publish:
    """What else belongs to a held change.

    Attributes:
        together: Runs on the office's thread in the same transaction, after the proposal; a note
            that is kept with the entry, for example.
        undone: The page to which "Undo" leads: the form, with what was typed.
        shown: The page to which "Now" leads.
    """

    together: Callable[[], None] = _nothing
    undone: str = "/"
    shown: str = "/"


@dataclass(slots=True)
class Held:
    """One change that waits.

    Attributes:
        held_id: Random, names it in forms.
        account_id: Whose it is; nobody else may undo it.
        entry_id: The entry it is about; "" for the policy.
        words: What it does, one line.
        due: When it is published, by the monotonic clock.
        publish: What else belongs to it.
        asks: Whether it goes to another venue for approval first, and not yet to any door.
        trouble: Why it could not be published; "" while it waits.
        sent_s: When it was published, by the monotonic clock; 0 while it waits.
        leaving: It is being published this moment.
    """

    held_id: str
    account_id: str
    entry_id: str
    words: str
    due: float
    signed: Signed
    publish: Publish
    asks: bool = False
    trouble: str = ""
    sent_s: float = 0.0
    leaving: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def waits(self) -> bool:
        """Whether it can still be undone."""
        return not (self.trouble or self.sent_s or self.leaving)

    @property
    def seconds(self) -> int:
        """Whole seconds until it is published."""
        return max(0, round(self.due - time.monotonic()))


class _RehearsedError(Exception):
    """Takes a rehearsal back."""


class Holding:
    """All changes that wait."""

    def __init__(self, office: "Office") -> None:
        """Hold for an office."""
        self._office = office
        self._held: dict[str, Held] = {}

    async def hold(
        self, person: Person, signed: Signed, words: str, publish: Publish, seconds: float
    ) -> None:
        """Try a signed proposal, then publish it in so many seconds.

        Args:
            person: Who did it.
            signed: The proposal.
            words: What it does, one line, for the bar with "Undo".
            publish: What else belongs to it.
            seconds: How long it can be undone.

        Raises:
            Refused: It would break a rule of the list; nothing is held then.
            HubError: There is no such entry, or the hub may not append now.
        """
        asks = await self._office.ask(lambda: self._rehearse(signed))
        proposal = parse_proposal(signed.body)
        subject = "" if isinstance(proposal, PolicyProposal) else proposal.entry_id
        waits = self.about(subject) if subject else None
        if waits and (waits.account_id, waits.words) == (person.account_id, words):
            return  # a double click sends the form twice
        held = Held(
            held_id=secrets.token_urlsafe(16),
            account_id=person.account_id,
            entry_id=subject,
            words=words,
            due=time.monotonic() + seconds,
            signed=signed,
            publish=publish,
            asks=asks,
        )
        self._held[held.held_id] = held
        held.task = asyncio.create_task(self._publish_later(held, seconds))

    def of(self, account_id: str) -> list[Held]:
        """Give somebody's changes that wait, that failed, or that were just sent, oldest first."""
        self.forget_done()
        return [one for one in self._held.values() if one.account_id == account_id]

    def forget_done(self) -> None:
        """Forget what was sent a while ago, or failed long ago, with the photo in it."""
        now = time.monotonic()
        for held in list(self._held.values()):
            said = 0 < held.sent_s < now - SAID_S
            if said or (held.trouble and held.due < now - TROUBLE_S):
                del self._held[held.held_id]

    def about(self, entry_id: str) -> Held | None:
        """Give the newest change of an entry that waits, whoever made it; on any thread."""
        every = list(self._held.values())
        found = [one for one in every if one.entry_id == entry_id and one.waits]
        return found[-1] if found else None

    def undo(self, held_id: str, account_id: str) -> Held | None:
        """Forget a change; None where it is published already or somebody else's."""
        held = self._own(held_id, account_id)
        if held is None or not (held.waits or held.trouble):
            return None
        del self._held[held_id]
        self._stop(held)
        return held

    async def publish_now(self, held_id: str, account_id: str) -> Held | None:
        """Publish without waiting; None where it is published already or somebody else's."""
        held = self._own(held_id, account_id)
        if held is not None and held.waits:
            self._stop(held)
            await self._publish(held)
        return held

    async def publish_all(self) -> None:
        """Publish everything that waits: the hub stops."""
        for held in list(self._held.values()):
            if held.waits:
                self._stop(held)
                await self._publish(held)

    def _own(self, held_id: str, account_id: str) -> Held | None:
        held = self._held.get(held_id)
        return held if held is not None and held.account_id == account_id else None

    @staticmethod
    def _stop(held: Held) -> None:
        if held.task is not None:
            held.task.cancel()
            held.task = None

    async def _publish_later(self, held: Held, seconds: float) -> None:
        await asyncio.sleep(seconds)
        held.task = None  # from here on it runs to its end
        await self._publish(held)

    async def _publish(self, held: Held) -> None:
        if self._held.get(held.held_id) is not held or not held.waits:
            return
        held.leaving = True
        try:
            await self._office.change(lambda: self._append(held))
        except (SyncError, DoorwatchError) as error:
            held.trouble = told(error)
        except Exception:  # noqa: BLE001 - a fault of ours is told too, and stops no other change
            held.trouble = t("frame.refused.500")
            _LOG.exception("a held change failed", code="held-change-failed")
        else:
            held.sent_s = time.monotonic()
        finally:
            held.leaving = False

    def _append(self, held: Held) -> None:
        service = self._office.service
        with service.together():
            if not self._office.accounts.stands(held.account_id):
                raise HubError("the account behind this change has ended: nothing was changed")
            service.propose(held.signed, now_ms())
            held.publish.together()

    def _rehearse(self, signed: Signed) -> bool:
        """Do it and take it back, for the refusal that it would meet.

        Returns:
            Whether it would wait for another venue's approval.
        """
        service, asks = self._office.service, False
        with suppress(_RehearsedError), service.together():
            asks = service.propose(signed, now_ms()).seq is None
            raise _RehearsedError
        return asks
