"""The benchmarks run end to end, small: real hub, real broker, real units."""

from pathlib import Path

import msgspec
import pytest

from sync.hub.cli.main import main

pytestmark = pytest.mark.slow


def _benched(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["bench", *words, "--json"]) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert "processors" in told["machine"]
    found: dict[str, object] = told["found"]
    return found


def test_a_ban_reaches_real_units(mosquitto: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _benched(capsys, "lag", "--units", "2", "--changes", "4")
    assert found["units"] == 2
    assert found["last"]["runs"] == 4  # type: ignore[index]
    assert found["each"]["runs"] == 8  # type: ignore[index]
    assert 0 < found["last"]["p50"]["value_ms"] < 10_000  # type: ignore[index]


def test_an_empty_unit_takes_a_long_list(
    mosquitto: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _benched(capsys, "cold", "--entries", "300", "--runs", "1")
    (start,) = found["starts"]  # type: ignore[misc]
    assert 0 < start["seconds"] < 60


def test_one_entry_reaches_simulated_units(
    mosquitto: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loads = _benched(capsys, "many", "--units", "5", "--changes", "2")
    assert [load["units"] for load in loads] == [5]  # type: ignore[index]
    assert all(load["lost"] == 0 for load in loads)  # type: ignore[index]
    assert all(load["each"]["runs"] == 2 * load["units"] for load in loads)  # type: ignore[index]


def test_managers_find_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--entries", "80", "--managers", "1", "--seconds", "2", "--think", "0.02")
    found = _benched(capsys, "web", *words)
    assert found["entries"] == 80
    pages = {page["name"]: page for page in found["pages"]}  # type: ignore[attr-defined]
    assert {"sign in, password", "home", "list", "entry"} <= pages.keys()
    assert [name for name, page in pages.items() if page["failed"]] == []
    assert all(0 < page["p50"]["value_ms"] <= page["most_ms"] for page in pages.values())


@pytest.mark.parametrize(
    "words",
    [
        ("lag", "--units", "0"),
        ("cold", "--entries", "0"),
        ("many", "--changes", "0"),
        ("web", "--managers", "0"),
    ],
)
def test_nothing_cannot_be_timed(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 1
    assert "is at least 1" in capsys.readouterr().err
