"""Puts an invitation together: the one string that brings a unit to this hub."""

from sync.authority import fingerprint
from sync.errors import HubError
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.service import Service
from sync.invitation import Invitation


def invitation(
    hub: tuple[HubPlaces, HubConfig, Service], unit_id: str, secret: bytes, expires_ms: int
) -> str:
    """Give the string that a unit joins with.

    Args:
        hub: Its files, settings and rules.
        unit_id: Of the unit that is expected.
        secret: As ``Service.invite`` or ``Service.reinvite`` told it.
        expires_ms: Until when it counts.

    Raises:
        HubError: The certificate of the hub's authority cannot be read.
    """
    places, config, service = hub
    try:
        authority = (places.authority / "ca.pem").read_bytes()
    except OSError as error:
        raise HubError(f"the hub's authority in {places.authority} cannot be read") from error
    return Invitation(
        unit=bytes.fromhex(unit_id),
        host=config.host,
        port=config.join_port,
        authority=fingerprint(authority),
        root=service.roots()[-1].digest,
        secret=secret,
        expires_ms=expires_ms,
    ).text()
