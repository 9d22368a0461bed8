"""The headers that every answer carries."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), screen-wake-lock=(self)",
}
"""Put on every answer; a route that says otherwise keeps its own."""


def dressed(send: Send, headers: Mapping[str, str]) -> Send:
    """Put ``headers`` on an answer where its route said nothing; nothing is stored by browsers."""

    async def putting_on(message: Message) -> None:
        """Send a message on, dressed where it is the beginning of an answer."""
        if message["type"] == "http.response.start":
            own = MutableHeaders(scope=message)
            for name, value in headers.items():
                own.setdefault(name, value)
            own.setdefault("Cache-Control", "no-store")
        await send(message)

    return putting_on
