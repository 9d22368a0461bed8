"""Keeps who may connect to the broker equal to who is a unit in good standing.

A revoked unit loses the list's topics at once. Its certificate stays good for its own mailbox
until it has said that it destroyed its key, or for as long as a lease can last at most: in the
mailbox lies its kill order, which it could not fetch otherwise.
"""

from collections.abc import Collection

import structlog

from sync.broker import Broker
from sync.hub.certificates import Certificates
from sync.hub.facts import UnitFacts
from sync.statement.policy import LONGEST_LEASE_MS

_LOG = structlog.get_logger("hub")


class Admission:
    """Follows the hub's units; says to the broker what changed, and only then."""

    def __init__(self, certificates: Certificates, broker: Broker) -> None:
        """Begin without knowing what the broker was told before."""
        self._certificates, self._broker = certificates, broker
        self._told: frozenset[str] | None = None

    def follow(self, units: Collection[UnitFacts], now_ms: int) -> bool:
        """Make the broker admit the units in good standing, and lock the others out for good.

        Args:
            units: All units, revoked ones included.
            now_ms: Milliseconds since the epoch.

        Returns:
            Whether the broker may have been started anew, which ends every connection.

        Raises:
            HubError: The broker's files cannot be written, or it does not come back.
        """
        good = frozenset(unit.mailbox for unit in units if not unit.revoked_ms)
        expected = {unit.mailbox for unit in units if _is_expected(unit, now_ms)}
        ended = self._certificates.mailboxes() - expected
        for mailbox in ended:
            self._certificates.revoke(mailbox, now_ms)
            _LOG.info("certificate revoked", code="certificate-revoked", mailbox=mailbox)
        if good == self._told and not ended:
            return False
        self._broker.admit(self._certificates.authority, good)
        if self._told is not None and not self._broker.running:
            _LOG.warning(
                "units changed: start your mosquitto anew, it reads them only then",
                code="broker-to-restart",
            )
        self._told = good
        return True


def _is_expected(unit: UnitFacts, now_ms: int) -> bool:
    """Tell whether a unit has something to fetch: the list, or its kill order."""
    if not unit.revoked_ms:
        return True
    return not unit.destroyed_ms and now_ms - unit.revoked_ms <= LONGEST_LEASE_MS
