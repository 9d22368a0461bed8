"""Asking for the hub's share over a real TLS connection on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import canonical, joining
from sync.authority import Authority, new_key, request, write_private
from sync.errors import Code, HubError, Refused, TransportError
from sync.joindesk import JoinServer
from sync.joining import Application, Welcome
from sync.releasing import Released, ask_for_share
from sync.tls import Tls
from sync.tlsline import client_context, server_context

NOW_MS = 1_800_000_000_000
SHARE = bytes(range(32))


class Desk:
    """Gives the share to whoever the connection lets in, or says what the test says."""

    def __init__(self, authority: Authority) -> None:
        self.ca = authority
        self.asked: list[bytes] = []
        self.problem: Exception | None = None
        self.share_given = SHARE

    def authority(self) -> bytes:
        return self.ca.certificate

    def welcome(self, application: Application) -> Welcome:
        raise NotImplementedError

    def share(self, certificate: bytes) -> tuple[bytes, int]:
        self.asked.append(certificate)
        if self.problem:
            raise self.problem
        return self.share_given, NOW_MS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("ca"), None, NOW_MS)


@pytest.fixture
def desk(authority: Authority) -> Desk:
    return Desk(authority)


@pytest.fixture
def server(desk: Desk, tmp_path: Path) -> Iterator[JoinServer]:
    key = new_key()
    shown = desk.ca.issue_server(request(key), ["localhost", "127.0.0.1"], NOW_MS)
    write_private(tmp_path / "server.pem", shown)
    write_private(tmp_path / "server.key", key)
    files = str(tmp_path / "server.pem"), str(tmp_path / "server.key")
    context = server_context(*files, clients=desk.ca.certificate.decode())
    running = JoinServer(desk, context, "127.0.0.1", 0)
    running.start()
    yield running
    running.stop()


def unit(folder: Path, trusted: Authority, issuer: Authority) -> Tls:
    """Make what a unit shows and trusts."""
    tls = Tls(folder / "ca.pem", folder / "unit.pem", folder / "unit.key", b"password")
    write_private(tls.authority, trusted.certificate)
    write_private(tls.key, new_key(b"password"))
    wanted = request(tls.key.read_bytes(), b"password")
    write_private(tls.certificate, issuer.issue_client(wanted, "12" * 8, NOW_MS))
    return tls


def asked(server: JoinServer, tls: Tls) -> Released:
    return ask_for_share(("127.0.0.1", server.port), "localhost", tls)


def test_a_unit_gets_the_share_for_its_certificate(
    desk: Desk, server: JoinServer, tmp_path: Path
) -> None:
    assert asked(server, unit(tmp_path, desk.ca, desk.ca)) == Released(SHARE, NOW_MS)
    assert len(desk.asked) == 1


def test_a_certificate_of_another_authority_gets_nothing(
    desk: Desk, server: JoinServer, tmp_path: Path
) -> None:
    other = Authority.create(tmp_path / "other", None, NOW_MS)
    with pytest.raises(TransportError):
        asked(server, unit(tmp_path, desk.ca, other))
    with pytest.raises(TransportError, match="not who it should be"):
        asked(server, unit(tmp_path, other, desk.ca))
    assert desk.asked == []


def test_without_a_certificate_the_question_is_none(desk: Desk, server: JoinServer) -> None:
    context = client_context(desk.ca.certificate.decode())
    reply = joining.asked(("127.0.0.1", server.port), "localhost", context, ["share"])
    assert isinstance(reply, list)
    assert reply[:2] == ["refused", "malformed"]
    assert desk.asked == []


def test_a_refusal_keeps_its_code_and_trouble_of_the_hub_says_nothing(
    desk: Desk, server: JoinServer, tmp_path: Path
) -> None:
    tls = unit(tmp_path, desk.ca, desk.ca)
    desk.problem = Refused(Code.REVOKED, "this unit was revoked")
    with pytest.raises(Refused, match="the hub says: this unit was revoked") as refusal:
        asked(server, tls)
    assert refusal.value.code is Code.REVOKED
    desk.problem = HubError("the disk of the hub is full")
    with pytest.raises(Refused, match="cannot do that just now") as refusal:
        asked(server, tls)
    assert refusal.value.code is not Code.REVOKED


def test_a_share_of_another_length_and_a_damaged_certificate_are_refused(
    desk: Desk, server: JoinServer, tmp_path: Path
) -> None:
    tls = unit(tmp_path, desk.ca, desk.ca)
    desk.share_given = b"short"
    with pytest.raises(Refused, match="not understood"):
        asked(server, tls)
    write_private(tls.certificate, canonical.encode(["nonsense"]))
    with pytest.raises(TransportError, match="cannot be used"):
        asked(server, tls)
