"""Signing in with password and second factor, and signing out."""

import math
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from edge.web.origin import over_tls
from sync.hub.accounts.problem import AccountError, Problem, WaitError
from sync.hub.accounts.sessions import HALF_S
from sync.hub.accounts.stretching import stretched
from sync.hub.hubclock import now_ms
from sync.hub.web.guard import clear_session, set_session
from sync.hub.web.intake import Form, read_form
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.stretcher import beside
from sync.hub.web.texts import t

FIRST, SECOND = "/sign-in", "/sign-in/second"


class SignIn:
    """The two steps in, and the way out. ASVS 2.2, 2.8, 3.2."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route(FIRST, self.ask_password),
            Route(FIRST, self.take_password, methods=["POST"]),
            Route(SECOND, self.ask_code),
            Route(SECOND, self.take_code, methods=["POST"]),
            Route("/sign-out", self.leave, methods=["POST"]),
        ]

    async def ask_password(self, request: Request) -> Response:
        """Show the first step."""
        if request.state.person is not None:
            return back("/")
        return _first(request, "", then_of(request.query_params.get("then", "")))

    async def take_password(self, request: Request) -> Response:
        """Check a password; the answer is the same whatever is wrong."""
        form = await read_form(request)
        login, then = form.text("login"), then_of(form.text("then"))
        accounts = self._office.accounts
        try:
            recipe = await self._office.ask(lambda: accounts.begin(login))
            given = await beside(lambda: stretched(form.secret("password"), recipe))
            token = await self._office.ask(lambda: accounts.enter(login, given, now_ms()))
        except WaitError as wait:
            return waiting(_first(request, login, then, too_often(wait), 429), wait)
        except AccountError:
            return _first(request, login, then, t("signin.wrong"), 422)
        answer = RedirectResponse(f"{SECOND}?then={quote(then)}", status_code=303)
        _set_half(request, answer, token)
        return answer

    async def ask_code(self, request: Request) -> Response:
        """Show the second step."""
        if self._office.accounts.sessions.half(_half(request)) is None:
            return back(FIRST)
        return _second(request, then_of(request.query_params.get("then", "")))

    async def take_code(self, request: Request) -> Response:
        """Check a code of the authenticator, or a recovery code, and begin the session."""
        form = await read_form(request)
        then, half = then_of(form.text("then")), _half(request)
        accounts = self._office.accounts
        try:
            code = code_of(form)
            token = await self._office.ask(lambda: accounts.confirm(half, code, now_ms()))
        except WaitError as wait:
            return waiting(_second(request, then, too_often(wait), 429), wait)
        except AccountError as refusal:
            if refusal.problem is not Problem.LATE:
                return _second(request, then, t("signin.code.wrong"), 422)
            say(request, t("signin.late"))
            return back(FIRST)
        answer = back(then)
        self._end_former(request)
        set_session(request, answer, token)
        _set_half(request, answer, "")
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session."""
        await read_form(request)
        token = request.state.token
        await self._office.ask(lambda: self._office.accounts.leave(token, now_ms()))
        if request.state.person is not None:
            self._office.drafts.end_of(request.state.person.account_id)
        answer = back(FIRST)
        clear_session(request, answer)
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def _end_former(self, request: Request) -> None:
        """End the session that this browser had: its cookie is overwritten."""
        self._office.accounts.sessions.close(request.state.token)


def then_of(path: str) -> str:
    """Give the page to go to afterwards: one of ours, never somebody else's (ASVS 5.1.5)."""
    ours = path.startswith("/") and not path.startswith(("//", "/sign-", "/welcome"))
    return path if ours and path.isprintable() and "\\" not in path else "/"


def code_of(form: Form) -> str:
    """Take the code from the field that was filled."""
    return form.text("code") or form.text("recovery")


def too_often(wait: WaitError) -> str:
    """Say how long to wait."""
    return t("signin.wait", count=math.ceil(wait.seconds))


def waiting(answer: Response, wait: WaitError) -> Response:
    """Tell the browser, too, how long to wait."""
    answer.headers["Retry-After"] = str(math.ceil(wait.seconds))
    return answer


def _first(
    request: Request, login: str, then: str, trouble: str = "", status: int = 200
) -> Response:
    context = {"login": login, "then": then, "trouble": trouble}
    return render(request, "signin/first.html", status, **context)


def _second(request: Request, then: str, trouble: str = "", status: int = 200) -> Response:
    return render(request, "signin/second.html", status, then=then, trouble=trouble)


def _half(request: Request) -> str:
    return request.cookies.get(_half_cookie(request), "")


def _half_cookie(request: Request) -> str:
    return "__Host-half" if over_tls(request) else "half"


def _set_half(request: Request, answer: Response, token: str) -> None:
    answer.set_cookie(
        _half_cookie(request),
        token,
        max_age=int(HALF_S) if token else 0,
        path="/",
        secure=over_tls(request),
        httponly=True,
        samesite="strict",
    )
