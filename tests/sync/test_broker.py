"""What mosquitto really does under the configuration in deploy/, told by what it delivers."""

import os
import socket
import ssl
import time
from pathlib import Path

import pytest

from loopback import HOST, Loopback, await_event, drained, now_ms, payloads
from sync.authority import Authority
from sync.broker import MISSING, TEMPLATE, Broker, access_list, find
from sync.errors import HubError
from sync.message import Acknowledged, Arrival, Connected, Disconnected, Out
from sync.transport import Transport

ONE, OTHER = "a" * 16, "b" * 16


def test_a_unit_receives_its_own_and_the_list_and_nothing_else(loopback: Loopback) -> None:
    loopback.admit(ONE, OTHER)
    theirs = [f"m/{OTHER}/{what}" for what in ("in", "out", "key", "will")]
    unit = loopback.connected(ONE, [f"m/{ONE}/in", "l/1", "#", "m/#", *theirs])
    other, hub = loopback.connected(OTHER), loopback.connected()
    for topic in (f"m/{OTHER}/in", f"m/{OTHER}/key", f"m/{ONE}/in", "l/1"):
        hub.publish(Out(topic, topic.encode()))
    other.publish(Out(f"m/{OTHER}/out", b"for the hub alone"))
    arrived = payloads(drained(unit, 1.0, least=2))
    assert set(arrived) == {b"l/1", f"m/{ONE}/in".encode()}


def test_a_unit_can_publish_to_its_own_outbox_and_nowhere_else(loopback: Loopback) -> None:
    loopback.admit(ONE, OTHER)
    everywhere = [f"m/{ONE}/out", f"m/{OTHER}/out", f"m/{OTHER}/in", f"m/{ONE}/key", "l/1"]
    hub = loopback.connected(topics=["m/+/out"])
    other = loopback.connected(OTHER, [f"m/{OTHER}/in", "l/1"])
    unit = loopback.connected(ONE, [f"m/{ONE}/key"])
    for topic in everywhere:
        unit.publish(Out(topic, topic.encode(), token=topic))
    told = drained(unit, 1.0, least=1)
    assert [e.token for e in told if isinstance(e, Acknowledged)] == [everywhere[0]]
    assert payloads(drained(hub, least=1)) == [everywhere[0].encode()]
    assert not payloads(drained(other))


def test_a_unit_cannot_pose_as_another_by_its_client_id(loopback: Loopback) -> None:
    victim = loopback.connected(OTHER, [f"m/{OTHER}/in"])
    posing = Transport(loopback.access(OTHER), loopback.identity(ONE), [f"m/{OTHER}/in"])
    posing.start()
    await_event(posing, Connected)  # as itself: the broker goes by the certificate
    hub = loopback.connected()
    hub.publish(Out(f"m/{OTHER}/in", b"for the other"))
    assert payloads(drained(victim, least=1)) == [b"for the other"]
    assert not payloads(drained(posing))
    posing.stop()


def test_a_revoked_unit_fetches_its_kill_order_and_is_then_thrown_off_and_kept_out(
    own_loopback: Loopback,
) -> None:
    mailbox = "e" * 16
    own_loopback.admit(mailbox, OTHER)
    topics = [f"m/{mailbox}/key", f"m/{mailbox}/in", "l/1"]
    unit = own_loopback.connected(mailbox, topics)
    other = own_loopback.connected(OTHER, ["l/1"])
    hub = own_loopback.connected(topics=["m/+/out"])

    own_loopback.admit(OTHER)
    await_event(unit, Connected)
    await_event(other, Connected)
    await_event(hub, Connected)
    hub.publish(Out("l/1", b"not for the revoked"))
    hub.publish(Out(f"m/{mailbox}/key", b"kill", retain=True))
    assert payloads(drained(unit, 1.0, least=1)) == [b"kill"]
    unit.restart()
    assert await_event(unit, Arrival).payload == b"kill"  # also after it was away
    unit.publish(Out(f"m/{mailbox}/out", b"destroyed"))
    assert await_event(hub, Arrival).payload == b"destroyed"

    # It has said its last word: its certificate ends, and with it the connection that stands.
    certificate = (own_loopback.folder / f"{mailbox}.pem").read_bytes()
    own_loopback.authority.revoke(certificate, now_ms())
    own_loopback.admit(OTHER)
    await_event(unit, Disconnected)
    events = drained(unit, least=1)
    assert events
    assert all(isinstance(event, Disconnected) for event in events)
    hub.publish(Out("l/1", b"for the rest"))
    assert list(dict.fromkeys(payloads(drained(other, 1.0, least=2)))) == [
        b"not for the revoked",
        b"for the rest",
    ]


