import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from edge.config import Indicator
from edge.errors import IndicatorError
from edge.indicator.gpio import BEAT, GpioPins, pi_factory
from edge.indicator.pattern import DARK, Levels
from edge.indicator.pins import Pressed

WIRING = Indicator()


@dataclass
class Board:
    """Mock pins, by what they are wired to."""

    factory: MockFactory

    def __getitem__(self, name: str) -> bool:
        return bool(self.factory.pin(getattr(WIRING, name)).state)

    def edges(self, name: str) -> int:
        states = [bool(one.state) for one in self.factory.pin(getattr(WIRING, name)).states]
        return sum(not before and after for before, after in pairwise(states))

    def hold(self, name: str) -> None:
        self.factory.pin(getattr(WIRING, name)).drive_low()

    def let_go(self, name: str) -> None:
        self.factory.pin(getattr(WIRING, name)).drive_high()


@pytest.fixture
def board() -> Board:
    return Board(MockFactory())


@pytest.fixture
def pins(board: Board) -> GpioPins:
    return GpioPins(WIRING, board.factory)


def test_everything_is_off_at_first(pins: GpioPins, board: Board) -> None:
    assert [board[name] for name in ("green", "amber", "red", "buzzer")] == [False] * 4


@pytest.mark.parametrize("name", ["amber", "red", "buzzer"])
def test_each_level_drives_its_own_pin(pins: GpioPins, board: Board, name: str) -> None:
    pins.show(Levels(**{name: True}))
    lit = {one for one in ("green", "amber", "red", "buzzer") if board[one]}
    assert lit == {name}
    pins.show(DARK)
    assert not board[name]


def test_green_is_a_pulse_train_with_an_edge_in_every_tenth_of_a_second(
    pins: GpioPins, board: Board
) -> None:
    for _ in range(50):
        pins.show(Levels(green=True))
    assert board.edges("green") == 50 / BEAT


def test_a_green_that_is_no_longer_shown_has_no_edges(pins: GpioPins, board: Board) -> None:
    pins.show(Levels(green=True))
    edges = board.edges("green")
    for _ in range(50):
        pins.show(DARK)
    assert board.edges("green") == edges
    assert not board["green"]


def test_buttons_are_held_low(pins: GpioPins, board: Board) -> None:
    assert pins.pressed() == Pressed()
    board.hold("acknowledge")
    assert pins.pressed() == Pressed(acknowledge=True)
    board.let_go("acknowledge")
    board.hold("test")
    assert pins.pressed() == Pressed(test=True)


def test_a_switch_of_the_box_is_open_where_nothing_holds_it_low(board: Board) -> None:
    wiring = Indicator(tamper=26)
    pins, switch = GpioPins(wiring, board.factory), board.factory.pin(26)
    assert pins.pressed() == Pressed(opened=True)
    switch.drive_low()
    assert pins.pressed() == Pressed()
    switch.drive_high()
    assert pins.pressed() == Pressed(opened=True)


def test_amber_is_left_on_even_when_nobody_holds_the_pins_any_more(board: Board) -> None:
    pins = GpioPins(WIRING, board.factory)
    pins.show(Levels(green=True, red=True, buzzer=True))
    pins.leave()
    del pins
    lit = [name for name in ("green", "amber", "red", "buzzer") if board[name]]
    assert lit == ["amber"]


def test_one_pin_for_two_things_is_refused(board: Board) -> None:
    with pytest.raises(IndicatorError, match="a pin of its own"):
        GpioPins(Indicator(red=17), board.factory)


def test_a_pin_that_cannot_be_had_is_one_clear_line() -> None:
    class Busy(MockFactory):  # type: ignore[misc]  # gpiozero has no types
        def pin(self, name: object) -> None:
            raise OSError("GPIO busy")

    with pytest.raises(IndicatorError, match=r"GPIO busy.*another lamp keeper"):
        GpioPins(WIRING, Busy())


def test_a_pin_that_fails_later_is_one_clear_line(pins: GpioPins, board: Board) -> None:
    board.factory.pin(WIRING.amber).function = "input"
    board.factory.pin(WIRING.acknowledge).function = "input"
    with pytest.raises(IndicatorError, match="cannot be switched"):
        pins.show(Levels(amber=True))


def test_a_button_that_cannot_be_read_is_one_clear_line() -> None:
    class Gone(MockPin):  # type: ignore[misc]  # gpiozero has no types
        def _get_state(self) -> bool:
            raise OSError("no such device")

    pins = GpioPins(WIRING, MockFactory(pin_class=Gone))
    with pytest.raises(IndicatorError, match="cannot be read"):
        pins.pressed()


def test_the_pins_of_a_raspberry_pi_are_those_of_lgpio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        sys.modules, "gpiozero.pins.lgpio", SimpleNamespace(LGPIOFactory=MockFactory)
    )
    assert isinstance(pi_factory(), MockFactory)


def test_pins_that_may_not_be_opened_say_so_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise RuntimeError("can not open gpiochip")

    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", SimpleNamespace(LGPIOFactory=refuse))
    with pytest.raises(IndicatorError, match=r"can not open gpiochip.*group gpio"):
        pi_factory()


def test_a_machine_without_pins_says_so_and_what_to_do() -> None:
    with pytest.raises(IndicatorError, match="console"):
        pi_factory()


def test_the_engine_s_end_of_the_socket_needs_no_gpiozero() -> None:
    loaded = "import edge.indicator.lamp, sys; raise SystemExit('gpiozero' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
