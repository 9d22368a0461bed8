"""The people who may sign in: who they are, inviting them, ending their accounts."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.accounts.directory import Account
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.powers import Wanted, may_end, may_invite
from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.welcomes import Welcome
from sync.hub.hubclock import now_ms
from sync.hub.web.intake import Form, read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.qr import qr_address
from sync.hub.web.texts import t
from sync.hub.web.welcome import in_words

GUESSING, GUESSING_S = 20, 12 * 3600.0
"""So many refused sign-ins in so many seconds are told to the administrators."""

_FIELDS = {Problem.LOGIN: "login", Problem.TAKEN: "login", Problem.NAME: "name"}


@dataclass(frozen=True, slots=True)
class Row:
    """One account in the table.

    Attributes:
        account: It.
        venue: The name of its venue.
        ends: Whether whoever looks may end it.
        invites: Whether whoever looks may invite this person again.
    """

    account: Account
    venue: str
    ends: bool
    invites: bool


class Users:
    """The page of the accounts and what is done there."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes."""
        withdraw = "/users/invitations/{welcome_id}/withdraw"
        return [
            Route("/users", self.show),
            Route("/users/invite", self.ask_whom),
            Route("/users/invite", self.invite, methods=["POST"]),
            Route(withdraw, self.ask_withdraw),
            Route(withdraw, self.withdraw, methods=["POST"]),
            Route("/users/{account_id}/again", self.ask_again),
            Route("/users/{account_id}/again", self.invite_again, methods=["POST"]),
            Route("/users/{account_id}/end", self.ask_end),
            Route("/users/{account_id}/end", self.end, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show accounts, and invitations that wait."""
        person = request.state.person
        require(person, Act.SEE_USERS)
        rows, welcomes, venues = await self._office.ask(lambda: self._read(person))
        return render(
            request,
            "users/list.html",
            rows=rows,
            welcomes=welcomes,
            venues=venues,
            inviting=bool(_roles(person)),
        )

    async def attention(self, person: Person) -> list[Notice]:
        """Tell the administrators of guessing at the door (ASVS 11.1.8)."""
        refused = self._office.accounts.refusals(GUESSING_S)
        if person.role is not Role.ADMINISTRATOR or refused < GUESSING:
            return []
        return [Notice("now", t("users.guessing", count=refused), "/audit")]

    async def ask_whom(self, request: Request) -> Response:
        """Show the form of an invitation."""
        require(request.state.person, Act.RUN_USERS, venue_id=request.state.person.venue_id)
        return await self._form(request, {}, {}, 200)

    async def invite(self, request: Request) -> Response:
        """Invite somebody new, and show the link once."""
        form, person = await read_form(request), request.state.person
        require(person, Act.RUN_USERS, venue_id=person.venue_id)
        role = form.choice("role", Role)
        if role not in _roles(person):
            return await self._form(
                request, form.typed, {"role": t("users.invite.role.fault")}, 422
            )
        wanted = _wanted(form, person, role)
        try:
            token = await self._office.change(
                lambda: self._office.accounts.invite(wanted, person, now_ms())
            )
        except AccountError as refusal:
            faults = {_FIELDS.get(refusal.problem, "role"): in_words(refusal)}
            return await self._form(request, form.typed, faults, 422)
        return self._link(request, token, wanted.name)

    async def ask_again(self, request: Request) -> Response:
        """Ask before somebody is invited anew."""
        row = await self._row(request)
        if not row.invites:
            raise HTTPException(403)
        return render(request, "users/again.html", row=row)

    async def invite_again(self, request: Request) -> Response:
        """Invite somebody anew, and show the link once."""
        await read_form(request)
        person, row = request.state.person, await self._row(request)
        if not row.invites:
            raise HTTPException(403)
        again = self._office.accounts.invite_again
        account_id = row.account.account_id
        try:
            token = await self._office.change(lambda: again(account_id, person, now_ms()))
        except AccountError as refusal:  # the venue's key or the login went to others meanwhile
            say(request, in_words(refusal))
            return back("/users")
        return self._link(request, token, row.account.name)

    async def ask_end(self, request: Request) -> Response:
        """Ask before an account ends."""
        row = await self._row(request)
        if not row.ends:
            raise HTTPException(403)
        return render(request, "users/end.html", row=row)

    async def end(self, request: Request) -> Response:
        """End an account and its sessions."""
        await read_form(request)
        person, row = request.state.person, await self._row(request)
        if not row.ends:
            raise HTTPException(403)
        account_id = row.account.account_id
        await self._office.change(lambda: self._office.accounts.end(account_id, person, now_ms()))
        say(request, t("users.end.done", name=row.account.name))
        return back("/users")

    async def ask_withdraw(self, request: Request) -> Response:
        """Ask before an invitation ends."""
        return render(request, "users/withdraw.html", welcome=await self._welcome(request))

    async def withdraw(self, request: Request) -> Response:
        """End an invitation."""
        await read_form(request)
        person, welcome = request.state.person, await self._welcome(request)
        withdraw = self._office.accounts.withdraw
        await self._office.change(lambda: withdraw(welcome.welcome_id, person, now_ms()))
        say(request, t("users.withdraw.done", name=welcome.name))
        return back("/users")

    def _read(self, person: Person) -> tuple[list[Row], list[Welcome], dict[str, str]]:
        """Give what this person may see: everybody, or the colleagues of the own venue."""
        accounts = self._office.accounts
        rows = [self._seen(person, one) for one in accounts.accounts() if _sees(person, one)]
        welcomes = [one for one in accounts.waiting(now_ms()) if _sees(person, one)]
        venues = {one.venue_id: accounts.venue_name(one.venue_id) for one in welcomes}
        return rows, welcomes, venues

    def _seen(self, person: Person, account: Account) -> Row:
        runs = may(person, Act.RUN_USERS, venue_id=account.venue_id)
        return Row(
            account,
            self._office.accounts.venue_name(account.venue_id),
            ends=runs and not account.ended_ms and may_end(person, account),
            invites=runs and may_invite(person, account.role, account.venue_id),
        )

    async def _row(self, request: Request) -> Row:
        """Find the account of the address, or answer as if there were none (ASVS 4.2.1)."""
        person, account_id = request.state.person, str(request.path_params["account_id"])
        require(person, Act.SEE_USERS)
        rows, _, _ = await self._office.ask(lambda: self._read(person))
        for row in rows:
            if row.account.account_id == account_id:
                return row
        raise HTTPException(404)

    async def _welcome(self, request: Request) -> Welcome:
        """Find an invitation that this person could have sent, or answer as if there were none."""
        person, welcome_id = request.state.person, str(request.path_params["welcome_id"])
        _, welcomes, _ = await self._office.ask(lambda: self._read(person))
        for one in welcomes:
            if one.welcome_id == welcome_id and may_invite(person, one.role, one.venue_id):
                return one
        raise HTTPException(404)

    async def _form(
        self, request: Request, typed: dict[str, str], faults: dict[str, str], status: int
    ) -> Response:
        person = request.state.person
        venue = await self._office.ask(lambda: self._office.accounts.venue_name(person.venue_id))
        context = {"roles": _roles(person), "venue": venue, "typed": typed, "faults": faults}
        return render(request, "users/invite.html", status, **context)

    def _link(self, request: Request, token: str, name: str) -> Response:
        link = f"{self._office.config.pages}/welcome/{token}"
        return render(request, "users/link.html", link=link, qr=qr_address(link), name=name)


def _roles(person: Person) -> list[Role]:
    """Give the roles to which this person may invite; a manager to the own venue alone."""
    venues = {Role.MANAGER: person.venue_id}
    offered = (Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR)
    return [
        role
        for role in offered
        if may_invite(person, role, venues.get(role, ""))
        and (role is not Role.MANAGER or person.venue_id)
    ]


def _wanted(form: Form, person: Person, role: Role) -> Wanted:
    venue_id = person.venue_id if role is Role.MANAGER else ""
    return Wanted(form.text("login"), form.text("name"), role, venue_id)


def _sees(person: Person, one: Account | Welcome) -> bool:
    return person.role is not Role.MANAGER or one.venue_id == person.venue_id
