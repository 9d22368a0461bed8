"""Joining over a real TLS connection on loopback, the hub being made of its own parts in RAM."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ports import HOST, free_port
from sync import canonical, joining, seal
from sync.authority import Authority, new_key, request, write_private
from sync.errors import Code, HubError, Refused, TransportError
from sync.invitation import Invitation
from sync.joindesk import JoinServer
from sync.joining import Application, Joined, Welcome, join
from sync.statement.keybox import KeyBox, KeyRing
from sync.statement.membership import Registration
from sync.statement.root import Root
from sync.tlsline import TlsLine, client_context, server_context

NOW_MS = 1_800_000_000_000
LIST = "ab" * 16
UNIT = "cd" * 8
VENUE = "ef" * 8
MAILBOX = "12" * 8
SECRET = bytes(range(16))
RING = KeyRing(1, bytes(32), bytes([1] * 32), "34" * 8, (("consortium/banned", bytes([2] * 32)),))


class Hub:
    """What a hub's desk does, as little of it as there can be."""

    def __init__(self, folder: Path) -> None:
        self.ca = Authority.create(folder / "ca", None, NOW_MS)
        self.officers = [seal.SigningKey.generate() for _ in range(3)]
        self.key = seal.SigningKey.generate()
        self.roots = [self.root(1).signed(*self.officers[:2])]
        self.used: dict[str, bytes] = {}
        self.changed: dict[str, object] = {}
        self.problem: Exception | None = None
        self.asked = 0

    def root(self, version: int) -> Root:
        officers = tuple(sorted(one.public for one in self.officers))
        end = NOW_MS + 10**10
        return Root(
            LIST, version, officers, 2, self.key.public, (), 0, bytes(32), NOW_MS + version, end
        )

    def authority(self) -> bytes:
        return self.ca.certificate

    def welcome(self, application: Application) -> Welcome:
        self.asked += 1
        if self.problem:
            raise self.problem
        known = self.used.setdefault(application.unit_id, application.signing_key)
        if application.secret != SECRET or known != application.signing_key:
            raise Refused(Code.INVITATION, "this invitation was used: ask the hub for a new one")
        told = Registration(
            UNIT, VENUE, "Door", application.signing_key, application.box_key, MAILBOX
        )
        box = KeyBox(LIST, UNIT, 1, seal.SUITE, bytes(32), NOW_MS)
        _, sealed = seal.box(application.box_key, RING.encode(), box.info)
        welcome = Welcome(
            self.ca.issue_client(application.request, MAILBOX, NOW_MS),
            "localhost",
            8883,
            "The Door",
            told.encode(),
            tuple(one.encode() for one in self.roots),
            replace(box, sealed=sealed).signed(self.key).encode(),
        )
        return replace(welcome, **self.changed)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


@pytest.fixture
def server(hub: Hub, tmp_path: Path) -> Iterator[JoinServer]:
    key = new_key()
    certificate = hub.ca.issue_server(request(key), ["localhost", "127.0.0.1"], NOW_MS)
    yield from serving(hub, tmp_path, certificate, key)


def serving(hub: Hub, folder: Path, certificate: bytes, key: bytes) -> Iterator[JoinServer]:
    write_private(folder / "server.pem", certificate)
    write_private(folder / "server.key", key)
    context = server_context(str(folder / "server.pem"), str(folder / "server.key"))
    running = JoinServer(hub, context, "127.0.0.1", 0)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def invitation(hub: Hub, server: JoinServer) -> Invitation:
    return Invitation(
        bytes.fromhex(UNIT),
        "localhost",
        server.port,
        hub.ca.fingerprint,
        hub.roots[-1].digest,
        SECRET,
        NOW_MS + 1000,
    )


class Unit:
    """The keys of one unit."""

    def __init__(self) -> None:
        self.signer = seal.SigningKey.generate()
        self.box = seal.BoxKey.generate()
        self.tls = new_key(b"its own")

    def join(self, invitation: Invitation, address: tuple[str, int] | None = None) -> Joined:
        place = address or ("127.0.0.1", invitation.port)
        return join(invitation, request(self.tls, b"its own"), self.signer, self.box, place)


def test_a_unit_with_an_invitation_gets_all_it_needs(hub: Hub, invitation: Invitation) -> None:
    joined = Unit().join(invitation)
    assert joined.registration.mailbox == MAILBOX
    assert joined.keyring == RING
    assert joined.root.version == 1
    assert joined.authority == hub.ca.certificate
    assert (joined.host, joined.port, joined.venue) == ("localhost", 8883, "The Door")


