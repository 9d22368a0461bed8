"""Follows a change from the hub to the doors, so that the command can say how far it came."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from sync.errors import HubError
from sync.hub.cli.opening import OpenHub, how_to_start, print_json, say
from sync.hub.cli.words import count, duration
from sync.hub.facts import Outcome, Reach, Standing
from sync.hub.hubclock import now_ms
from sync.hub.nudge import nudge
from sync.signing import Signed, key_id
from sync.statement.root import Venue

Wait = Annotated[float, Parameter(name="--wait")]
"""Seconds to wait for the doors' word; 0 to go on at once."""

LOOK_EVERY_S = 0.05

DONE = {
    Standing.WAITING: "proposed",
    Standing.LIVE: "live",
    Standing.CONTESTED: "suspended",
    Standing.GONE: "erased",
}
"""What a door that confirmed has made of an entry."""


def refuse_second_signature(waiting: Signed, venue: Venue) -> None:
    """Refuse to let a venue approve what it proposed.

    Raises:
        HubError: This key has signed already.
    """
    if key_id(venue.key) in {one.key_id for one in waiting.signatures}:
        raise HubError(
            f"{venue.name} has signed this already: it takes the manager of another venue, with "
            "that venue's --key"
        )


def follow(opened: OpenHub, outcome: Outcome, *, wait: float, json: bool) -> None:
    """Tell the running hub, wait a little for the doors, and say how far the change came.

    Args:
        opened: The hub, after the change.
        outcome: What became of it.
        wait: Seconds to wait at most.
        json: Print one JSON object instead of sentences.
    """
    running = nudge(opened.places.nudge)
    reached: tuple[Reach, ...] = ()
    if outcome.seq is not None and outcome.entry_id:
        reached = _reached(opened, outcome.entry_id, wait if running else 0)
    if json:
        print_json({**asdict(outcome), "reach": [asdict(one) for one in reached]})
    elif outcome.seq is None:
        say(*_waits(outcome.entry_id))
    else:
        say(*_sentences(opened, outcome, reached, running=running))


def reach_words(reached: Sequence[Reach], did: str) -> str:
    """Say on how many doors a change is confirmed, and how long the last of them took."""
    lags = [one.lag_ms for one in reached if one.lag_ms is not None]
    doors = sum(one.confirmed_ms is not None for one in reached)
    slowest = f", {duration(max(lags))}" if lags else ""
    if not reached:
        return f"{did}; there is no door yet that it concerns"
    return f"{did} on {doors} of {count(len(reached), 'door')}{slowest}"


def _waits(entry_id: str) -> tuple[str, str]:
    if entry_id:
        return (
            f"{entry_id}: proposed. The manager of another venue approves it with",
            f"  doorwatch-hub entry approve {entry_id} --key FILE",
        )
    return (
        "The new rules are proposed. The manager of another venue approves them with",
        "  doorwatch-hub policy approve --key FILE",
    )


def _reached(opened: OpenHub, entry_id: str, wait_s: float) -> tuple[Reach, ...]:
    deadline = time.monotonic() + wait_s
    while True:
        reached = opened.service.reach(entry_id, now_ms())
        if time.monotonic() >= deadline or all(one.confirmed_ms is not None for one in reached):
            return reached
        time.sleep(LOOK_EVERY_S)


def _sentences(
    opened: OpenHub, outcome: Outcome, reached: Sequence[Reach], *, running: bool
) -> list[str]:
    if outcome.entry_id:
        standing = opened.service.entry(outcome.entry_id).standing
        what = f"{outcome.entry_id}: {reach_words(reached, DONE[standing])}"
    else:
        what = "The new rules are in force"
    told = [f"{what} (record {outcome.seq})."]
    if not running:
        told.append(f"The hub is not running, so no door hears of it: {how_to_start()}")
    elif any(one.confirmed_ms is None for one in reached):
        told.append(f"doorwatch-hub entry show {outcome.entry_id} says which doors are missing.")
    return told
