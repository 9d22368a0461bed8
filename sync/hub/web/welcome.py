"""Somebody follows an invitation: chooses a password, adds an authenticator, gets the codes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.accounts.passwords import check_password, choose
from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.second_factor import address, is_secret, new_secret
from sync.hub.accounts.welcomes import Chosen, Welcome
from sync.hub.hubclock import now_ms
from sync.hub.web.guard import set_session
from sync.hub.web.intake import Form, read_form
from sync.hub.web.office import Office
from sync.hub.web.pages import render
from sync.hub.web.qr import qr_address
from sync.hub.web.stretcher import beside
from sync.hub.web.texts import t

_FIELDS = {Problem.CODE: "code", Problem.AGAIN: "again"}
"""The field of a refusal; every other is about the password."""


class Welcoming:
    """The page behind the link of an invitation. ASVS 2.1, 2.3.1, 2.5.6."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/welcome/{token}", self.ask),
            Route("/welcome/{token}", self.accept, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show what to choose; following the link uses nothing up."""
        found = await self._found(request)
        if found is None:
            return _over(request)
        return self._page(request, found, new_secret(), {}, 200)

    async def accept(self, request: Request) -> Response:
        """Make the account, sign in, and show the recovery codes."""
        form = await read_form(request)
        found = await self._found(request)
        if found is None:
            return _over(request)
        welcome, venue = found
        secret = form.text("secret") if is_secret(form.text("secret")) else new_secret()
        password, known = form.secret("password"), (welcome.login, welcome.name, venue)
        try:
            check_password(password, *known)
            check_again(form)
            costs = self._office.accounts.costs
            stretched = await beside(lambda: choose(password, costs, *known))
            chosen, link = Chosen(stretched, secret, form.text("code")), _token(request)
            accepting = self._office.accounts.accept
            token, codes = await self._office.change(lambda: accepting(link, chosen, now_ms()))
        except AccountError as refusal:
            faults = {_FIELDS.get(refusal.problem, "password"): in_words(refusal)}
            return self._page(request, found, secret, faults, 422)
        self._office.accounts.sessions.close(request.state.token)  # the one that this replaces
        answer = render(request, "account/codes.html", codes=codes, fresh=True)
        set_session(request, answer, token)
        return answer

    async def _found(self, request: Request) -> tuple[Welcome, str] | None:
        """Find the invitation of the link with its venue's name; None where there is none."""
        token = _token(request)

        def look() -> tuple[Welcome, str]:
            found = self._office.accounts.welcome(token, now_ms())
            return found, self._office.accounts.venue_name(found.venue_id)

        try:
            return await self._office.ask(look)
        except AccountError:
            return None

    def _page(
        self,
        request: Request,
        found: tuple[Welcome, str],
        secret: str,
        faults: dict[str, str],
        status: int,
    ) -> Response:
        welcome, venue = found
        link = address(secret, welcome.login, self._office.config.name)
        return render(
            request,
            "signin/welcome.html",
            status,
            welcome=welcome,
            venue=venue,
            faults=faults,
            **authenticator(secret, link),
        )


def authenticator(secret: str, link: str) -> dict[str, str]:
    """Give what a template needs to show a new secret: for a camera, a tap, and by hand."""
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"secret": secret, "qr": qr_address(link), "link": link, "groups": groups}


def in_words(refusal: AccountError) -> str:
    """Say what is wrong with what was typed."""
    return t(f"account.problem.{refusal.problem}")


def check_again(form: Form) -> None:
    """Refuse a new password that was typed in two ways.

    Raises:
        AccountError: AGAIN.
    """
    if form.secret("password") != form.secret("again"):
        raise AccountError(Problem.AGAIN, "the two are not the same")


def _over(request: Request) -> Response:
    return render(request, "signin/over.html", 404)


def _token(request: Request) -> str:
    return str(request.path_params["token"])
