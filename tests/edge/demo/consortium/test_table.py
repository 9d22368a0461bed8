from dataclasses import replace

from rich.console import Console, RenderableType

from edge.demo.consortium.table import TOLD, DoorRow, Told, doors, draw
from edge.indicator.pattern import DARK, Levels

ROW = DoorRow(
    venue="Anchor",
    lit=DARK,
    verdict="idle",
    entries=2,
    root="ab" * 32,
    is_level=True,
    lag_ms=41,
    standing="up to date",
)


def _text(drawn: RenderableType) -> str:
    console = Console(width=120, force_terminal=False)
    with console.capture() as captured:
        console.print(drawn)
    return captured.get()


def test_each_door_has_a_line_with_its_root_and_its_lag() -> None:
    text = _text(doors((ROW, replace(ROW, venue="Cellar", lag_ms=None))))
    anchor, cellar = (next(x for x in text.splitlines() if name in x) for name in ("Anch", "Cell"))
    assert "abababababab" in anchor
    assert "41 ms" in anchor
    assert "ms" not in cellar


def test_a_red_light_shows() -> None:
    row = replace(ROW, lit=Levels(red=True))
    assert "● · ·" in _text(doors((row,)))
    assert "●" not in _text(doors((ROW,)))


def test_a_door_that_cannot_read_its_list_shows_no_number() -> None:
    line = next(x for x in _text(doors((replace(ROW, entries=None),))).splitlines() if "Anch" in x)
    assert " - " in line


def test_only_the_last_lines_of_what_happened_are_shown() -> None:
    told = tuple(Told(f"line {number:03}") for number in range(TOLD + 3))
    text = _text(draw((ROW,), "hub", told))
    assert "line 002" not in text
    assert f"line {TOLD + 2:03}" in text
