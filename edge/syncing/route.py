"""The way to the broker, and the last thing that is sent over it."""

import queue
import threading
import time

import structlog

from edge.config import Config
from edge.errors import DoorwatchError
from edge.syncing.identity import LAST_WORD, Identity, IdentityFolder
from sync import frames
from sync.connection import Access, Will
from sync.errors import SyncError
from sync.message import Acknowledged, Connected, Out
from sync.transport import Transport

LAST_WILL = bytes(frames.SMALL)
"""What the broker publishes for a unit that went without a word; the same for all of them."""

TRIED_S = 20.0
"""Seconds in which the last word is tried to be handed over, before there is a pause."""

_LOG = structlog.get_logger("sync")


def access_of(settings: Config, identity: Identity) -> Access:
    """Tell where the broker is and as whom to go there."""
    host, port = settings.consortium.address or (identity.host, identity.port)
    mailbox = identity.mailbox
    return Access(host, port, mailbox, Will(f"m/{mailbox}/will", LAST_WILL))


def say_last_word(settings: Config, folder: IdentityFolder, stopping: threading.Event) -> None:
    """Hand over the report of a unit that destroyed its list and was ended before it could.

    Nothing is left that could open an answer, so what counts is that the broker took it.
    """
    payload = folder.last_word()
    if payload is None:
        return
    try:
        identity = folder.load()
        transport = Transport(access_of(settings, identity), folder.tls(identity))
    except (DoorwatchError, SyncError) as error:
        _LOG.warning(
            "the hub cannot be told that all is destroyed", code="last-word-failed", why=str(error)
        )
        return
    out = Out(f"m/{identity.mailbox}/out", payload, token=LAST_WORD)
    transport.start()
    try:
        if _handed_over(transport, out, stopping):
            folder.forget_last_word()
    finally:
        transport.stop()


def _handed_over(transport: Transport, out: Out, stopping: threading.Event) -> bool:
    until_s = time.monotonic() + TRIED_S
    while time.monotonic() < until_s and not stopping.is_set():
        try:
            event = transport.events.get(timeout=0.1)
        except queue.Empty:
            continue
        if isinstance(event, Connected):
            transport.publish(out)
        if isinstance(event, Acknowledged):
            return True
    return False
