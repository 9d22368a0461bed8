"""Takes new units in: registration, certificate, roots and key box in one answer."""

from collections.abc import Callable
from typing import Protocol

import structlog

from sync.errors import HubError
from sync.hub.certificates import Certificates
from sync.hub.config import HubConfig
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.joining import Application, Welcome

PATIENCE_S = 5.0
"""Seconds that a unit's application may wait for the hub's own thread."""

_LOG = structlog.get_logger("hub")


class Asking(Protocol):
    """Lets the hub's own thread do something: ``HubDaemon.ask``."""

    def __call__(self, question: Callable[[], Welcome], patience_s: float) -> Welcome:
        """Ask, wait, and give the answer."""
        ...


class Reception:
    """The desk at which units join."""

    def __init__(
        self, config: HubConfig, certificates: Certificates, service: Service, ask: Asking
    ) -> None:
        """Take who decides, and how to have it done by the thread that owns the service."""
        self._config, self._certificates = config, certificates
        self._service, self._ask = service, ask

    def authority(self) -> bytes:
        """Give the certificate of the authority, PEM."""
        return self._certificates.authority.certificate

    def welcome(self, application: Application) -> Welcome:
        """Take a unit in; its signature is checked already.

        Raises:
            Refused: INVITATION.
            HubError: The hub cannot do it now.
        """
        try:
            return self._ask(lambda: self._taken_in(application), PATIENCE_S)
        except TimeoutError as error:
            raise HubError("the hub is too busy to take a unit in") from error

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
