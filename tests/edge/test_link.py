import contextlib
import random
import resource
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.door import CandidateView, DoorState
from edge.errors import GalleryError, LinkError
from edge.link import Link, LinkServer
from edge.questions import (
    AnswerQuestion,
    AnyQuestion,
    CheckQuestion,
    CheckReferenceQuestion,
    CropQuestion,
    QuietQuestion,
    ReferenceQuestion,
    StateQuestion,
)

STATE = DoorState(
    taken_at=1.0,
    frame=7,
    verdict="STOP",
    category="banned",
    faults=("a sentence",),
    encounters=(),
    alerts=(),
    gallery=None,
    thresholds=(0.4, 0.5),
    counts={"stop": 1},
    fps=12.5,
    dropped=3,
    latency_ms=40.0,
    stages_ms={"detect": 3.0},
    finished=False,
)
CANDIDATE = CandidateView("e1", "banned", "violence", 9.0, 0.6, "strong likeness", "t1")


def answering(question: AnyQuestion) -> object:
    match question:
        case StateQuestion():
            return STATE
        case CropQuestion(alert_id="a1"):
            return b"crop"
        case ReferenceQuestion(alert_id="a1"):
            return b"reference"
        case AnswerQuestion() | QuietQuestion():
            return None
        case CheckQuestion(photo=photo):
            return [CANDIDATE] if photo == b"x" * 1_000_000 else []
        case CheckReferenceQuestion(token="t1"):
            raise RuntimeError("a defect")
    raise GalleryError("no such alert")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    server = LinkServer(tmp_path / "engine.sock", answering)
    yield tmp_path / "engine.sock"
    server.close()


def test_every_question_gets_its_answer(path: Path) -> None:
    link = Link(path)
    assert link.state() == STATE
    assert link.crop("a1") == b"crop"
    assert link.reference("a1") == b"reference"
    assert link.check(b"x" * 1_000_000) == [CANDIDATE]
    link.answer("a1", "refused")
    link.quiet()


def test_a_refusal_comes_back_as_its_sentence(path: Path) -> None:
    with pytest.raises(LinkError, match="no such alert"):
        Link(path).crop("a2")


def test_a_defect_in_one_answer_is_told_in_general_words(path: Path) -> None:
    with pytest.raises(LinkError, match="could not answer"):
        Link(path).reference_of_check("e1", "t1")
    assert Link(path).state() == STATE


def test_the_socket_is_for_its_owner_only(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_an_engine_the_line_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="is `doorwatch run` up"):
        Link(tmp_path / "nobody.sock").state()


def test_an_engine_that_does_not_answer_in_time_is_an_error(tmp_path: Path) -> None:
    server = LinkServer(tmp_path / "s.sock", lambda _: time.sleep(0.5))
    with pytest.raises(LinkError, match="timed out"):
        Link(tmp_path / "s.sock", timeout_s=0.1).quiet()
    server.close()


def test_an_answer_of_another_shape_is_an_error(tmp_path: Path) -> None:
    server = LinkServer(tmp_path / "s.sock", lambda _: {"frame": "seven"})
    with pytest.raises(LinkError, match="same release"):
        Link(tmp_path / "s.sock").state()
    server.close()


def test_a_socket_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="cannot listen"):
        LinkServer(tmp_path / "missing" / "s.sock", answering)


def test_an_answer_of_nobody_knows_what_is_refused(path: Path) -> None:
    with pytest.raises(LinkError, match="does not know this question"):
        Link(path).answer("a1", "maybe")  # type: ignore[arg-type]  # that is the point


def _throw(path: Path, junk: bytes) -> None:
    # a server that closes on unread bytes resets the connection: that is a refusal, too
    with socket.socket(socket.AF_UNIX) as peer, contextlib.suppress(ConnectionError):
        peer.connect(str(path))
        peer.sendall(junk)
        peer.shutdown(socket.SHUT_WR)
        peer.settimeout(10)
        while peer.recv(65_536):
            pass


def test_garbage_never_ends_the_server(path: Path) -> None:
    rng = random.Random(7)
    good = msgspec.msgpack.encode(CropQuestion("a1"))
    for _ in range(300):
        body = bytearray(good if rng.random() < 0.5 else rng.randbytes(rng.randrange(60)))
        for _ in range(rng.randrange(4)):
            if body:
                body[rng.randrange(len(body))] = rng.randrange(256)
        length = rng.choice([len(body), rng.randrange(2**32), 0, len(body) + 5])
        _throw(path, struct.pack(">I", length) + bytes(body))
    assert Link(path).state() == STATE


def test_many_idle_peers_delay_but_do_not_shut_anybody_out(path: Path) -> None:
    idle = [socket.socket(socket.AF_UNIX) for _ in range(7)]
    for peer in idle:
        peer.connect(str(path))
    asking = [threading.Thread(target=Link(path).state) for _ in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(timeout=5)
        assert not thread.is_alive()
    for peer in idle:
        peer.close()


def test_a_question_that_drips_in_is_cut_off(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.link.PATIENCE_S", 0.3)
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(path))
        peer.settimeout(5)
        peer.sendall(struct.pack(">I", 1000))
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 30:
                peer.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - began < 20


def test_an_engine_without_a_descriptor_left_answers_again_as_soon_as_it_has_one(
    tmp_path: Path,
) -> None:
    server = LinkServer(tmp_path / "e.sock", answering)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as waiting:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            waiting.connect(str(tmp_path / "e.sock"))
            time.sleep(0.3)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert Link(tmp_path / "e.sock").state() == STATE
    server.close()
