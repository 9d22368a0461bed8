"""What a phone says about itself: its duty, that it is awake, that somebody is on the way."""

import time
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edge.staff.bell import Bell, Duty
from edge.staff.guard import session_of
from edge.staff.intake import read_form


@dataclass(frozen=True, slots=True)
class Phones:
    """The routes by which phones speak.

    Attributes:
        bell: Which of them ring.
    """

    bell: Bell

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/duty", self.say, methods=["POST"]),
            Route("/alerts/{alert_id:str}/on-the-way", self.on_the_way, methods=["POST"]),
        ]

    async def say(self, request: Request) -> Response:
        """Take a phone's duty, or that it is still awake."""
        said = await read_form(request)
        duty = said.get("duty", "")
        if duty not in list(Duty):
            raise HTTPException(400, "Choose first, second or watch.")
        audible = said.get("sound") == "on"
        self.bell.hear(session_of(request).key, Duty(duty), time.monotonic(), audible=audible)
        return JSONResponse({"duty": duty})

    async def on_the_way(self, request: Request) -> Response:
        """Quiet one alert for a while: somebody goes there."""
        if not self.bell.on_the_way(request.path_params["alert_id"], time.monotonic()):
            raise HTTPException(409, "This alert is not open any more.")
        return JSONResponse({"noted": "on the way"})
