"""The lamp keeper: the one process that owns the pins, and the engine's end of its socket.

It is small on purpose. Whatever happens to the engine, killed, stopped, stuck, the lamps show
FAULT a second later, because this process hears nothing; whatever happens to this process, the
circuit in hardware.md lets the green go out and the amber on.
"""

import contextlib
import secrets
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import msgspec
import structlog

from edge.decision import Signal
from edge.errors import IndicatorError
from edge.indicator.console import ConsolePins
from edge.indicator.keeper import Closed, Feed, Keeper, Message, Quiet
from edge.indicator.pins import Pins, Pressed, Wiring
from edge.machine.opening import SEEN, leave_word
from edge.sharing import file_mode

TICK_S = 0.02
"""Seconds between two looks at socket and buttons, and between two settings of the pins."""

LARGEST_MESSAGE = 512
"""Bytes; a feed takes about 120."""

MESSAGES_A_TICK = 8
"""Messages read in one tick, so that a flood cannot keep the lamps from being set."""

ALIVE_TICKS = 50
"""Ticks between two signs of life."""

_DEVICE_TREE = Path("/proc/device-tree/model")
_LOG = structlog.get_logger("lamp")
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Message)


class LampFeed:
    """The engine's side: sends and never waits; whether anybody listens is in the answer."""

    def __init__(self, socket_path: Path) -> None:
        """Remember where the lamp keeper listens; it may start later, or again."""
        self._path = str(socket_path)
        self._session = secrets.randbits(62)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)

    def send(self, signal: Signal, frame_number: int) -> bool:
        """Tell the lamps what to show, as of a screened frame.

        Args:
            signal: What to show.
            frame_number: Number of the newest screened frame; one that does not advance keeps
                no light alive.

        Returns:
            Whether the message could be handed over.
        """
        return self._send(Feed(self._session, frame_number, time.monotonic(), signal))

    def quiet(self) -> bool:
        """Quiet the buzzer for the present STOP; returns as :meth:`send` does."""
        return self._send(Quiet())

    def closed(self) -> bool:
        """Say that a manager has seen to the box; returns as :meth:`send` does."""
        return self._send(Closed())

    def close(self) -> None:
        """Let the socket go; the lamps show FAULT a second later."""
        self._socket.close()

    def _send(self, message: Message) -> bool:
        try:
            self._socket.sendto(_ENCODER.encode(message), self._path)
        except OSError:  # not there, not there yet, or too busy to listen
            return False
        return True


class Inbox:
    """The lamp keeper's side of the socket.

    Attributes:
        refused: Datagrams so far that were no message.
    """

    def __init__(self, socket_path: Path) -> None:
        """Listen at ``socket_path`` (an old one is replaced).

        Raises:
            IndicatorError: The socket cannot be made.
        """
        self.refused = 0
        self._path = socket_path
        self._socket = _bound(socket_path)

    def listen_again(self) -> None:
        """Make the socket anew if somebody deleted its file: no feed would arrive any more.

        Raises:
            IndicatorError: It cannot be made.
        """
        if not self._path.exists():
            self._socket.close()
            self._socket = _bound(self._path)

    def messages(self) -> list[Message]:
        """Give what has come since the last call, oldest first; garbage is counted and dropped."""
        arrived = []
        for _ in range(MESSAGES_A_TICK):
            try:
                datagram = self._socket.recv(LARGEST_MESSAGE)
            except BlockingIOError:
                break
            try:
                arrived.append(_DECODER.decode(datagram))
            except msgspec.MsgspecError:
                self._refuse()
        return arrived

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _refuse(self) -> None:
        self.refused += 1
        if self.refused & (self.refused - 1) == 0:  # the first, then ever more rarely
            _LOG.warning(
                "something else than a message came", code="no-message", refused=self.refused
            )


def _bound(path: Path) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    bound.settimeout(0)
    try:
        path.unlink(missing_ok=True)
        bound.bind(str(path))
        path.chmod(file_mode(path.parent))
    except OSError as error:
        bound.close()
        raise IndicatorError(f"cannot listen at {path}: {error.strerror or error}") from error
    return bound


def keep_lamps(
    wiring: Wiring, socket_path: Path, stopping: Event, alive: Callable[[], None]
) -> None:
    """Be the lamp keeper until told to stop.

    Args:
        wiring: Which pins there are; the configuration's ``[indicator]``.
        socket_path: Where to listen.
        stopping: Ends it when set.
        alive: Called about once a second, after a setting of the pins.

    Raises:
        IndicatorError: The pins or the socket cannot be had, or a pin fails.
    """
    run_lamp(socket_path, open_pins(wiring), stopping, alive)


def run_lamp(socket_path: Path, pins: Pins, stopping: Event, alive: Callable[[], None]) -> None:
    """Keep the lamps of ``pins`` until told to stop, and leave amber on, however it ends.

    Args:
        socket_path: Where to listen.
        pins: What to switch.
        stopping: Ends it when set.
        alive: Called about once a second, after a setting of the pins.

    Raises:
        IndicatorError: The socket cannot be had, or a pin fails.
    """
    seen = socket_path.with_name(SEEN)
    keeper, buttons, ticks = Keeper(opened=seen.exists()), Pressed(), 0
    with contextlib.ExitStack() as undo:
        undo.callback(pins.leave)
        inbox = Inbox(socket_path)
        undo.callback(inbox.close)
        while not stopping.wait(TICK_S):
            now = time.monotonic()
            for message in inbox.messages():
                keeper.take(message, now)
            buttons = _press(keeper, buttons, pins.pressed(), now)
            pins.show(keeper.levels(now))
            leave_word(seen, opened=keeper.opened)
            if ticks % ALIVE_TICKS == 0:
                inbox.listen_again()
                alive()
            ticks += 1


def open_pins(wiring: Wiring) -> Pins:
    """Open the pins that a configuration asks for.

    Raises:
        IndicatorError: They cannot be had.
    """
    kind = wiring.pins
    if kind == "auto":
        kind = "gpio" if _on_a_pi() else "console"
    if kind == "console":
        return ConsolePins(sys.stdout)
    from edge.indicator import gpio  # noqa: PLC0415 - the engine imports this, without gpiozero

    return gpio.GpioPins(wiring, gpio.mock_factory() if kind == "mock" else gpio.pi_factory())


def pins_within_reach(wiring: Wiring) -> str:
    """Say which pins there are, without taking them from the lamp keeper that runs.

    Raises:
        IndicatorError: There are none where some are needed.
    """
    kind = ("gpio" if _on_a_pi() else "console") if wiring.pins == "auto" else wiring.pins
    if kind != "gpio":
        return f"{kind}: no lamps are wired to this machine"
    chips = sorted(Path("/dev").glob("gpiochip*"))
    if not chips:
        raise IndicatorError(
            "this machine gives no pins: is it a Raspberry Pi with a 64-bit system? Set "
            'indicator.pins to "console" on a machine without pins'
        )
    return f"gpio: {', '.join(chip.name for chip in chips)}"


def _on_a_pi() -> bool:
    try:
        return _DEVICE_TREE.read_text(encoding="utf-8").startswith("Raspberry Pi")
    except OSError:
        return False


def _press(keeper: Keeper, before: Pressed, held: Pressed, now: float) -> Pressed:
    """Act on a button as it goes down; a tick is longer than a contact bounces."""
    if held.acknowledge and not before.acknowledge:
        keeper.acknowledge(now)
    if held.test and not before.test:
        keeper.try_lamps(now)
    keeper.watch_box(is_open=held.opened)
    return held
