"""The hub's figures for Prometheus: every door by its id and name, and nobody on the list."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.vision.models.card import read_card
from edge.web.figures import Figures, admit
from sync.hub import doors
from sync.hub.doors import Door, Look, Trouble, needs
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.hub.web.office import Office

PATH = "/metrics"
"""Where Prometheus asks; nobody signs in there."""

PREFIX = "doorwatch_hub_"
"""Stands before each name."""

REPORTED = {
    "temperature": "temperature_celsius",
    "wear": "card_wear_percent",
    "free-mib": "free_mebibytes",
    "fps-limit": "frames_per_second_limit",
    "encounters": "encounters",
}
"""What of a report's counts is passed on, and under which name."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The room of the figures.

    Attributes:
        office: The hub.
    """

    office: Office

    def routes(self) -> list[Route]:
        """Give the route; none where no word is set that whoever asks has to know."""
        return [Route(PATH, self.show)] if self.office.config.metrics_token else []

    async def show(self, request: Request) -> Response:
        """Give the figures of this moment."""
        admit(request, self.office.places.metrics_token(self.office.config))
        model_id = read_card("embed").model_id
        told = await self.office.ask(lambda: figures(self.office.service, model_id, now_ms()))
        return told.answer()


def figures(service: Service, model_id: str, at_ms: int) -> Figures:
    """Write down how the hub and its doors are.

    Args:
        service: The hub.
        model_id: Network that this hub makes references with.
        at_ms: Milliseconds since the epoch.
    """
    told, state = Figures(PREFIX), service.desk.store.state
    told.put("restored", "It came back from a backup and listens only.", bool(state.restored_ms))
    told.put("root_ends_seconds", "Until no door believes it.", _s(service.root.expires_ms - at_ms))
    drilled = state.drilled_ms
    told.put(
        "drilled_seconds", "Since a backup was tried.", _s(at_ms - drilled) if drilled else None
    )
    for one in doors.doors(service, model_id, at_ms):
        if not one.unit.revoked_ms:
            _door(told, one, at_ms)
    return told


def _door(told: Figures, door: Door, at_ms: int) -> None:
    unit = door.unit
    which = {"unit": unit.unit_id, "name": unit.name}
    told.put("door", "It is in force.", 1, **which, version=unit.version)
    told.put("door_good", "Nothing is wrong with it.", door.look is Look.GOOD, **which)
    heard_s = _s(at_ms - unit.heard_ms) if unit.heard_ms else None
    told.put("door_heard_seconds", "Since its newest report.", heard_s, **which)
    told.put("door_behind", "Changes that it lacks.", unit.behind, **which)
    told.put("door_held", "Entries it holds.", unit.held, **which)
    told.put("door_lapses_seconds", "Until its list lapses.", _s(unit.lapses_ms - at_ms), **which)
    for trouble in Trouble:
        held = trouble in door.troubles
        told.put("door_trouble", "What is wrong with it.", held, **which, trouble=trouble)
    for code in unit.faults:
        told.put("door_fault", "What keeps it from screening.", 1, **which, fault=code)
    for name, count in unit.counts:
        if name in REPORTED:
            told.put(f"door_{REPORTED[name]}", "As it reported.", count, **which)
    for what in needs(unit):
        told.put("door_needs", "Somebody should see to it.", 1, **which, what=what)


def _s(ms: int) -> float:
    return ms / 1000