def test_a_certificate_of_another_authority_is_refused(loopback: Loopback, tmp_path: Path) -> None:
    foreign = Authority.create(tmp_path / "foreign", None, now_ms())
    files = loopback.identity("f" * 16, foreign)
    stranger = Transport(loopback.access("f" * 16), files)
    stranger.start()
    await_event(stranger, Disconnected)
    assert all(isinstance(event, Disconnected) for event in drained(stranger))
    stranger.stop()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, None])
def test_older_tls_and_no_certificate_are_refused(
    loopback: Loopback, newest: ssl.TLSVersion | None
) -> None:
    context = ssl.create_default_context(cafile=str(loopback.folder / "broker" / "ca.pem"))
    if newest is not None:
        context.maximum_version = newest
        files = loopback.identity(ONE)
        context.load_cert_chain(files.certificate, files.key)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _greet(context, loopback.broker.port)


def _greet(context: ssl.SSLContext, port: int) -> None:
    """Send a CONNECT; with TLS 1.3 only the first answer tells a client that it was refused."""
    with (
        socket.create_connection((HOST, port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as stream,
    ):
        stream.sendall(b"\x10\x0f\x00\x04MQTT\x05\x02\x00\x14\x00\x00\x02aa")
        if not stream.recv(1):
            raise ConnectionError("refused")


def test_a_killed_broker_keeps_what_it_acknowledged(own_loopback: Loopback) -> None:
    topic, count = f"m/{ONE}/in", 300
    own_loopback.connected(ONE, [topic]).stop()
    hub = own_loopback.connected()
    for number in range(count):
        hub.publish(Out(topic, b"%d" % number, token=str(number)))
    for _ in range(count):
        await_event(hub, Acknowledged)
    # It saves after it acknowledged, in the same turn of its loop: what was acknowledged in the
    # very moment of its death may be lost, and is asked for by version like everything else.
    time.sleep(0.3)
    own_loopback.broker.kill()
    await_event(hub, Disconnected)
    own_loopback.start()
    unit = own_loopback.transport(ONE, [topic])
    assert await_event(unit, Connected).session_present
    assert payloads(drained(unit, least=count)) == [b"%d" % number for number in range(count)]


def test_a_wiped_broker_says_that_it_knows_nobody(own_loopback: Loopback) -> None:
    unit = own_loopback.connected(ONE, [f"m/{ONE}/in"])
    own_loopback.broker.stop()
    (own_loopback.folder / "broker" / "store" / "mosquitto.db").unlink()
    own_loopback.start()
    assert not await_event(unit, Connected).session_present
    hub = own_loopback.connected()
    hub.publish(Out(f"m/{ONE}/in", b"subscribed again"))
    assert await_event(unit, Arrival).payload == b"subscribed again"


def test_changes_of_access_harm_neither_the_broker_nor_the_sessions_of_who_is_away(
    own_loopback: Loopback,
) -> None:
    # At SIGHUP mosquitto 2.0.11 crashes here, a few disconnections later.
    away = "d" * 16
    own_loopback.connected(away, [f"m/{away}/in"]).stop()
    hub = own_loopback.connected()
    for number in range(6):
        own_loopback.admit(f"{number:016x}")
        own_loopback.connected(ONE, ["l/1"]).stop()
    hub.publish(Out(f"m/{away}/in", b"kept", token="1"))
    await_event(hub, Acknowledged)
    unit = own_loopback.transport(away, [f"m/{away}/in"])
    assert await_event(unit, Connected).session_present


def test_with_many_units_saving_is_gathered(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path / "ca", None, now_ms())
    broker = Broker(tmp_path / "broker", HOST, 1)
    broker.prepare(authority, [HOST], now_ms())
    for units, gathered in ((0, 1), (19, 1), (20, 2), (1_000, 100)):
        broker.admit(authority, [f"{number:016x}" for number in range(units)])
        assert f"\nautosave_interval {gathered}\n" in broker.configuration.read_text()


def test_access_that_does_not_change_ends_no_connection(loopback: Loopback) -> None:
    loopback.admit(ONE)
    unit = loopback.connected(ONE, ["l/1"])
    for _ in range(20):
        loopback.admit(ONE)
    assert not drained(unit)


def test_the_configuration_that_runs_is_the_one_in_deploy(own_loopback: Loopback) -> None:
    running = own_loopback.broker.configuration.read_text()
    assert TEMPLATE.resolve() == Path(__file__).parents[2] / "deploy" / "mosquitto.conf"
    wanted = TEMPLATE.read_text().replace(
        "/var/lib/doorwatch-hub/broker", str(own_loopback.broker.folder)
    )
    changed = set(running.splitlines()) ^ set(wanted.splitlines())
    assert {line.split()[0] for line in changed} == {"listener", "user"}
    rules = dict(line.split(" ", 1) for line in running.splitlines() if line and line[0] != "#")
    assert rules["persistence"] == "true"
    assert rules["autosave_on_changes"] == "true"
    assert rules["autosave_interval"] == "1"
    assert rules["set_tcp_nodelay"] == "true"
    assert rules["max_packet_size"] == "65536"
    assert rules["tls_version"] == "tlsv1.3"
    assert rules["require_certificate"] == "true"
    assert rules["allow_anonymous"] == "false"


def test_the_log_of_the_broker_names_no_topic(loopback: Loopback) -> None:
    hub = loopback.connected(topics=["m/+/out"])
    hub.publish(Out("l/5ec4e7", b"payload"))
    drained(hub)
    assert "5ec4e7" not in (loopback.folder / "broker.log").read_text()


def test_a_broker_left_behind_is_taken_over(own_loopback: Loopback) -> None:
    first = own_loopback.broker
    later = Broker(first.folder, first.host, first.port)
    assert later.running
    later.start()
    later.stop()
    assert not first.running
    assert not later.running


def test_a_port_in_use_is_said_in_one_line(own_loopback: Loopback, tmp_path: Path) -> None:
    second = Broker(tmp_path / "second", HOST, own_loopback.broker.port)
    second.prepare(own_loopback.authority, [HOST], now_ms())
    with pytest.raises(HubError, match="in use"):
        second.start(log=tmp_path / "second.log")


def test_without_mosquitto_one_line_says_the_one_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sync.broker.shutil.which", lambda *_, **__: None)
    with pytest.raises(HubError) as refusal:
        find()
    assert str(refusal.value) == MISSING
    assert "sudo apt-get install mosquitto" in MISSING
    assert "\n" not in MISSING


def test_a_mailbox_cannot_write_its_own_rules() -> None:
    with pytest.raises(HubError, match="hex"):
        access_list([f"{ONE}\ntopic readwrite #"])


def test_nobody_else_can_read_the_keys(own_loopback: Loopback) -> None:
    for path in (own_loopback.broker.folder / "broker.key", own_loopback.folder / "ca" / "ca.key"):
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_uid == os.geteuid()
