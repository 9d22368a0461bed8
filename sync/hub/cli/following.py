"""Follows a change from the hub to the doors, so that the command can say how far it came."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from sync.errors import HubError
from sync.hub.cli.opening import OpenHub, print_json, say
from sync.hub.cli.words import duration
from sync.hub.facts import Outcome, Reach
from sync.hub.hubclock import now_ms
from sync.hub.nudge import nudge
from sync.signing import Signed, Signer, key_id

Wait = Annotated[float, Parameter(name="--wait")]
"""Seconds to wait for the doors' word; 0 to go on at once."""

LOOK_EVERY_S = 0.05


def refuse_second_signature(waiting: Signed, signer: Signer, venue: str) -> None:
    """Refuse to let a venue approve what it proposed.

    Raises:
        HubError: This key has signed already.
    """
    if key_id(signer.public) in {one.key_id for one in waiting.signatures}:
        raise HubError(
            f"{venue} has signed this already: it takes the manager of another venue, with "
            "that venue's --key"
        )


def follow(opened: OpenHub, outcome: Outcome, did: str, *, wait: float, json: bool) -> None:
    """Tell the running hub, wait a little for the doors, and say how far the change came.

    Args:
        opened: The hub, after the change.
        outcome: What became of it.
        did: What was done, one word.
        wait: Seconds to wait at most.
        json: Print one JSON object instead of sentences.
    """
    running = nudge(opened.places.nudge)
    reached: tuple[Reach, ...] = ()
    if outcome.seq is not None:
        reached = _reached(opened, outcome.entry_id, wait if running else 0)
    if json:
        print_json({**asdict(outcome), "did": did, "reach": [asdict(one) for one in reached]})
        return
    say(*_sentences(outcome, did, reached, running=running))


def reach_words(reached: Sequence[Reach], did: str) -> str:
    """Say on how many doors a change is confirmed, and how long the last of them took."""
    lags = [one.lag_ms for one in reached if one.lag_ms is not None]
    doors = sum(one.confirmed_ms is not None for one in reached)
    slowest = f", {duration(max(lags))}" if lags else ""
    return f"{did} on {doors} of {len(reached)} doors{slowest}"


def _reached(opened: OpenHub, entry_id: str, wait_s: float) -> tuple[Reach, ...]:
    deadline = time.monotonic() + wait_s
    while True:
        reached = opened.service.reach(entry_id, now_ms())
        if time.monotonic() >= deadline or all(one.confirmed_ms is not None for one in reached):
            return reached
        time.sleep(LOOK_EVERY_S)


def _sentences(outcome: Outcome, did: str, reached: Sequence[Reach], *, running: bool) -> list[str]:
    if outcome.seq is None:
        return [f"{outcome.entry_id} is {did}. {outcome.waits_for}".rstrip()]
    told = [f"{outcome.entry_id} is {did} (record {outcome.seq}): {reach_words(reached, 'live')}."]
    if not running:
        told.append("The hub is not running, so no door hears of it: doorwatch-hub run")
    elif any(one.confirmed_ms is None for one in reached):
        told.append(f"doorwatch-hub entry show {outcome.entry_id} says which doors are missing.")
    return told
