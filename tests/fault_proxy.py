"""A TCP relay in front of a broker that does what bad networks do.

TCP itself repairs loss and order, so what a client sees of a bad network is: latency, a
connection cut in the middle of anything, bytes one by one, and silence in one or both directions
while the connection still stands.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"
_CHUNK = 4_096
_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Weather:
    """What the relay does to the bytes.

    Attributes:
        latency_s: Each chunk waits this long, seconds.
        jitter_s: And up to this long more.
        cut: Chance that a chunk cuts the connection instead of being passed on.
        trickle_s: Bytes go one by one with this pause between them; 0 passes whole chunks.
        to_broker: Whether bytes go that way at all.
        to_client: Whether bytes go that way at all.
        takes: Whether new connections are let through; else they hang without an answer.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    cut: float = 0.0
    trickle_s: float = 0.0
    to_broker: bool = True
    to_client: bool = True
    takes: bool = True


FAIR = Weather()
PARTITION = Weather(to_broker=False, to_client=False, takes=False)


class FaultProxy:
    """Relays ``port`` to the broker's port from a thread of its own, as a context."""

    def __init__(self, broker_port: int, seed: int = 0) -> None:
        """Relay to ``broker_port`` on loopback; ``seed`` decides what is cut when."""
        self.weather = FAIR
        self.port = 0
        self.connections = 0
        self._broker_port = broker_port
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    def cut(self) -> None:
        """Cut every connection that stands."""
        self._call(self._cut())

    def retarget(self, broker_port: int) -> None:
        """Relay new connections to another port."""
        self._broker_port = broker_port

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(self._relay, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._stopped.wait()
        server.close()
        await self._cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._until("takes")
            there, back = await asyncio.open_connection(HOST, self._broker_port)
            self.connections += 1
            self._writers.add(back)
            ways = (self._carry(reader, back, "to_broker"), self._carry(there, writer, "to_client"))
            await asyncio.wait(
                [asyncio.ensure_future(way) for way in ways], return_when=asyncio.FIRST_COMPLETED
            )
            self._writers.discard(back)
            back.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass  # the broker is down, or the test over: the client sees a cut connection
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _until(self, allowed: str) -> None:
        while not getattr(self.weather, allowed):  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(_PAUSE_S)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._until(way)
                weather = self.weather
                if weather.cut and self._random.random() < weather.cut:
                    return
                delay_s = weather.latency_s + self._random.random() * weather.jitter_s
                if delay_s:
                    await asyncio.sleep(delay_s)
                await self._pass_on(chunk, writer, weather.trickle_s)

    async def _pass_on(self, chunk: bytes, writer: asyncio.StreamWriter, pause_s: float) -> None:
        if not pause_s:
            writer.write(chunk)
            await writer.drain()
            return
        for byte in chunk:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(pause_s)
