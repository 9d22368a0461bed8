"""How a unit joins: one question and one answer over TLS 1.3, with an invitation in hand.

The unit knows from its invitation the fingerprint of the consortium's certificate authority. It
fetches that certificate from whoever answers, compares, and asks again over a connection that
only a holder of the hub's certificate can answer. There it shows the invitation's secret, hands
in its public keys and a certificate request, and signs all of it, so that the keys are its own.

The secret itself is shown, within that connection, and not only an HMAC made with it: so the
hub needs to keep no more than its digest, and a copy of the hub's database invites nobody.

All messages are canonical arrays, each with its length before it:

- ``["authority"]`` is answered by ``["authority", certificate (PEM)]``,
- ``["join", signed application]`` by ``["welcome", ...]``, the fields of :class:`Welcome`,
- ``["share"]``, see :mod:`sync.releasing`,
- any of them, where something is wrong, by ``["refused", code, words]``.
"""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

from sync import canonical, seal
from sync.authority import fingerprint
from sync.errors import Code, HubError, Refused, TransportError
from sync.invitation import SECRET_SIZE, Invitation
from sync.rootchain import first_root, followed
from sync.signing import Signed, Signer
from sync.statement.field import Key, Many, Name, Number, Octets, ShortId, Text
from sync.statement.keybox import KeyBox, KeyRing
from sync.statement.membership import Registration
from sync.statement.part import Part, Statement
from sync.statement.root import Root
from sync.tlsline import TlsLine, client_context

DEADLINE_S = 10.0
"""For each of the two connections, from the first byte to the last."""

LARGEST_REQUEST = 8_192
LARGEST_ANSWER = 1_048_576
"""Bytes of one message. The answer holds the chain of roots, about 1 kB each."""

_PEM = Octets(1, 4_096)


@dataclass(frozen=True, slots=True)
class Application(Statement):
    """What a unit says of itself; signed by its own signing key.

    Attributes:
        unit_id: As the invitation says.
        secret: As the invitation says.
        signing_key: Ed25519 public key of its reports.
        box_key: HPKE public key that its key boxes are sealed to.
        request: Certificate request for the broker, PEM.
    """

    TAG: ClassVar[str] = "join"
    KIND: ClassVar[str] = "join"

    unit_id: ShortId
    secret: Annotated[bytes, Octets(SECRET_SIZE, SECRET_SIZE)]
    signing_key: Key
    box_key: Annotated[bytes, Octets(seal.BOX_PUBLIC_SIZE, seal.BOX_PUBLIC_SIZE)]
    request: Annotated[bytes, _PEM]


@dataclass(frozen=True, slots=True)
class Welcome(Part):
    """The hub's answer to a unit that it takes in.

    Attributes:
        certificate: The unit's certificate for the broker, PEM.
        host: Where the broker is.
        port: And its TCP port.
        venue: The venue's name.
        registration: What went on the ledger, canonical bytes.
        roots: The chain of roots, wire bytes, oldest first.
        box: The unit's key box of this epoch, wire bytes.
    """

    certificate: Annotated[bytes, _PEM]
    host: Annotated[str, Text(120, least=1)]
    port: Annotated[int, Number(1, 65_535)]
    venue: Name
    registration: Annotated[bytes, Octets(1, Registration.LARGEST)]
    roots: Annotated[tuple[bytes, ...], Many(Octets(1, 64 * 1024), 4_096)]
    box: Annotated[bytes, Octets(1, 64 * 1024)]


@dataclass(frozen=True, slots=True)
class Joined:
    """What a unit knows once it has joined; everything in it was verified.

    Attributes:
        authority: Certificate of the authority, PEM.
        certificate: Its own for the broker, PEM.
        host: Where the broker is.
        port: And its TCP port.
        venue: The venue's name.
        registration: Itself, as the ledger has it.
        root: The newest root.
        box: Its key box of this epoch.
        keyring: What was in that.
    """

    authority: bytes
    certificate: bytes
    host: str
    port: int
    venue: str
    registration: Registration
    root: Root
    box: KeyBox
    keyring: KeyRing


class Desk(Protocol):
    """The hub's side of joining: it decides."""

    def authority(self) -> bytes:
        """Give the certificate of the authority, PEM."""

    def welcome(self, application: Application) -> Welcome:
        """Take a unit in; its signature is checked already. May be asked twice the same.

        Raises:
            Refused: INVITATION.
            HubError: The hub cannot do it now.
        """

    def share(self, certificate: bytes) -> tuple[bytes, int]:
        """Give a unit, known by its certificate (DER), the hub's share of its key, and the time.

        Raises:
            Refused: REVOKED, WRONG_UNIT.
            HubError: The hub cannot do it now.
        """


def answer(line: TlsLine, desk: Desk) -> None:
    """Answer one question of a unit, as the hub.

    Raises:
        TransportError: The unit is too slow, or gone.
    """
    try:
        question = canonical.decode(line.receive(LARGEST_REQUEST), LARGEST_REQUEST)
        reply = _reply(question, desk, line.certificate)
    except Refused as refusal:
        words = str(refusal).removeprefix(f"{refusal.code}: ")
        reply = ["refused", str(refusal.code), words]
    except HubError:  # what it says is for the hub's own people
        reply = ["refused", "", "the hub cannot do that just now: see its log"]
    line.send(canonical.encode(reply))


