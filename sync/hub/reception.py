"""Takes new units in, and gives a unit that asks the hub's share of its key."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog

from sync.errors import Code, HubError, Refused
from sync.hub import audit
from sync.hub.certificates import Certificates
from sync.hub.config import HubConfig
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.joining import Application, Welcome

PATIENCE_S = 5.0
"""Seconds that a unit's application may wait for the hub's own thread."""

Answer = TypeVar("Answer")
_LOG = structlog.get_logger("hub")


class Asking(Protocol):
    """Lets the hub's own thread do something: ``HubDaemon.ask``."""

    def __call__(self, question: Callable[[], Answer], patience_s: float) -> Answer:
        """Ask, wait, and give the answer."""
        ...


class Reception:
    """The desk at which units join and ask for their share."""

    def __init__(
        self, config: HubConfig, certificates: Certificates, service: Service, ask: Asking
    ) -> None:
        """Take who decides, and how to have it done by the thread that owns the service."""
        self._config, self._certificates = config, certificates
        self._service, self._ask = service, ask
        self._noted: dict[str, int] = {}

    def authority(self) -> bytes:
        """Give the certificate of the authority, PEM."""
        return self._certificates.authority.certificate

    def welcome(self, application: Application) -> Welcome:
        """Take a unit in; its signature is checked already.

        Raises:
            Refused: INVITATION.
            HubError: The hub cannot do it now.
        """
        return self._asked(lambda: self._taken_in(application))

    def share(self, certificate: bytes) -> tuple[bytes, int]:
        """Give a unit, known by its certificate (DER), the hub's share of its key, and the time.

        Raises:
            Refused: REVOKED, WRONG_UNIT.
            HubError: The hub cannot do it now.
        """
        mailbox, certified = self._certificates.shown(certificate)
        return self._asked(lambda: self._released(mailbox, certified=certified))

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        try:
            return self._ask(question, PATIENCE_S)
        except TimeoutError as error:
            raise HubError("the hub is too busy just now") from error

    def _released(self, mailbox: str, *, certified: bool) -> tuple[bytes, int]:
        now = now_ms()
        try:
            share = self._service.release(mailbox, now, certified=certified)
        except Refused as refusal:
            if refusal.code is Code.REVOKED:
                self._note(mailbox, now)
            raise
        _LOG.info("share released", code="share-released", mailbox=mailbox)
        return share, now

    def _note(self, mailbox: str, now: int) -> None:
        """Write down that a unit that was revoked is switched on somewhere."""
        if audit.is_due(self._noted.get(mailbox, 0), now):
            self._noted[mailbox] = now
            self._service.note_refusal(mailbox, now)
            _LOG.warning("share withheld", code="share-withheld", mailbox=mailbox)

    def _taken_in(self, application: Application) -> Welcome:
        now = now_ms()
        keys = application.signing_key, application.box_key
        registration = self._service.join(application.unit_id, application.secret, *keys, now)
        wanted, mailbox = application.request, registration.mailbox
        certificate = self._certificates.issue(wanted, mailbox, now)
        _LOG.info("unit joined", code="unit-joined", unit=registration.unit_id)
        venues = {venue.venue_id: venue.name for venue in self._service.root.venues}
        return Welcome(
            certificate=certificate,
            host=self._config.host,
            port=self._config.port,
            venue=venues[registration.venue_id],
            registration=registration.encode(),
            roots=tuple(root.encode() for root in self._service.roots()),
            box=self._service.key_box(registration.unit_id, now).encode(),
        )
