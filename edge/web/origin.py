"""Where a request comes from: by https or not, from a page of ours or from somebody else's."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""

LOOPBACK = ("127.0.0.1", "::1")
"""This machine's addresses for itself."""


def over_tls(connection: HTTPConnection) -> bool:
    """Tell whether the browser came by https."""
    return connection.url.scheme == "https"


def from_here(connection: HTTPConnection) -> bool:
    """Tell whether this machine itself asks, and not a proxy on it for somebody else.

    A proxy is told by the name under which it was asked; so is a page of somebody else's that has
    its name lead here.
    """
    named = connection.url.hostname in (*LOOPBACK, "localhost")
    return named and connection.client is not None and connection.client.host in LOOPBACK


def same_origin(connection: HTTPConnection) -> bool:
    """Tell whether a request that changes something was sent by a page of ours."""
    if connection.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = connection.headers.get("origin", "")
    host = connection.headers.get("host", "")
    return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
