"""``doorwatch box-closed``: the manager's PIN, and one line."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.cli.main import main
from edge.config import Config
from edge.errors import IndicatorError, LinkError
from edge.link import LinkServer
from edge.questions import BoxClosedQuestion, UnlockQuestion


class Engine:
    """Answers as an engine would whose manager's PIN is 271828."""

    def __init__(self) -> None:
        self.open = False
        self.closed: list[str] = []

    def __call__(self, question: Any) -> object:
        match question:
            case UnlockQuestion(pin="271828"):
                return "a key"
            case BoxClosedQuestion(key=key) if not self.open:
                self.closed.append(key)
                return None
            case BoxClosedQuestion():
                raise IndicatorError("the box is open: close it, then try again")
        raise LinkError("that is not the manager's PIN")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The configuration file of a unit."""
    file = tmp_path / "doorwatch.toml"
    file.write_text(f"[paths]\nstate = '{tmp_path / 'state'}'\n")
    return file


@pytest.fixture
def engine(unit: Path) -> Iterator[Engine]:
    places = Config.load(unit).places({})
    places.prepare()
    engine = Engine()
    server = LinkServer(places.engine_socket, engine)
    yield engine
    server.close()


def run(unit: Path, pin: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
    return main(["box-closed", "--config", str(unit)])


def test_the_managers_pin_closes_the_box(
    unit: Path,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(unit, "271828", monkeypatch) == 0
    assert engine.closed == ["a key"]
    assert "screens again" in capsys.readouterr().out


def test_a_box_that_is_open_stays_a_fault_and_says_what_to_do(
    unit: Path,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine.open = True
    assert run(unit, "271828", monkeypatch) == 1
    assert capsys.readouterr().err == "doorwatch: the box is open: close it, then try again\n"


def test_a_wrong_pin_closes_nothing(
    unit: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(unit, "000000", monkeypatch) == 1
    assert engine.closed == []
