"""The warmest sensor counts; what no sensor says is not made up."""

from pathlib import Path

import pytest

from edge.machine.warmth import temperature


def zones(folder: Path, *told: str) -> Path:
    for number, text in enumerate(told):
        zone = folder / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "temp").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("told", "degrees"),
    [
        (("48312",), 48.312),
        (("48312\n", "61700"), 61.7),
        ((), None),
        (("", "no number"), None),
        (("-5250\n",), -5.25),
        (("-273000", "999000"), None),
        (("999000", "55000"), 55),
    ],
)
def test_the_warmest_counts(tmp_path: Path, told: tuple[str, ...], degrees: float | None) -> None:
    assert temperature(zones(tmp_path, *told)) == degrees


def test_a_sensor_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "thermal_zone0" / "temp").mkdir(parents=True)
    assert temperature(tmp_path) is None
