"""Which phones ring, and when: the first at once, the second when nobody answers. Pure.

Each phone says what its duty is, and says again and again that it is awake and can be heard. The
page's process decides, so that no phone has to know of another one and no push service is asked.
Time is passed in (seconds, monotonic).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from edge.door import AlertView
from sync.entries import Category

ESCALATE_S = 20.0
"""Seconds after which the second phones ring too, where nobody answers."""

AWAY_S = 60.0
"""Seconds for which an alert is quiet once somebody says that he is on his way."""

AWAKE_S = 10.0
"""Seconds after which a phone that says nothing counts as asleep."""

MOST_PHONES = 32
"""Phones remembered; the one quiet for longest goes first."""


class Duty(StrEnum):
    """What a phone is there for."""

    FIRST = "first"
    SECOND = "second"
    WATCH = "watch"


class Sound(StrEnum):
    """How a phone calls: a ban may be heard, all else only felt, for it concerns nobody around."""

    LOUD = "loud"
    SOFT = "soft"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Phone:
    """What one phone said last.

    Attributes:
        duty: What it is there for.
        audible: Whether its sound is on.
        heard_at: When it said so.
    """

    duty: Duty
    audible: bool
    heard_at: float

    def awake(self, now: float) -> bool:
        """Tell whether it spoke a moment ago."""
        return now - self.heard_at <= AWAKE_S


@dataclass(slots=True)
class _Call:
    """One open alert: how it calls, and since when."""

    sound: Sound
    since: float
    away_until: float = 0.0

    def calling(self, now: float) -> bool:
        return now >= self.away_until

    def waited(self, now: float) -> float:
        return now - max(self.since, self.away_until)


class Bell:
    """The open alerts and the phones that may ring for them."""

    def __init__(self) -> None:
        """Start with neither."""
        self._phones: dict[str, Phone] = {}
        self._calls: dict[str, _Call] = {}

    def hear(self, key: str, duty: Duty, now: float, *, audible: bool) -> None:
        """Note that a phone is awake, what its duty is, and whether its sound is on."""
        self._phones.pop(key, None)
        self._phones[key] = Phone(duty, audible, now)
        while len(self._phones) > MOST_PHONES:
            del self._phones[next(iter(self._phones))]

    def leave(self, key: str) -> None:
        """Forget a phone: its shift is over."""
        self._phones.pop(key, None)

    def see(self, alerts: Iterable[AlertView], now: float) -> None:
        """Take the alerts there are; answered ones ring no more."""
        known, self._calls = self._calls, {}
        for one in alerts:
            if one.answer is None:
                call = known.get(one.alert_id) or _Call(Sound.NONE, now)
                call.sound = _sound_of(one)
                self._calls[one.alert_id] = call

    def on_the_way(self, alert_id: str, now: float) -> bool:
        """Quiet an alert for a while, on every phone; tells whether it is open."""
        call = self._calls.get(alert_id)
        if call is not None:
            call.away_until = now + AWAY_S
        return call is not None

    def expected(self, now: float) -> list[str]:
        """Name the alerts of which somebody said that he is on his way."""
        return [alert_id for alert_id, call in self._calls.items() if not call.calling(now)]

    def ring(self, key: str, now: float) -> Sound:
        """Say how a phone rings now."""
        phone = self._phones.get(key)
        if phone is None or phone.duty is Duty.WATCH:
            return Sound.NONE
        wait_s = ESCALATE_S if phone.duty is Duty.SECOND and self._first_rings(now) else 0.0
        due = {
            call.sound
            for call in self._calls.values()
            if call.calling(now) and call.waited(now) >= wait_s
        }
        return next((one for one in (Sound.LOUD, Sound.SOFT) if one in due), Sound.NONE)

    def escalated(self, now: float) -> bool:
        """Tell whether an alert waits for longer than the first phones had."""
        return any(
            call.calling(now) and call.waited(now) >= ESCALATE_S for call in self._calls.values()
        )

    def duty(self, key: str) -> Duty | None:
        """Give the duty of a phone, None where it has not said."""
        phone = self._phones.get(key)
        return None if phone is None else phone.duty

    def awake(self, duty: Duty, now: float) -> int:
        """Count the phones of a duty that are awake and can be heard."""
        return sum(
            one.duty is duty and one.audible and one.awake(now) for one in self._phones.values()
        )

    def _first_rings(self, now: float) -> bool:
        return self.awake(Duty.FIRST, now) > 0


def _sound_of(alert: AlertView) -> Sound:
    loud = alert.verdict == "STOP" and alert.category == Category.BANNED
    return Sound.LOUD if loud else Sound.SOFT
