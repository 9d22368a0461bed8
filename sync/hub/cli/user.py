"""People who sign in to the pages, on the command line: invite, list, reset, disable.

The first administrator is invited here. A venue's account needs the venue's key, which travels
inside the link and lies nowhere on the hub in the open.
"""

import sys
from pathlib import Path
from typing import Annotated

import segno
from cyclopts import App, Parameter
from rich.table import Table

from sync.errors import HubError
from sync.hub.accounts.book import Accounts
from sync.hub.accounts.directory import Account
from sync.hub.accounts.person import Role
from sync.hub.accounts.powers import Console, Wanted
from sync.hub.cli.asking import PassphraseFiles, Passphrases, confirm
from sync.hub.cli.keys import unlocked, whose
from sync.hub.cli.opening import Hub, OpenHub, changing, print_json, print_table, reading, say
from sync.hub.cli.words import ago, count, moment
from sync.hub.hubclock import now_ms

Key = Annotated[Path | None, Parameter(name="--key")]
"""The key file of the venue that the person will work for; none for an auditor."""


def register(app: App) -> None:
    """Add the commands of this file."""
    user = App(name="user", help="The people who sign in to the hub's pages.")
    user.command(invite)
    user.command(list_users, name="list")
    user.command(reset)
    user.command(disable)
    app.command(user)


def invite(
    login: str,
    /,
    *,
    role: Role,
    name: str = "",
    key: Key = None,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Invite somebody: a link that works once, within three days.

    Args:
        login: What the person will sign in with.
        role: What the person will be here for: manager, administrator or auditor.
        name: For people to read; by default the login.
        key: The key file of the venue that the person will work for.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        by, venue_id = _console(opened, key, Passphrases(passphrase_file))
        wanted = Wanted(login, name or login, role, venue_id)
        token = _accounts(opened).invite(wanted, by, now_ms())
        link = _link(opened, token)
    _show(link, login, as_json=json)


def reset(
    login: str,
    /,
    *,
    key: Key = None,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Invite somebody anew who forgot the password, or whose account ended.

    Args:
        login: Whom.
        key: The key file of the venue that the person works for.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        by, _ = _console(opened, key, Passphrases(passphrase_file))
        account = _named(opened, login, ended=True)
        token = _accounts(opened).invite_again(account.account_id, by, now_ms())
        link = _link(opened, token)
    _show(link, login, as_json=json)


def disable(login: str, /, *, yes: bool = False, hub: Hub = None) -> None:
    """End an account: signed out everywhere, its secrets destroyed.

    Args:
        login: Whose.
        yes: Don't ask.
        hub: The hub's folder.
    """
    with changing(hub) as opened:
        account = _named(opened, login, ended=False)
        confirm(f"End the account of {account.name} ({account.login})?", yes=yes)
        _accounts(opened).end(account.account_id, Console(opened.who), now_ms())
    say(f"The account of {account.name} has ended, and its secrets are destroyed.")


def list_users(*, hub: Hub = None, json: bool = False) -> None:
    """List the accounts, and who was invited and has not come yet.

    Args:
        hub: The hub's folder.
        json: Print a JSON array for a script.
    """
    with reading(hub) as opened:
        book = _accounts(opened)
        found, invited = book.accounts(), book.waiting(now_ms())
        venues = {one.account_id: book.venue_name(one.venue_id) for one in found}
    if json:
        print_json([_record(one, venues[one.account_id]) for one in found])
        return
    if found:
        print_table(_table(found, venues))
    say(f"{count(len(found), 'account')}.")
    for one in invited:
        say(f"{one.login} ({one.role}) is invited, until {moment(one.expires_ms)}.")


def _accounts(opened: OpenHub) -> Accounts:
    return Accounts(opened.service.desk)


def _console(opened: OpenHub, key: Path | None, phrases: Passphrases) -> tuple[Console, str]:
    """Say who invites, with the venue's key if a file of one was named, and that venue's id."""
    if key is None:
        return Console(opened.who), ""
    venue = whose(key, opened.service)
    return Console(opened.who, unlocked(key, venue, phrases)), venue.venue_id


def _named(opened: OpenHub, login: str, *, ended: bool) -> Account:
    """Find an account by its login; of several that ended, the newest."""
    found = [
        one
        for one in _accounts(opened).accounts()
        if one.login == login.casefold() and (ended or not one.ended_ms)
    ]
    if not found:
        raise HubError(f"there is no user {login!r}: doorwatch-hub user list shows them")
    return max(found, key=lambda one: (not one.ended_ms, one.ended_ms))


def _link(opened: OpenHub, token: str) -> str:
    return f"{opened.config.pages}/welcome/{token}"


def _show(link: str, login: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"link": link, "login": login})
        return
    if sys.stdout.isatty():
        segno.make(link, error="m").terminal(out=sys.stdout, compact=True)
    say(link, "", f"For {login} alone, once, within three days. Whoever opens it has the account.")


def _record(one: Account, venue: str) -> dict[str, object]:
    return {
        "account_id": one.account_id,
        "login": one.login,
        "name": one.name,
        "role": one.role,
        "venue": venue,
        "signs": one.signs,
        "signed_in_ms": one.signed_in_ms,
        "ended_ms": one.ended_ms,
    }


def _table(found: tuple[Account, ...], venues: dict[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head in ("login", "name", "role", "venue", "last sign-in", "state"):
        table.add_column(head)
    for one in found:
        state = "ended" if one.ended_ms else "old key" if one.venue_id and not one.signs else "ok"
        seen, venue = ago(now_ms() - one.signed_in_ms), venues[one.account_id]
        table.add_row(one.login, one.name, one.role, venue, seen, state)
    return table
