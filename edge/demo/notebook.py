"""Writes down what each snapshot said of each encounter, so that it can be compared afterwards."""

from dataclasses import dataclass, field

from edge.demo.truth import Box, Sighting
from edge.door import DoorState, EncounterView


@dataclass(slots=True)
class _Page:
    """One encounter so far."""

    boxes: dict[int, Box] = field(default_factory=dict)
    view: EncounterView | None = None
    shown: list[str] = field(default_factory=list)
    waited_s: float = 0.0


class Notebook:
    """Everything seen of the encounters that began in one round of the clip."""

    def __init__(self, frames: int | None = None) -> None:
        """Begin; encounters that start at frame ``frames`` or later are another round's."""
        self._frames = frames
        self._pages: dict[int, _Page] = {}

    def note(self, state: DoorState) -> list[EncounterView]:
        """Take one snapshot down; give the encounters whose verdict is new in it."""
        changed = []
        for view in reversed(state.encounters):
            if self._frames is not None and view.first_frame >= self._frames:
                continue
            page = self._pages.setdefault(view.number, _Page())
            before = page.view.verdict if page.view else None
            page.view = view
            if not view.ended:
                page.boxes[view.last_frame] = view.box
            if view.verdict != before:
                page.waited_s = view.seen_s
                page.shown += [view.verdict] if view.verdict else []
                changed.append(view)
        return changed

    def sightings(self) -> tuple[Sighting, ...]:
        """Give all encounters, in the order of their numbers."""
        return tuple(
            Sighting(
                number=number,
                boxes=page.boxes,
                shown=tuple(page.shown),
                score=page.view.score,
                waited_s=page.waited_s,
                latency_ms=page.view.latency_ms,
            )
            for number, page in sorted(self._pages.items())
            if page.view is not None
        )
