from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from edge.cli import indicators
from edge.cli.indicators import STEPS
from edge.cli.main import main
from edge.config import Indicator
from edge.indicator.gpio import GpioPins

WIRING = Indicator()


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> MockFactory:
    """Stand in for the pins of a Raspberry Pi, and let nobody wait long for a button."""
    made = MockFactory()
    monkeypatch.setattr(indicators, "open_pins", lambda wiring: GpioPins(wiring, made))
    monkeypatch.setattr(indicators, "PATIENCE_S", 0.1)
    return made


def test_every_pattern_is_announced_and_amber_is_left_on(
    factory: MockFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test-indicators", "--pins", "mock", "--seconds", "0.1"]) == 0
    said = capsys.readouterr().out
    assert [said.index(sentence) for _, sentence in STEPS] == sorted(
        said.index(sentence) for _, sentence in STEPS
    )
    assert len({signal for signal, _ in STEPS}) == len(STEPS)
    assert factory.pin(WIRING.amber).state
    for name in ("green", "red", "buzzer"):
        pin = factory.pin(getattr(WIRING, name))
        assert not pin.state
        assert any(one.state for one in pin.states), f"{name} was never on"


def test_buttons_that_are_pressed_work(
    factory: MockFactory, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = GpioPins(WIRING, factory)
    monkeypatch.setattr(indicators, "open_pins", lambda _: pins)
    for number in (WIRING.acknowledge, WIRING.test):
        factory.pin(number).drive_low()
    assert main(["test-indicators", "--pins", "gpio", "--seconds", "0.02"]) == 0
    said = capsys.readouterr().out
    assert "The acknowledge button works." in said
    assert "The test button works." in said


def test_a_button_nobody_presses_is_named_with_its_pin(
    factory: MockFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test-indicators", "--pins", "gpio", "--seconds", "0.02"]) == 1
    assert "from pin BCM 24 to ground" in capsys.readouterr().err
    assert factory.pin(WIRING.amber).state


def test_the_configuration_says_which_pins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "door.toml"
    file.write_text('[indicator]\npins = "console"\n', encoding="utf-8")
    assert main(["test-indicators", "--config", str(file), "--seconds", "0.02"]) == 0
    assert "Done." in capsys.readouterr().out
