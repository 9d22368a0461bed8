"""The hub's pages on the command line."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from msgspec import structs

from edge.process import begin, keep_memory_private
from edge.web.serverfiles import ServerFiles
from sync import pagecertificate
from sync.errors import HubError
from sync.hub.cli.opening import Hub, say
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.hubclock import now_ms
from sync.hub.hubkey import hub_key
from sync.hub.web.office import Office
from sync.hub.web.serve import serve


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(web)


def web(
    *,
    listen: str = "",
    port: int = 0,
    certificate: Path | None = None,
    key: Annotated[Path | None, Parameter(name="--certificate-key")] = None,
    plain: bool = False,
    hub: Hub = None,
) -> None:
    """Serve the hub's pages to browsers, beside doorwatch-hub run.

    Args:
        listen: Address to listen at; by default what hub.toml says under listen.
        port: TCP port; by default what hub.toml says under page_port.
        certificate: A certificate (PEM, with its chain) that browsers trust already; by default
            the hub makes one, and an authority that phones and desks are told to trust once.
        key: The private key of that certificate (PEM).
        plain: Serve http, to this machine alone.
        hub: The hub's folder.
    """
    places = HubPlaces.find(hub)
    config = places.load()
    begin()
    keep_memory_private()
    files = None if plain else _files(places, config, certificate, key)
    where, at = listen or config.listen, port or config.page_port
    if files is not None and certificate is None:
        authority = pagecertificate.authority_file(places.authority)
        say(f"Let browsers trust {authority}; it vouches for this hub alone.")
    address = f"http://{where}:{at}" if plain else structs.replace(config, page_port=at).pages
    say(f"The pages are at {address}")
    serve(Office.open(places), where, at, files)


def _files(
    places: HubPlaces, config: HubConfig, certificate: Path | None, key: Path | None
) -> ServerFiles:
    """Take the certificate that was named, or issue one.

    Raises:
        HubError: Only one of certificate and key was named, or one is missing.
    """
    if certificate is None and key is None:
        kek = hub_key(places, config).kek()
        return pagecertificate.issue(places.authority, kek, (config.host, "localhost"), now_ms())
    if certificate is None or key is None or not (certificate.is_file() and key.is_file()):
        raise HubError(
            "a certificate of your own takes both --certificate FILE and --certificate-key FILE"
        )
    return ServerFiles(certificate, key)
