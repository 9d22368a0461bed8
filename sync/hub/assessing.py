"""What a draft's photos come to, before anything is saved: rings, misses, and who is like them."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.enrolment import Reference
from edge.errors import EnrolmentError
from edge.preflight import Forecast, Grade, Strength, forecast, strength, usual_threshold
from sync.hub.card import Card
from sync.hub.drafts import Draft
from sync.hub.register import Register


@dataclass(frozen=True, slots=True)
class Alike:
    """An entry that may be of the same person.

    Attributes:
        card: The entry.
        score: How alike; 1 is the same picture.
    """

    card: Card
    score: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the photos of a draft come to.

    Attributes:
        reference: Made of the photos that can be compared; None without any.
        mixed: Whether they show different people, which makes no reference.
        forecast: How often strangers would ring because of it.
        strength: How sure it recognises its person.
        alike: Entries that may be of the same person, best first, as far as the manager may see
            them.
        other: Whether a new photo of an entry does not seem to show that entry's person.
    """

    reference: Reference | None = None
    mixed: bool = False
    forecast: Forecast | None = None
    strength: Strength | None = None
    alike: tuple[Alike, ...] = ()
    other: bool = False

    @property
    def poor(self) -> bool:
        """Whether another photo is better than this reference."""
        return self.forecast is not None and self.forecast.grade is Grade.POOR


def assess(
    draft: Draft, register: Register, may_see: Callable[[Card], bool], now_ms: int
) -> Assessment:
    """Tell what a draft's photos come to, as the list stands now.

    Args:
        draft: Its photos, as far as it is clear which face is meant.
        register: The list; on the thread that owns it.
        may_see: Whether the manager may know of an entry.
        now_ms: Milliseconds since the epoch.

    Raises:
        ModelError: The networks of this hub lack what a forecast needs.
    """
    try:
        reference = draft.reference()
    except EnrolmentError:
        return Assessment(mixed=True)
    if reference is None:
        return Assessment()
    cards = register.cards()
    on_list = sum(card.templates for card in cards.values())
    threshold = usual_threshold(on_list + len(reference.templates))
    scores = {one.entry_id: one.score for one in register.alike(reference, now_ms)}
    return Assessment(
        reference=reference,
        forecast=forecast(reference.templates, threshold),
        strength=strength(reference.templates, threshold),
        alike=tuple(
            Alike(cards[entry_id], score)
            for entry_id, score in scores.items()
            if entry_id != draft.replaces and may_see(cards[entry_id])
        ),
        other=bool(draft.replaces) and draft.replaces not in scores,
    )
