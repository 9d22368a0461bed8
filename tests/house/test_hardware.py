"""hardware.md says what the configuration, the lenses and the circuit say."""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.config import Indicator
from edge.indicator.gpio import BEAT
from edge.indicator.lamp import TICK_S

STEP_S = 2e-5


@pytest.fixture(scope="module", autouse=True)
def _scripts(root: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "deploy")
        yield


def test_the_pin_table_is_the_default_configuration(root: Path) -> None:
    text = (root / "hardware.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+)(?: lamp| button)? \| (\d+) \| \d+ \|", text, re.MULTILINE)
    wiring = Indicator()
    names = ("green", "amber", "red", "buzzer", "acknowledge", "test")
    assert {name: int(bcm) for name, bcm in rows} == {n: getattr(wiring, n) for n in names}


def test_the_tables_are_up_to_date(root: Path) -> None:
    text = (root / "hardware.md").read_text(encoding="utf-8")
    tables = importlib.import_module("hardware_tables")
    assert text == tables.guide(text), "run python deploy/hardware_tables.py"


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("draw_wiring", "wiring.svg"),
        ("draw_sketches", "header.svg"),
        ("draw_sketches", "doorway.svg"),
    ],
)
def test_the_drawings_are_up_to_date(root: Path, script: str, name: str) -> None:
    drawn = (root / "deploy" / name).read_text(encoding="utf-8")
    draw = importlib.import_module(script).DRAWINGS[name]
    assert drawn == draw(), f"run python deploy/{script}.py"


@pytest.mark.parametrize("name", ["lamp", "engine", "page"])
def test_each_process_has_its_unit_and_only_the_page_a_network(root: Path, name: str) -> None:
    unit = (root / f"systemd/doorwatch-{name}.service").read_text(encoding="utf-8")
    assert f"ExecStart=/opt/doorwatch/current/bin/doorwatch {name}\n" in unit
    assert ("PrivateNetwork=yes" in unit) == (name != "page")
    wiring = Indicator()
    if name == "lamp":
        low = f"{wiring.green},{wiring.red},{wiring.buzzer}"
        assert f"pinctrl set {low} op dl" in unit
        assert f"pinctrl set {wiring.amber} op dh" in unit


def gate(pin: Callable[[float], float], seconds: float) -> list[float]:
    """Work out the gate's voltage behind the missing-pulse circuit, every 20 microseconds."""
    series_ohm, bleed_ohm, pump_f, gate_f = 1e3, 470e3, 1e-6, 470e-9
    clamp_v, diode_v = 0.3, 0.6
    pump_v, gate_v, seen = 0.0, 0.0, []
    for step in range(round(seconds / STEP_S)):
        node_v = pin(step * STEP_S) - pump_v
        if node_v > gate_v + diode_v:
            amps = (node_v - gate_v - diode_v) / series_ohm
            gate_v += amps * STEP_S / gate_f
            pump_v += amps * STEP_S / pump_f
        elif node_v < -clamp_v:
            pump_v += (node_v + clamp_v) / series_ohm * STEP_S / pump_f
        gate_v -= gate_v / bleed_ohm * STEP_S / gate_f
        seen.append(gate_v)
    return seen


def test_the_missing_pulse_circuit_does_what_the_guide_calculates() -> None:
    period_s, high_s = BEAT * TICK_S, (BEAT - 1) * TICK_S

    def train(at: float) -> float:
        return 3.3 if at % period_s < high_s or at > 1.5 else 0.0

    volts = gate(train, 3.0)
    fed = volts[round(1.0 / STEP_S) : round(1.5 / STEP_S)]
    assert 1.7 < min(fed) < max(fed) < 2.3
    stuck = volts[round(1.5 / STEP_S) :]
    earliest, latest = (sum(v > threshold for v in stuck) * STEP_S for threshold in (1.45, 0.65))
    assert 0.2 < earliest < latest < 0.95
