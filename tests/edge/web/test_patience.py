"""Whoever asks nothing takes no place from those who do."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from edge.web import patience
from edge.web.patience import Impatient


async def slowly(request: Request) -> Response:
    """Take longer than the server waits for a request."""
    await request.body()
    await asyncio.sleep(0.5)
    return PlainTextResponse("there you are")


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(patience, "SILENT_S", 0.2)
    app = Starlette(routes=[Route("/", slowly, methods=["GET", "POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, http=Impatient, ws="none", lifespan="off", log_config=None)
    )
    serving = threading.Thread(target=server.run, args=([listener],))
    serving.start()
    yield listener.getsockname()
    server.should_exit = True
    serving.join(10)
    listener.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: here\r\n"])
def test_a_connection_on_which_nothing_is_asked_is_ended(
    address: tuple[str, int], sent: bytes
) -> None:
    with socket.create_connection(address, timeout=5) as silent:
        silent.sendall(sent)
        with suppress(ConnectionResetError):
            assert silent.recv(1) == b""


def test_a_request_whose_answer_takes_long_is_answered(address: tuple[str, int]) -> None:
    with httpx.Client(base_url="http://{}:{}".format(*address), trust_env=False) as client:
        assert [client.get("/").text for _ in range(2)] == ["there you are"] * 2


def test_a_body_may_take_longer_than_the_head(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=5) as slow:
        head = b"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
        slow.sendall(head + b"a")
        threading.Event().wait(0.6)
        slow.sendall(b"b")
        answer = b""
        while more := slow.recv(4096):
            answer += more
    assert answer.endswith(b"there you are")