def test_an_answer_that_was_lost_can_be_asked_for_again_with_the_same_keys(
    invitation: Invitation,
) -> None:
    unit = Unit()
    assert unit.join(invitation).keyring == unit.join(invitation).keyring


def test_an_invitation_works_for_one_unit(invitation: Invitation) -> None:
    Unit().join(invitation)
    with pytest.raises(Refused, match="was used") as refused:
        Unit().join(invitation)
    assert refused.value.code == Code.INVITATION


def test_a_wrong_secret_is_refused_by_the_hub(invitation: Invitation) -> None:
    with pytest.raises(Refused) as refused:
        Unit().join(replace(invitation, secret=bytes(16)))
    assert refused.value.code == Code.INVITATION


def test_the_secret_is_shown_to_nobody_but_the_hub_of_the_invitation(
    hub: Hub, invitation: Invitation
) -> None:
    with pytest.raises(TransportError, match="not the hub of this invitation"):
        Unit().join(replace(invitation, authority=bytes(32)))
    assert hub.asked == 0


def test_a_unit_of_the_same_authority_cannot_play_the_hub(hub: Hub, tmp_path: Path) -> None:
    key = new_key()
    certificate = hub.ca.issue_client(request(key), MAILBOX, NOW_MS)
    for running in serving(hub, tmp_path, certificate, key):
        invited = Invitation(
            bytes(8), "localhost", running.port, hub.ca.fingerprint, bytes(32), SECRET, NOW_MS
        )
        with pytest.raises(TransportError, match="not who it should be"):
            Unit().join(invited)
    assert hub.asked == 0


def test_a_server_of_another_name_is_not_the_hub(hub: Hub, invitation: Invitation) -> None:
    with pytest.raises(TransportError, match="not who it should be"):
        Unit().join(replace(invitation, host="elsewhere"))
    assert hub.asked == 0


def test_nobody_there_is_said_in_one_line(invitation: Invitation) -> None:
    with pytest.raises(TransportError, match=r"cannot be reached at .*doorwatch-hub run"):
        Unit().join(invitation, (HOST, free_port()))


def test_the_hubs_own_trouble_is_not_told_to_strangers(hub: Hub, invitation: Invitation) -> None:
    hub.problem = HubError("/var/lib/hub is full")
    with pytest.raises(Refused, match="just now") as refused:
        Unit().join(invitation)
    assert "/var/lib" not in str(refused.value)


def test_the_chain_of_roots_is_followed_from_the_one_invited_to(
    hub: Hub, invitation: Invitation
) -> None:
    hub.roots.append(hub.root(2).signed(*hub.officers[1:]))
    assert Unit().join(invitation).root.version == 2
    newest = replace(invitation, root=hub.roots[1].digest)
    hub.used.clear()
    assert Unit().join(newest).root.version == 2


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("no root", Code.WRONG_ROOT),
        ("other root", Code.WRONG_ROOT),
        ("root signed by one officer", Code.TOO_FEW_SIGNATURES),
        ("other unit's keys", Code.WRONG_UNIT),
        ("other unit", Code.WRONG_UNIT),
        ("box by another key", Code.BAD_SIGNATURE),
        ("box for another unit", Code.WRONG_UNIT),
        ("box of another list", Code.WRONG_UNIT),
        ("box that does not open", Code.BAD_CIPHERTEXT),
        ("box of an unknown suite", Code.BAD_CIPHERTEXT),
    ],
)
def test_a_hub_that_answers_wrongly_is_not_believed(
    hub: Hub, invitation: Invitation, what: str, code: Code
) -> None:
    unit = Unit()
    told = Registration(UNIT, VENUE, "Door", unit.signer.public, unit.box.public, MAILBOX)
    box = KeyBox(LIST, UNIT, 1, seal.SUITE, bytes(1200), NOW_MS)
    stranger = seal.SigningKey.generate()
    hub.changed = {
        "no root": {"roots": ()},
        "other root": {"roots": (hub.root(2).signed(*hub.officers).encode(),)},
        "root signed by one officer": {"roots": (hub.root(1).signed(hub.officers[0]).encode(),)},
        "other unit's keys": {"registration": replace(told, signing_key=stranger.public).encode()},
        "other unit": {"registration": replace(told, unit_id=VENUE).encode()},
        "box by another key": {"box": box.signed(stranger).encode()},
        "box for another unit": {"box": replace(box, unit_id=VENUE).signed(hub.key).encode()},
        "box of another list": {"box": replace(box, list_id="0" * 32).signed(hub.key).encode()},
        "box that does not open": {"box": box.signed(hub.key).encode()},
        "box of an unknown suite": {"box": replace(box, suite="other").signed(hub.key).encode()},
    }[what]
    with pytest.raises(Refused) as refused:
        unit.join(invitation)
    assert refused.value.code == code


