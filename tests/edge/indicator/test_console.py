import io

from edge.indicator.console import ConsolePins
from edge.indicator.pattern import DARK, Levels
from edge.indicator.pins import Pressed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lamps_are_drawn_in_one_line_of_a_terminal() -> None:
    terminal = Terminal()
    pins = ConsolePins(terminal)
    for levels in (DARK, DARK, Levels(red=True, buzzer=True)):
        pins.show(levels)
    pins.leave()
    drawn = terminal.getvalue().split("\r")[1:]
    assert drawn == [
        "○ green   ○ amber   ○ red   ○ buzzer",
        "○ green   ○ amber   ● red   ● buzzer",
        "○ green   ● amber   ○ red   ○ buzzer\n",
    ]


def test_a_log_gets_no_blinking() -> None:
    log = io.StringIO()
    pins = ConsolePins(log)
    pins.show(Levels(red=True))
    pins.leave()
    assert log.getvalue() == ""


def test_a_console_has_no_buttons() -> None:
    assert ConsolePins(io.StringIO()).pressed() == Pressed()
