"""Entries in the making: photos and words that are in memory only, for half an hour.

A draft belongs to one person. Nothing of it reaches the disk before it is saved, and what is not
saved is forgotten.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from edge.enrolment import Reference, joined
from sync.errors import HubError
from sync.hub.examining import Examined, FoundFace

MOST_PHOTOS = 5
"""Photos of one draft."""

IDLE_S = 30 * 60.0
"""Seconds after which a draft that nobody touched is forgotten."""

MOST_OF_ONE = 4
"""Drafts of one person; the oldest goes when another begins."""

MOST_DRAFTS = 100
"""Drafts of all people."""


@dataclass(slots=True)
class Shot:
    """One photo of a draft.

    Attributes:
        number: Names it within the draft.
        examined: What it shows.
        choice: Which of its faces is the person; None while nobody has said.
    """

    number: int
    examined: Examined
    choice: int | None = None

    @property
    def face(self) -> FoundFace | None:
        """The face of the person; None while nobody has said which, and where there is none."""
        return None if self.choice is None else self.examined.faces[self.choice]

    @property
    def usable(self) -> bool:
        """Whether the person's face can be compared."""
        return self.face is not None and self.face.usable

    @property
    def open_question(self) -> bool:
        """Whether somebody has to say which face it is."""
        return self.choice is None and bool(self.examined.faces)


@dataclass(slots=True)
class Draft:
    """One entry in the making.

    Attributes:
        draft_id: Random; names it in addresses.
        owner: Account of the one who works on it.
        replaces: The entry whose photo is to be replaced; "" for a new entry.
        touched_s: When it was last used, seconds of any clock that goes forward.
        shots: Its photos, in the order in which they came.
        refusals: One line for each photo that was no good, until they have been shown.
        typed: What was typed into the form.
        entry_id: The entry it becomes, once it was saved; "" before.
        published: Whether that is past undoing.
    """

    draft_id: str
    owner: str
    replaces: str
    touched_s: float
    shots: list[Shot] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    entry_id: str = ""
    published: bool = False
    _numbers: int = 0

    def add(self, examined: Examined) -> Shot:
        """Add a photo; where one person alone stands in front, that is who is meant.

        Raises:
            HubError: There are enough already.
        """
        if len(self.shots) >= MOST_PHOTOS:
            raise HubError(f"a person is entered from at most {MOST_PHOTOS} photos")
        self._numbers += 1
        in_front = [number for number, face in enumerate(examined.faces) if not face.background]
        shot = Shot(self._numbers, examined, in_front[0] if len(in_front) == 1 else None)
        self.shots.append(shot)
        return shot

    def shot(self, number: int) -> Shot:
        """Give a photo.

        Raises:
            HubError: There is none of that number.
        """
        for one in self.shots:
            if one.number == number:
                return one
        raise HubError("that photo is not there any more")

    def choose(self, number: int, face: int) -> None:
        """Say which face of a photo is the person.

        Raises:
            HubError: There is no such photo or face.
        """
        shot = self.shot(number)
        if not 0 <= face < len(shot.examined.faces):
            raise HubError("that photo does not show so many faces")
        shot.choice = face

    def drop(self, number: int) -> None:
        """Forget a photo; one that is not there is forgotten already."""
        self.shots = [one for one in self.shots if one.number != number]

    @property
    def undecided(self) -> bool:
        """Whether a photo shows several people and nobody has said which it is."""
        return any(one.open_question for one in self.shots)

    def reference(self) -> Reference | None:
        """Make the reference of the photos that can be compared; None without any.

        Raises:
            EnrolmentError: They show different people.
        """
        faces = list(self._usable())
        if not faces:
            return None
        model_id = self.shots[0].examined.model_id
        return joined([face.portrait() for face in faces], model_id)

    def _usable(self) -> Iterator[FoundFace]:
        for shot in self.shots:
            if shot.face is not None and shot.face.usable:
                yield shot.face


class Drafts:
    """All drafts, for one thread. Seconds of a clock that goes forward are passed in."""

    def __init__(self) -> None:
        """Hold none."""
        self._drafts: dict[str, Draft] = {}

    def begin(self, owner: str, now_s: float, replaces: str = "") -> Draft:
        """Begin a draft; what somebody left lying too long makes room for it.

        Args:
            owner: Account of whoever begins it.
            now_s: The present moment.
            replaces: The entry whose photo is to be replaced; "" for a new entry.
        """
        self.forget_old(now_s)
        own = [one for one in self._drafts.values() if one.owner == owner]
        self._make_room(own, MOST_OF_ONE)
        self._make_room(list(self._drafts.values()), MOST_DRAFTS)
        draft = Draft(secrets.token_urlsafe(16), owner, replaces, now_s)
        self._drafts[draft.draft_id] = draft
        return draft

    def of(self, draft_id: str, owner: str, now_s: float) -> Draft | None:
        """Give somebody's own draft; None where it is over, or somebody else's."""
        self.forget_old(now_s)
        draft = self._drafts.get(draft_id)
        if draft is None or draft.owner != owner:
            return None
        draft.touched_s = now_s
        return draft

    def end(self, draft: Draft) -> None:
        """Forget a draft with all its photos."""
        self._drafts.pop(draft.draft_id, None)

    def end_of(self, owner: str) -> None:
        """Forget all that somebody was at: the session has ended."""
        for draft in [one for one in self._drafts.values() if one.owner == owner]:
            self.end(draft)

    def __len__(self) -> int:
        """Count the drafts."""
        return len(self._drafts)

    def forget_old(self, now_s: float) -> None:
        """Forget what nobody touched for too long."""
        for draft in [one for one in self._drafts.values() if one.touched_s + IDLE_S <= now_s]:
            self.end(draft)

    def _make_room(self, among: Sequence[Draft], most: int) -> None:
        oldest_first = sorted(among, key=lambda one: one.touched_s)
        for draft in oldest_first[: max(0, len(oldest_first) - most + 1)]:
            self.end(draft)