def join(
    invitation: Invitation,
    request: bytes,
    signer: Signer,
    box: seal.BoxKey,
    address: tuple[str, int] | None = None,
) -> Joined:
    """Join the list that an invitation names, as a unit; asking twice does no harm.

    Args:
        invitation: As the administrator gave it.
        request: Certificate request (PEM) of the unit's TLS key.
        signer: The unit's signing key.
        box: The unit's box key.
        address: Where to connect instead of where the invitation says.

    Raises:
        TransportError: The hub cannot be reached, or what answers there is not the hub.
        Refused: By the hub (INVITATION), or its answer is not believed.
    """
    place = address or (invitation.host, invitation.port)
    authority = _authority(invitation, place)
    application = Application(
        invitation.unit_id, invitation.secret, signer.public, box.public, request
    )
    question = ["join", application.signed(signer).encode()]
    fields = _asked(place, invitation.host, authority, question)
    return _joined(Welcome.of_values(fields), authority, application, invitation, box)


def _reply(question: object, desk: Desk, certificate: bytes | None) -> list[object]:
    match question:
        case ["authority"]:
            return ["authority", desk.authority()]
        case ["join", bytes(wire)]:
            carried, application = Application.open(wire)
            carried.require(application.signing_key, seal.verify)
            seal.check_box_public(application.box_key)
            return ["welcome", *desk.welcome(application).values()]
        case ["share"] if certificate is not None:
            return ["share", *desk.share(certificate)]
        case _:
            raise Refused(Code.MALFORMED, "this is no question of a unit")


def _authority(invitation: Invitation, place: tuple[str, int]) -> bytes:
    """Fetch the authority's certificate, trusting nobody, and compare it."""
    match _asked(place, invitation.host, None, ["authority"]):
        case [bytes(certificate)]:
            pass
        case _:
            raise Refused(Code.MALFORMED, "the hub's answer is not understood")
    try:
        found = fingerprint(certificate)
    except HubError:
        found = b""
    if found != invitation.authority:
        raise TransportError(
            f"what answers at {place[0]} port {place[1]} is not the hub of this invitation: check "
            "the network, or ask for a new invitation"
        )
    return certificate


def _asked(
    place: tuple[str, int], host: str, authority: bytes | None, question: Sequence[object]
) -> list[object]:
    """Ask one question of joining; the answer without its tag."""
    context = client_context(authority.decode("ascii", "replace") if authority else None)
    reply = asked(place, host, context, question)
    return understood(reply, "authority" if authority is None else "welcome")


def asked(
    place: tuple[str, int], host: str, context: ssl.SSLContext, question: Sequence[object]
) -> object:
    """Ask the hub one question over one connection.

    Args:
        place: Where to connect.
        host: The name that the hub has to show.
        context: Whom to trust and what to show.
        question: What to ask.

    Raises:
        TransportError: The hub cannot be reached, is too slow, or is not who it should be.
    """
    try:
        plain = socket.create_connection(place, DEADLINE_S)
    except OSError as error:
        raise TransportError(
            f"the hub cannot be reached at {place[0]} port {place[1]} ({error.strerror or error}): "
            "check the network, and that the hub (doorwatch-hub run) is running there"
        ) from error
    with TlsLine(plain, context, DEADLINE_S, host) as line:
        line.send(canonical.encode(question))
        return canonical.decode(line.receive(LARGEST_ANSWER), LARGEST_ANSWER)


def understood(reply: object, tag: str) -> list[object]:
    """Give the fields of an answer.

    Raises:
        Refused: By the hub; or it is another answer than this.
    """
    match reply:
        case [str(said), *fields] if said == tag:
            return fields
        case ["refused", str(code), str(words)]:
            raise Refused(_code(code), f"the hub says: {words[:200]}")
        case _:
            raise Refused(Code.MALFORMED, "the hub's answer is not understood")


def _code(name: str) -> Code:
    return Code(name) if name in set(Code) else Code.INVITATION


def _joined(
    welcome: Welcome,
    authority: bytes,
    application: Application,
    invitation: Invitation,
    key: seal.BoxKey,
) -> Joined:
    """Believe an answer, or refuse it."""
    root = _newest(welcome.roots, invitation)
    registration = Registration.parse(welcome.registration)
    keys = registration.signing_key, registration.box_key
    if (registration.unit_id, keys) != (
        application.unit_id,
        (application.signing_key, application.box_key),
    ):
        raise Refused(Code.WRONG_UNIT, "the hub registered another unit than this")
    carried, box = KeyBox.open(welcome.box)
    carried.require(root.hub_key, seal.verify)
    if (box.list_id, box.unit_id) != (root.list_id, registration.unit_id):
        raise Refused(Code.WRONG_UNIT, "the key box is for another unit or list")
    return Joined(
        authority=authority,
        certificate=welcome.certificate,
        host=welcome.host,
        port=welcome.port,
        venue=welcome.venue,
        registration=registration,
        root=root,
        box=box,
        keyring=KeyRing.parse(key.open(box.suite, box.sealed, box.info)),
    )


def _newest(roots: Sequence[bytes], invitation: Invitation) -> Root:
    """Follow the chain from the root that the invitation names."""
    chain = [Signed.parse(wire, Root.KIND) for wire in roots]
    begin = next((one for one in chain if one.digest == invitation.root), None)
    if begin is None:
        raise Refused(Code.WRONG_ROOT, "the hub does not show the root of the invitation")
    return followed(first_root(begin, invitation.root, seal.verify), chain, seal.verify)
