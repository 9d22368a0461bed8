"""Connections on which nothing is asked are ended: they would fill the places of all others."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

SILENT_S = 15.0
"""Seconds within which a request's head has to come; longer than a connection is kept for more."""


class Impatient(H11Protocol):
    """Ends a connection whose next request does not come, or comes byte by byte.

    The server itself waits for ever until the first request is whole.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base does
        """Begin to look at a connection."""
        super().connection_made(transport)
        self._look_again()

    def _look_again(self) -> None:
        self.loop.call_later(SILENT_S, self._look, self.cycle)

    def _look(self, before: RequestResponseCycle | None) -> None:
        """Hang up where no request has come since the look before, and none is being answered."""
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self.cycle is before:
            self.transport.abort()
        else:
            self._look_again()
