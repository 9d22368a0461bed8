"""What a broker that lies can do to our client: end a connection, and nothing else."""

import resource
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_broker import CONNACK, HostileBroker, Peer, honest, length, message
from loopback import Loopback, await_event, now_ms
from sync.authority import Authority
from sync.connection import Connection
from sync.errors import TransportError
from sync.message import Arrival, Connected, Disconnected
from sync.packets import LARGEST_PACKET, Inspection, PacketRefusedError

UNIT = "a" * 16
IN = f"m/{UNIT}/in"

AFTER_CONNECTING = {
    "a length of five bytes": b"\x30\xff\xff\xff\xff\x01",
    "a length that never ends": b"\x30\x80\x80\x80\x80",
    "a message of 256 MB": b"\x30\xff\xff\xff\x7f" + bytes(100),
    "a message one byte over the cap": b"\x30\x81\x80\x04",
    "a topic that is no UTF-8": b"\x30\x06\x00\x02\xff\xfe\x00x",
    "a topic longer than the packet": b"\x30\x04\xff\xffab",
    "a message without a topic": b"\x30\x00",
    "a message without its packet id": b"\x32\x04\x00\x02ab",
    "a property length beyond the packet": b"\x32\x08\x00\x02ab\x00\x01\xff\x7f",
    "an unknown property": b"\x32\x09\x00\x02ab\x00\x01\x02\x7f\x00",
    "a property of another packet": b"\x32\x0b\x00\x02ab\x00\x01\x03\x12\x00\x00",
    "a property twice": b"\x32\x0b\x00\x02ab\x00\x01\x04\x01\x00\x01\x00",
    "a topic alias that was never set": b"\x32\x0a\x00\x00\x00\x01\x03\x23\x00\x09",
    "a short SUBACK": b"\x90\x01\x00",
    "a SUBACK of a request never made": b"\x90\x04\x7f\xff\x00\x01",
    "a SUBACK with an unknown reason": b"\x90\x04\x00\x01\x00\x77",
    "a PUBACK of a message never sent": b"\x40\x02\x7f\xff",
    "a short PUBACK": b"\x40\x01\x00",
    "a PUBACK with an unknown reason": b"\x40\x03\x00\x01\x77",
    "a message of QoS 2": b"\x34\x08\x00\x02ab\x00\x01\x00x",
    "a message of QoS 3": b"\x36\x08\x00\x02ab\x00\x01\x00x",
    "a PUBREC": b"\x50\x02\x00\x01",
    "a PUBREL": b"\x62\x02\x00\x01",
    "a PINGREQ": b"\xc0\x00",
    "a PINGRESP with a body": b"\xd0\x01\x00",
    "a second CONNACK": CONNACK,
    "a CONNACK that is cut": b"\x20\x01\x00",
    "a CONNACK with an unknown reason": b"\x20\x03\x00\x77\x00",
    "a SUBSCRIBE": b"\x82\x06\x00\x01\x00\x00\x01a",
    "a packet of type 0": b"\x00\x00",
    "a packet of type 15": b"\xf0\x00",
    "a DISCONNECT": b"\xe0\x00",
    "a DISCONNECT with an unknown reason": b"\xe0\x01\x77",
    "a DISCONNECT that is cut": b"\xe0\x03\x00\x05\x1f",
    "a CONNECT": b"\x10\x00",
    "an end in the middle of a packet": b"\x32\x50\x00\x02ab",
}

INSTEAD_OF_CONNECTING = {
    "a refusal": b"\x20\x03\x00\x87\x00",
    "no reason": b"\x20\x01\x00",
    "an unknown reason": b"\x20\x03\x00\x77\x00",
    "properties that are cut": b"\x20\x05\x00\x00\x05\x11\x00",
    "a SUBACK": b"\x90\x04\x00\x01\x00\x01",
    "a message": message("l/1", b"early"),
    "a keep-alive of nothing": b"\x20\x06\x00\x00\x03\x13\x00\x00",
    "nothing but an end": b"",
    "another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
}


def _carries_on(loopback: Loopback, folder: Path, evil: object) -> None:
    """Let one connection be ``evil`` and expect the first good message afterwards."""

    def good(peer: Peer) -> None:
        peer.greet()
        peer.send(message(IN, b"good"))
        peer.read_all()

    with HostileBroker(loopback.authority, folder, evil, good) as broker:  # type: ignore[arg-type]
        unit = loopback.transport(UNIT, [IN], port=broker.port)
        arrival = await_event(unit, Arrival, lambda it: it.payload == b"good")
        assert arrival.topic == IN
        assert unit.alive
        unit.stop()


