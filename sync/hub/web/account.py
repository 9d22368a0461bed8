"""One's own account: password, authenticator, recovery codes, other sessions."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.accounts.passwords import check_password, choose
from sync.hub.accounts.person import Person
from sync.hub.accounts.problem import AccountError, Problem, WaitError
from sync.hub.accounts.second_factor import address, is_secret, new_secret
from sync.hub.accounts.stretching import Stretched, stretched
from sync.hub.hubclock import now_ms
from sync.hub.web.guard import set_session
from sync.hub.web.intake import Form, read_form
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.signin import code_of, too_often, waiting
from sync.hub.web.stretcher import beside
from sync.hub.web.texts import t
from sync.hub.web.times import moment
from sync.hub.web.welcome import authenticator, check_again, in_words

TOLD_MS = 7 * 86_400_000
"""For how long the first page tells of a changed password, phone or codes."""

FEW_CODES = 3
"""So many recovery codes are few."""

_FIELDS = {Problem.WRONG: "old", Problem.CODE: "code", Problem.AGAIN: "again"}
"""The field of a refusal; every other is about the new password."""


class OwnAccount:
    """What people see and change about their own account. ASVS 2.1.5, 2.1.6, 3.3.3, 3.3.4."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/account", self.show),
            Route("/account/password", self.ask_password),
            Route("/account/password", self.change_password, methods=["POST"]),
            Route("/account/authenticator", self.ask_authenticator),
            Route("/account/authenticator", self.change_authenticator, methods=["POST"]),
            Route("/account/codes", self.ask_codes),
            Route("/account/codes", self.renew_codes, methods=["POST"]),
            Route("/account/sessions", self.ask_sessions),
            Route("/account/sessions", self.end_sessions, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the account."""
        person, accounts = request.state.person, self._office.accounts
        account, venue = await self._office.ask(
            lambda: (accounts.account(person.account_id), accounts.venue_name(person.venue_id))
        )
        open_now = len(accounts.sessions.of(person.account_id))
        return render(request, "account/show.html", account=account, venue=venue, sessions=open_now)

    async def attention(self, person: Person) -> list[Notice]:
        """Tell of changes that somebody else may have made (ASVS 2.2.3, 2.5.5), and what ends."""
        accounts = self._office.accounts
        account = await self._office.ask(lambda: accounts.account(person.account_id))
        notices = []
        if account.venue_id and not account.signs:
            notices.append(Notice("now", t("account.attention.unsigned"), "/account"))
        if account.changed_ms and now_ms() < account.changed_ms + TOLD_MS:
            words = t("account.attention.changed", when=moment(account.changed_ms))
            notices.append(Notice("info", words, "/account"))
        if account.codes_left <= FEW_CODES:
            words = t("account.attention.codes", count=account.codes_left)
            notices.append(Notice("soon", words, "/account/codes"))
        return notices

    async def ask_password(self, request: Request) -> Response:
        """Show the form of a new password."""
        return render(request, "account/password.html", faults={})

    async def change_password(self, request: Request) -> Response:
        """Change the password; every other session of the account ends."""
        form, person = await read_form(request), request.state.person
        accounts, password = self._office.accounts, form.secret("password")

        async def _work() -> str:
            venue = await self._office.ask(lambda: accounts.venue_name(person.venue_id))
            known = (person.login, person.name, venue)
            check_password(password, *known)
            check_again(form)
            old = await self._proved(person, form)
            new = await beside(lambda: choose(password, accounts.costs, *known))
            change = accounts.change_password
            return await self._office.ask(lambda: change(person, (old, new), now_ms()))

        again = _Again(request, "account/password.html", {})
        return await self._anew(_work, again, t("account.password.done"))

    async def ask_authenticator(self, request: Request) -> Response:
        """Show the form of a new authenticator."""
        shown = self._authenticator(request.state.person, new_secret())
        return render(request, "account/authenticator.html", 200, faults={}, **shown)

    async def change_authenticator(self, request: Request) -> Response:
        """Change to another authenticator; every other session of the account ends."""
        form, person = await read_form(request), request.state.person
        secret = form.text("secret") if is_secret(form.text("secret")) else new_secret()
        change = self._office.accounts.change_second_factor

        async def _work() -> str:
            given = await self._proved(person, form)
            proof = (given, secret, form.text("code"))
            return await self._office.ask(lambda: change(person, proof, now_ms()))

        shown = self._authenticator(person, secret)
        again = _Again(request, "account/authenticator.html", shown)
        return await self._anew(_work, again, t("account.authenticator.done"))

    async def ask_codes(self, request: Request) -> Response:
        """Show the form for new recovery codes."""
        return render(request, "account/renew.html", faults={})

    async def renew_codes(self, request: Request) -> Response:
        """Give new recovery codes, for a code that counts."""
        form, person = await read_form(request), request.state.person
        renew = self._office.accounts.renew_codes
        try:
            codes = await self._office.ask(lambda: renew(person, code_of(form), now_ms()))
        except (AccountError, WaitError) as refusal:
            return _Again(request, "account/renew.html", {}).answer(refusal)
        return render(request, "account/codes.html", codes=codes, fresh=False)

    async def ask_sessions(self, request: Request) -> Response:
        """Ask before other sessions end."""
        others = len(self._office.accounts.sessions.of(request.state.person.account_id)) - 1
        return render(request, "account/sessions.html", others=others)

    async def end_sessions(self, request: Request) -> Response:
        """End every other session of the account."""
        await read_form(request)
        person, turns = request.state.person, request.state.session.turns
        leave = self._office.accounts.leave_everywhere
        token = await self._office.ask(lambda: leave(person, turns, now_ms()))
        return _signed_in_anew(request, token, t("account.sessions.done"))

    async def _proved(self, person: Person, form: Form) -> Stretched:
        """Stretch the present password, which the form asks for once more."""
        recipe = await self._office.ask(lambda: self._office.accounts.begin(person.login))
        return await beside(lambda: stretched(form.secret("old"), recipe))

    async def _anew(
        self, work: Callable[[], Awaitable[str]], again: "_Again", done: str
    ) -> Response:
        """Do ``work``, which gives the token of a new session, or show the form again."""
        try:
            token = await work()
        except (AccountError, WaitError) as refusal:
            return again.answer(refusal)
        return _signed_in_anew(again.request, token, done)

    def _authenticator(self, person: Person, secret: str) -> dict[str, str]:
        return authenticator(secret, address(secret, person.login, self._office.config.name))


class _Again:
    """A form that is shown again, with what was wrong beside its field."""

    def __init__(self, request: Request, template: str, context: dict[str, str]) -> None:
        self.request = request
        self._template, self._context = template, context

    def answer(self, refusal: AccountError | WaitError) -> Response:
        if isinstance(refusal, WaitError):
            faults = {"old": too_often(refusal), "code": too_often(refusal)}
            return waiting(self._page(faults, 429), refusal)
        return self._page({_FIELDS.get(refusal.problem, "password"): in_words(refusal)}, 422)

    def _page(self, faults: dict[str, str], status: int) -> Response:
        return render(self.request, self._template, status, faults=faults, **self._context)


def _signed_in_anew(request: Request, token: str, words: str) -> Response:
    request.state.csrf = request.state.csrf_of(token)  # the line is for the session that begins
    say(request, words)
    answer = back("/account")
    set_session(request, answer, token)
    return answer
