"""What the clip is known to show, and whether the unit saw it.."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 as parts of the frame's width and height."""

LEAST_OVERLAP = 0.2
"""Shared part of two boxes from which they show one face."""


class Appearance(Struct, frozen=True):
    """One person walking up once.

    Attributes:
        who: ``listed``, ``stranger one``, ``stranger two``.
        manner: How they come, a few words.
        expected: Name of the right verdict.
        first_frame: Number of the first frame that shows them.
        path: The face in that frame and the following ones.
    """

    who: str
    manner: str
    expected: str
    first_frame: int
    path: tuple[Box, ...]

    @property
    def last_frame(self) -> int:
        """Number of the last frame that shows them."""
        return self.first_frame + len(self.path) - 1

    def at(self, frame: int) -> Box | None:
        """Give the face in one frame, or None where the person is not there."""
        place = frame - self.first_frame
        return self.path[place] if 0 <= place < len(self.path) else None


class Sighting(Struct, frozen=True):
    """What the unit said about one encounter.

    Attributes:
        number: Number of the encounter.
        boxes: The face by frame number, wherever a snapshot showed it.
        shown: Names of the verdicts that were shown, in their order.
        score: The best candidate's score, or None.
        waited_s: Seconds from the first sight to the last change of the verdict.
        latency_ms: From a frame being taken to its first verdict being known.
    """

    number: int
    boxes: dict[int, Box]
    shown: tuple[str, ...]
    score: float | None
    waited_s: float
    latency_ms: float


class Outcome(Struct, frozen=True):
    """One appearance beside the encounters that showed it.

    Attributes:
        appearance: What the clip shows.
        sightings: Every encounter that was this person; one, if all is well.
    """

    appearance: Appearance
    sightings: tuple[Sighting, ...]

    @property
    def is_right(self) -> bool:
        """Whether the person was counted once, with the right verdict, and no green before it."""
        if len(self.sightings) != 1:
            return False
        expected, shown = self.appearance.expected, self.sightings[0].shown
        return shown[-1:] == (expected,) and (expected == "CLEAR" or "CLEAR" not in shown)


def compare(
    appearances: Sequence[Appearance], sightings: Iterable[Sighting]
) -> tuple[tuple[Outcome, ...], tuple[Sighting, ...]]:
    """Put each encounter to the person whose path it follows.

    Returns:
        One outcome for each appearance, and the encounters that were nobody in the clip.
    """
    found: list[list[Sighting]] = [[] for _ in appearances]
    nobody: list[Sighting] = []
    for sighting in sightings:
        shares = [_likeness(appearance, sighting) for appearance in appearances]
        best = max(range(len(shares)), key=shares.__getitem__)
        (found[best] if shares[best] >= LEAST_OVERLAP else nobody).append(sighting)
    outcomes = (
        Outcome(appearance, tuple(own)) for appearance, own in zip(appearances, found, strict=True)
    )
    return tuple(outcomes), tuple(nobody)


def _likeness(appearance: Appearance, sighting: Sighting) -> float:
    """Average the overlap of the two paths over the frames of the encounter."""
    shares = [
        overlap(box, truth) if (truth := appearance.at(frame)) else 0.0
        for frame, box in sighting.boxes.items()
    ]
    return sum(shares) / len(shares) if shares else 0.0


def overlap(one: Box, other: Box) -> float:
    """Give the shared area of two boxes over their joint area, in [0, 1]."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    joint = _area(one) + _area(other) - shared
    return shared / joint if joint > 0 else 0.0


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