def asked(hub: Hub, port: int, message: bytes) -> list[object]:
    """Ask the running server something, raw."""
    plain = socket.create_connection(("127.0.0.1", port), 5)
    context = client_context(hub.ca.certificate.decode())
    with TlsLine(plain, context, 5, "localhost") as line:
        line.send(message)
        reply = canonical.decode(line.receive(10_000), 10_000)
    assert isinstance(reply, list)
    return reply


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff",
        canonical.encode(["join"]),
        canonical.encode(["join", b"?"]),
        canonical.encode([1]),
        canonical.encode(["authority", 1]),
        bytes(8_000),
    ],
)
def test_whatever_is_asked_gets_a_coded_refusal(
    hub: Hub, server: JoinServer, message: bytes
) -> None:
    assert asked(hub, server.port, message)[:2] == ["refused", "malformed"]


def test_an_application_under_another_units_key_is_refused(hub: Hub, server: JoinServer) -> None:
    unit, thief = Unit(), seal.SigningKey.generate()
    application = Application(
        UNIT, SECRET, unit.signer.public, unit.box.public, request(unit.tls, b"its own")
    )
    carried = application.signed(thief).encode()
    reply = asked(hub, server.port, canonical.encode(["join", carried]))
    assert reply[:2] == ["refused", "bad-signature"]


def test_a_message_that_announces_too_much_ends_the_connection(
    hub: Hub, server: JoinServer
) -> None:
    plain = socket.create_connection(("127.0.0.1", server.port), 5)
    line = client_context(None).wrap_socket(plain, server_hostname="localhost")
    line.sendall(b"\xff\xff\xff\xff")
    with line, contextlib.suppress(ssl.SSLError, ConnectionResetError):
        assert line.recv(1) == b""
    assert asked(hub, server.port, canonical.encode(["authority"]))[0] == "authority"


def test_someone_slow_delays_nobody_and_is_cut_off(
    hub: Hub, server: JoinServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.joindesk.DEADLINE_S", 0.4)
    slow = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(4)]
    assert asked(hub, server.port, canonical.encode(["authority"]))[0] == "authority"
    for one in slow:
        one.settimeout(5)
        assert one.recv(1) == b""
        one.close()


def test_a_crowd_is_turned_away_and_later_let_in(
    hub: Hub, server: JoinServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.joindesk.DEADLINE_S", 0.4)
    crowd = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(20)]
    time.sleep(0.6)
    assert asked(hub, server.port, canonical.encode(["authority"]))[0] == "authority"
    for one in crowd:
        one.close()
    assert sum(thread.name == "join" for thread in threading.enumerate()) == 1


def test_a_hub_that_never_answers_is_given_up_in_time(
    hub: Hub, invitation: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual_s = joining.DEADLINE_S
    monkeypatch.setattr(joining, "DEADLINE_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(TransportError, match="did not answer in time"):
            Unit().join(invitation, silent.getsockname())
        assert time.monotonic() - began < usual_s


def test_a_port_that_is_taken_is_said_in_one_line(
    hub: Hub, server: JoinServer, tmp_path: Path
) -> None:
    context = server_context(str(tmp_path / "server.pem"), str(tmp_path / "server.key"))
    with pytest.raises(TransportError, match="join_port"):
        JoinServer(hub, context, "127.0.0.1", server.port)


def test_a_server_needs_its_certificate(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="own certificate"):
        server_context(str(tmp_path / "none"), str(tmp_path / "none"))


def test_an_old_protocol_is_not_spoken(server: JoinServer) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    plain = socket.create_connection(("127.0.0.1", server.port), 5)
    with old.wrap_socket(plain, do_handshake_on_connect=False) as line, pytest.raises(ssl.SSLError):
        line.do_handshake()
