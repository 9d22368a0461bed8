"""How a unit asks for the hub's share of its gallery's key: at the desk where it once joined.

Over TLS 1.3 with the certificate that it shows to the broker: ``["share"]`` is answered by
``["share", 32 bytes, the hub's time]``, or refused. See section 21 of ``sync/PROTOCOL.md``.
"""

from dataclasses import dataclass

from sync.errors import Code, Refused, TransportError
from sync.joining import asked, understood
from sync.tls import Tls
from sync.tlsline import client_context

SHARE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Released:
    """What the hub gave.

    Attributes:
        share: Its share of the key, 32 bytes.
        now_ms: Its time, milliseconds since the epoch.
    """

    share: bytes
    now_ms: int


def ask_for_share(place: tuple[str, int], host: str, tls: Tls) -> Released:
    """Ask the hub for its share of this unit's key.

    Args:
        place: Where the hub takes units in.
        host: The name that it has to show.
        tls: The unit's certificate and key, and the authority that it trusts.

    Raises:
        TransportError: The hub cannot be reached, or what answers there is not the hub.
        Refused: REVOKED: this unit gets none any more.
    """
    try:
        context = client_context(tls.authority.read_text("ascii"))
        context.load_cert_chain(tls.certificate, tls.key, tls.password or b"")
    except (OSError, ValueError) as error:
        raise TransportError(
            f"this unit's certificate cannot be used ({error}): join the list again"
        ) from error
    match understood(asked(place, host, context, ["share"]), "share"):
        case [bytes(share), int(now_ms)] if len(share) == SHARE_BYTES:
            return Released(share, now_ms)
    raise Refused(Code.MALFORMED, "the hub's answer is not understood")
