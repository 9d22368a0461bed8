"""Pages: templates with what each of them may use, and the line that the next page shows."""

from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sync.hub.hubclock import now_ms
from sync.hub.web import times
from sync.hub.web.may import Act, may
from sync.hub.web.navigation import rooms_for
from sync.hub.web.texts import t

TEMPLATES = Path(__file__).parent / "templates"

Faults: TypeAlias = dict[str, str]
"""What is wrong with a form: name of a field to the key of a sentence; "" is the whole form."""

_MOST_LINES = 2_000
"""Lines that wait for somebody's next page, of all people together."""


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "t": t,
        "day": times.day,
        "moment": times.moment,
        "clock": times.clock,
        "duration": times.duration,
        "ago": lambda at_ms: times.ago(now_ms() - at_ms),
        "may": may,
        "rooms_for": rooms_for,
        "Act": Act,
    }
    return made


_PAGES = _environment()


def render(request: Request, template: str, status: int = 200, **context: object) -> Response:
    """Make a page.

    Args:
        request: What is answered; its ``state`` has who asks.
        template: Below ``templates/``.
        status: Of HTTP.
        context: What the template names.
    """
    return HTMLResponse(html(request, template, **context), status)


def html(request: Request, template: str, **context: object) -> Markup:
    """Make the HTML of a template; for fragments and for papers to download."""
    state = request.state
    around = {
        "person": state.person,
        "csrf": state.csrf,
        "said": _taken(request),
        "path": request.url.path,
        "held": request.app.state.office.holding.of(state.person.account_id)
        if state.person
        else [],
    }
    return Markup(_PAGES.get_template(template).render(around | context))  # noqa: S704 - autoescaped


def say(request: Request, words: str) -> None:
    """Show a line on this person's next page."""
    lines: dict[str, str] = request.app.state.said
    while len(lines) >= _MOST_LINES:
        del lines[next(iter(lines))]
    lines[request.state.csrf] = words


def back(path: str) -> Response:
    """Send the browser to a page of ours after something was done."""
    return RedirectResponse(path, status_code=303)


def _taken(request: Request) -> str:
    lines: dict[str, str] = request.app.state.said
    return lines.pop(request.state.csrf, "")
