"""The staff page's process on the command line, and the certificate that it shows."""

import secrets
import sys
import time
from pathlib import Path

import structlog
from cyclopts import App

from edge.cli.configured import ConfigFile
from edge.config import Config
from edge.errors import ConfigError
from edge.places import Places
from edge.process import begin
from edge.staff.serve import serve
from edge.until import day
from edge.web.serverfiles import ServerFiles
from sync.authority import write_private
from sync.pagecertificate import authority_file, ends_ms, issue, issued
from sync.seal import KEY_SIZE

SOON_S = 30 * 86_400.0
"""Seconds before its end at which a certificate is complained about."""

_LOG = structlog.get_logger("page")


def register(app: App) -> None:
    """Add the commands of this file."""
    app.command(page)
    app.command(page_certificate, name="page-certificate")


def page(*, config: ConfigFile = None) -> None:
    """Run the staff page alone.

    It is served by https where doorwatch page-certificate was run before, else by http.

    Args:
        config: Configuration file.
    """
    begin()
    settings = Config.load(config)
    places = settings.places()
    serve(settings.page, places, _tls(places))


def page_certificate(*names: str, config: ConfigFile = None) -> None:
    """Have the page served by https, so that phones install it and keep their screens on.

    Run it again, with the same names, before the certificate ends; phones need nothing new then.

    Args:
        names: Names and addresses under which phones reach this unit: door.local, 192.168.1.20.
        config: Configuration file.
    """
    if not names:
        raise ConfigError("give the names or addresses under which phones reach this unit")
    places = Config.load(config).places()
    places.prepare()
    now_ms = time.time_ns() // 1_000_000
    files = issue(places.page_tls, _secret(places), (*names, "localhost"), now_ms)
    ends = ends_ms(files) / 1000
    sys.stdout.write(
        f"The page is served by https once it is started again, until {day(ends)}.\n"
        f"Let each phone trust {authority_file(places.page_tls)} once; "
        "it vouches for these names alone.\n"
    )


def _tls(places: Places) -> ServerFiles | None:
    """Give what the page shows to browsers; None where it is served by http."""
    if not _secret_file(places).exists():
        return None
    files = issued(places.page_tls, _secret(places))
    if files is None:
        return None
    if (left_s := ends_ms(files) / 1000 - time.time()) < SOON_S:
        _LOG.warning(
            "run doorwatch page-certificate again",
            code="certificate-ends",
            days_left=int(left_s // 86_400),
        )
    return files


def _secret_file(places: Places) -> Path:
    return places.page_tls / "secret"


def _secret(places: Places) -> bytes:
    """Give the key under which the certificates' keys lie, apart from the gallery's.

    The page's process may not read the gallery's key.
    """
    try:
        places.page_tls.mkdir(mode=0o700, exist_ok=True)
        if not _secret_file(places).exists():
            write_private(_secret_file(places), secrets.token_bytes(KEY_SIZE))
        return _secret_file(places).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot use the folder {places.page_tls} of the page's certificate: {error.strerror}"
        ) from error
