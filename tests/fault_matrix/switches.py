"""Switches that one process throws and another obeys: files in a folder."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TICK_S = 0.01


class Switches:
    """A folder of switches; one that is there is on, and what it holds is its value."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def on(self, name: str, value: str = "") -> None:
        """Throw a switch, all of it at once."""
        draft = self._folder / f".{name}"
        draft.write_text(value)
        draft.replace(self._folder / name)

    def off(self, name: str) -> None:
        """Take a switch back."""
        (self._folder / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Take every switch back."""
        for path in self._folder.iterdir():
            path.unlink()

    def value(self, name: str) -> str | None:
        """Give what a switch holds, None while it is off."""
        try:
            return (self._folder / name).read_text()
        except FileNotFoundError:
            return None

    def gate(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        """Give a step that hangs, fails or slows down while its switch says so."""

        def gated(*args: Any, **named: Any) -> Any:
            while (value := self.value(name)) == "hang":
                time.sleep(TICK_S)
            if value is not None and value.startswith("slow "):
                time.sleep(float(value.removeprefix("slow ")))
            elif value is not None:
                raise FAILURES[value]
            return step(*args, **named)

        return gated


FAILURES: dict[str, Exception] = {
    "memory": MemoryError(),
    "bug": ZeroDivisionError("division by zero"),
    "system": OSError(5, "Input/output error"),
}
"""What a gate raises, by the value of its switch."""
