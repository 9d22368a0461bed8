"""The socket on which pages are served."""

import errno
import os
import socket

from edge.errors import DoorwatchError

BACKLOG = 64


def listen(host: str, port: int, advice: str) -> socket.socket:
    """Open the socket.

    Args:
        host: Address to listen at.
        port: TCP port.
        advice: What to do where it is taken; ends the sentence of the refusal.

    Raises:
        DoorwatchError: The address is taken or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        known = error.errno in errno.errorcode  # a name that has no address comes without one
        why = os.strerror(error.errno) if known and error.errno else error.strerror
        raise DoorwatchError(
            f"the page cannot listen at {host} port {port} ({why}): {advice}"
        ) from error
    # asyncio leaves this alone on a socket that was given to it, and Linux hands it on to every
    # connection: without it the last packet of an answer waits 40 ms for the browser's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