@pytest.mark.parametrize("evil", AFTER_CONNECTING.values(), ids=AFTER_CONNECTING)
def test_no_packet_ends_our_client(loopback: Loopback, tmp_path: Path, evil: bytes) -> None:
    def send(peer: Peer) -> None:
        peer.greet()
        peer.send(evil)

    _carries_on(loopback, tmp_path, send)


@pytest.mark.parametrize("evil", INSTEAD_OF_CONNECTING.values(), ids=INSTEAD_OF_CONNECTING)
def test_no_answer_to_connect_ends_our_client(
    loopback: Loopback, tmp_path: Path, evil: bytes
) -> None:
    def send(peer: Peer) -> None:
        peer.read()
        peer.send(evil)

    _carries_on(loopback, tmp_path, send)


def test_a_promised_quarter_of_a_gigabyte_is_not_waited_for(
    loopback: Loopback, tmp_path: Path
) -> None:
    def promise(peer: Peer) -> None:
        peer.greet()
        peer.send(b"\x30\xff\xff\xff\x7f")
        peer.read_all()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with HostileBroker(loopback.authority, tmp_path, promise) as broker:
        unit = loopback.transport(UNIT, [IN], port=broker.port)
        await_event(unit, Connected)
        await_event(unit, Disconnected, patience_s=3.0)
        unit.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_a_broker_of_another_authority_is_refused(loopback: Loopback, tmp_path: Path) -> None:
    foreign = Authority.create(tmp_path / "foreign", None, now_ms())
    with HostileBroker(foreign, tmp_path, honest) as broker:
        unit = loopback.transport(UNIT, [IN], port=broker.port)
        assert "certificate verify failed" in await_event(unit, Disconnected).why
        unit.stop()
    assert not broker.peers


def test_a_broker_under_another_name_is_refused(loopback: Loopback, tmp_path: Path) -> None:
    wanted = loopback.identity("c" * 16)  # a client's certificate is no broker's either
    with HostileBroker(loopback.authority, tmp_path, honest) as broker:
        broker._context.load_cert_chain(wanted.certificate, wanted.key)
        unit = loopback.transport(UNIT, [IN], port=broker.port)
        assert "certificate" in await_event(unit, Disconnected).why
        unit.stop()


def test_a_broker_that_offers_an_older_tls_is_refused(loopback: Loopback, tmp_path: Path) -> None:
    with HostileBroker(loopback.authority, tmp_path, honest) as broker:
        broker._context.minimum_version = ssl.TLSVersion.TLSv1_2
        broker._context.maximum_version = ssl.TLSVersion.TLSv1_2
        unit = loopback.transport(UNIT, [IN], port=broker.port)
        assert "tls" in await_event(unit, Disconnected).why.lower()
        unit.stop()
    assert not broker.peers


def test_a_unit_whose_clock_is_decades_off_still_reaches_the_hub(
    loopback: Loopback, tmp_path: Path
) -> None:
    # Their ten years are long over for a clock that runs ahead.
    old = Authority.create(tmp_path / "old", None, 1_400_000_000_000)
    (tmp_path / "old.pem").write_bytes(old.certificate)
    files = loopback.identity(UNIT)
    with HostileBroker(old, tmp_path, honest) as broker:
        context = files.context()
        context.load_verify_locations(cafile=str(tmp_path / "old.pem"))
        connection = Connection(loopback.access(UNIT, broker.port), context, 1, [IN])
        while not connection.opened:
            connection.turn(readable=True, writable=True)
        connection.close(politely=True)


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_the_inspection_refuses_or_follows_and_never_fails(pieces: list[bytes]) -> None:
    whole, split = Inspection(), Inspection()

    def verdict(inspection: Inspection, parts: list[bytes]) -> str:
        try:
            for part in parts:
                inspection.see(part)
        except PacketRefusedError as refused:
            return str(refused)
        return "fine"

    assert verdict(whole, [b"".join(pieces)]) == verdict(split, pieces)


@given(st.integers(0, LARGEST_PACKET + 10))
def test_packets_up_to_the_cap_pass_and_none_beyond(size: int) -> None:
    packet = b"\x32" + length(size) + bytes(size)
    inspection = Inspection()
    if size <= LARGEST_PACKET:
        inspection.see(packet)
        inspection.see(b"\xd0\x00")
    else:
        with pytest.raises(PacketRefusedError):
            inspection.see(packet)


def test_files_that_are_no_certificates_are_refused_in_one_line(
    loopback: Loopback, tmp_path: Path
) -> None:
    files = loopback.identity(UNIT)
    other = loopback.identity("d" * 16)
    broken = type(files)(files.authority, files.certificate, other.key)
    with pytest.raises(TransportError, match="join the list again"):
        broken.context()
