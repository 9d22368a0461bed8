"""Follow people from frame to frame: one track per person, one fused template per track."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from edge.vision.face import Face, FloatArray
from edge.vision.fusion import Fusion

PATIENCE_S = 1.0
"""How long a person may be out of sight before the track is lost."""
MEMORY_S = 10.0
"""How long a lost track can still be taken up again by its template."""
ALIKE = 0.47
"""From this cosine on a face near a track is its person, whoever else stands closer."""
SURELY_ALIKE = 0.61
"""From this cosine on a face anywhere is the track's person: they moved, or came back."""
UNLIKE = 0.33
"""Below this cosine a usable face is another person, wherever it is seen."""
_CONFIRMED = 2
_NEARBY = 2.0
"""Closer than this to somebody in view, in the unit of ``_Trail.distance``, a single face may be
a misplaced view of that person: nobody is counted for it."""
_DAMPING = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person, as far as followed.

    Attributes:
        number: Counts up from 1; the same person keeps it.
        first_seen: Time of the first face, as passed to ``Tracker.update``.
        last_seen: Time of the latest face.
        face: The latest face.
        usable: How many usable faces went into ``fused``.
        fused: float32[D] of unit length, the quality-weighted mean of the usable faces'
            templates; None before the first.
        lost: Out of sight for longer than ``PATIENCE_S``. A lost track is given once, and
            again with ``lost`` unset if its person comes back within ``MEMORY_S``.
    """

    number: int
    first_seen: float
    last_seen: float
    face: Face
    usable: int
    fused: FloatArray | None
    lost: bool


@dataclass(slots=True, eq=False)
class _Trail:
    """What the tracker keeps of one person.

    ``number`` is 0 while a person who appeared in another's place has been seen only once.
    """

    number: int
    first_seen: float
    last_seen: float
    face: Face
    fusion: Fusion
    lost: bool = False
    seen: int = 1
    speed: tuple[float, float] = field(default=(0.0, 0.0))

    def take(self, face: Face, at: float) -> None:
        """Add the next face."""
        gap = max(at - self.last_seen, 1e-3)
        (x0, y0), (x1, y1) = self.face.centre, face.centre
        close = gap <= PATIENCE_S
        self.speed = ((x1 - x0) / gap, (y1 - y0) / gap) if close else (0.0, 0.0)
        self.face, self.last_seen, self.lost = face, at, False
        self.fusion = self.fusion.plus(face)
        self.seen += 1

    def distance(self, face: Face, at: float) -> float:
        """Give how far a face is from where it was expected: 1 is the limit of the possible."""
        gap = at - self.last_seen
        ahead = min(gap, PATIENCE_S / 2) * _DAMPING
        x, y = self.face.centre
        dx = face.centre[0] - x - self.speed[0] * ahead
        dy = face.centre[1] - y - self.speed[1] * ahead
        wide, narrow = sorted((self.face.width, face.width), reverse=True)
        apart = float((dx * dx + dy * dy) ** 0.5) / max(wide, 1e-6) / (0.7 + gap)
        growth = (wide / max(narrow, 1e-6) - 1) / (0.7 + gap)
        return max(apart, growth)

    def track(self) -> Track:
        """Give what others may see of it."""
        return Track(
            self.number,
            self.first_seen,
            self.last_seen,
            self.face,
            self.fusion.usable,
            self.fusion.template,
            self.lost,
        )


class Tracker:
    """Groups the faces of successive frames into people.

    Place and template both speak. Where both templates are good, the template has the last
    word: a face unlike a track's fused template never joins it, so that nobody passes behind
    somebody else's verdict; a face that is surely alike joins from anywhere, so that nobody is
    counted twice. Where a face is not usable, only its place speaks.
    """

    def __init__(self) -> None:
        """Start with nobody in view."""
        self._trails: list[_Trail] = []
        self._numbers = count(1)

    def update(self, faces: Sequence[Face], at: float) -> tuple[Track, ...]:
        """Take the faces of the next frame.

        Args:
            faces: Every face in the frame.
            at: When it was taken, seconds on a clock that never goes back.

        Returns:
            The tracks in view or lost for at most ``PATIENCE_S``, and, once, those that are
            lost with this frame; by number.
        """
        self._forget(at)
        free = self._joined(faces, at)
        for index in free:
            self._begin(faces[index], at)
        given = [trail.track() for trail in self._trails if trail.number and self._shown(trail, at)]
        return tuple(sorted(given, key=lambda track: track.number))

    def _forget(self, at: float) -> None:
        """Drop those out of memory, and the unconfirmed who did not come back at once."""
        self._trails = [
            trail
            for trail in self._trails
            if at - trail.last_seen <= (MEMORY_S if trail.number else PATIENCE_S / 2)
        ]

    def _joined(self, faces: Sequence[Face], at: float) -> list[int]:
        """Give each face to the trail that suits it best, best pairs first.

        Returns:
            The faces that no trail took.
        """
        pairs = [
            (fit, t, f)
            for t, trail in enumerate(self._trails)
            for f, face in enumerate(faces)
            if (fit := _fit(trail, face, at)) is not None
        ]
        free, idle = set(range(len(faces))), set(range(len(self._trails)))
        for _, t, f in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
            if t in idle and f in free:
                idle.remove(t)
                free.remove(f)
                self._take(self._trails[t], faces[f], at)
        return sorted(free)

    def _take(self, trail: _Trail, face: Face, at: float) -> None:
        """Add a face to a trail, which may confirm it."""
        trail.take(face, at)
        if not trail.number and trail.seen >= _CONFIRMED:
            trail.number = next(self._numbers)

    def _begin(self, face: Face, at: float) -> None:
        """Begin a trail; a doubtful one has to be seen twice before anybody is counted.

        Doubtful is a face that is not usable, which may be none, and one near somebody in view.
        """
        usurps = any(
            trail.distance(face, at) < _NEARBY
            for trail in self._trails
            if trail.number and at - trail.last_seen <= PATIENCE_S
        )
        doubtful = usurps or not face.quality.usable
        number = 0 if doubtful else next(self._numbers)
        self._trails.append(_Trail(number, at, at, face, Fusion().plus(face)))

    def _shown(self, trail: _Trail, at: float) -> bool:
        """Mark what is lost; say whether the trail is still, or for the last time, shown."""
        if at - trail.last_seen <= PATIENCE_S:
            return True
        newly, trail.lost = not trail.lost, True
        return newly


def _fit(trail: _Trail, face: Face, at: float) -> float | None:
    """Say how well a face continues a trail, or None where it cannot be the same person.

    Pairs that are alike come before all that are only near.
    """
    likeness = trail.fusion.likeness(face)
    if likeness is not None and likeness >= SURELY_ALIKE:
        return 1 + likeness
    if at - trail.last_seen > PATIENCE_S:
        return None
    if likeness is not None and likeness < UNLIKE and face.quality.usable:
        return None
    distance = trail.distance(face, at)
    if distance >= 1:
        return None
    near = 1 - distance
    return near + likeness if likeness is not None and likeness >= ALIKE else near
