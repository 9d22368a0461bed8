"""Where a request comes from: by https or not, from a page of ours or from somebody else's."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""


def over_tls(connection: HTTPConnection) -> bool:
    """Tell whether the browser came by https."""
    return connection.url.scheme == "https"


def same_origin(connection: HTTPConnection) -> bool:
    """Tell whether a request that changes something was sent by a page of ours."""
    if connection.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = connection.headers.get("origin", "")
    host = connection.headers.get("host", "")
    return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
