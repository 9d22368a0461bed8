"""Nights as doors tell them, for sites that want something on the page "What happened"."""

import random

from hub_site import DAY_MS, SiteDoor
from sync.hub.hubclock import now_ms

ACCEPTED = (("red-budget", 1000), ("check-budget", 16_000), ("entrants", 800))


def a_night(door: SiteDoor, nights_ago: int, **counts: int) -> None:
    """Let a door tell of one night, as an engine does that was started for it."""
    at_ms = now_ms() - nights_ago * DAY_MS
    told = {name.replace("_", "-"): count for name, count in counts.items()}
    door.report(at_ms, counts=(*told.items(), *ACCEPTED, ("since", at_ms // 1000 - 60)))


def many_nights(door: SiteDoor, nights: int = 14, seed: int = 7) -> None:
    """Let a door tell of a row of nights, the last of them tonight; more people at weekends."""
    chance = random.Random(seed)
    for ago in range(nights - 1, -1, -1):
        people = chance.randint(150, 420) * (2 if ago % 7 in (1, 2) else 1)
        wrong, refused = int(chance.random() < 0.3), chance.randint(0, 2)
        let_in, open_ = int(chance.random() < 0.2), int(chance.random() < 0.25)
        reds = wrong + refused + let_in + open_
        a_night(
            door, ago, encounters=people, clear=people - reds - 9, stop=reds, check=9,
            alerts=reds + chance.randint(2, 12), reds=reds, red_not_them=wrong,
            not_them=wrong + 1, red_refused=refused, refused=refused, red_let_in=let_in,
            let_in=let_in, hand_held=chance.randint(0, 3),
        )  # fmt: skip
