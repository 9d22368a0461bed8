"""A new hub key: a ceremony of two officers; doors follow it without anybody going there."""

from cyclopts import App

from sync.hub.ceremony import sign, with_hub_key
from sync.hub.cli.asking import PassphraseFiles, Passphrases, confirm
from sync.hub.cli.keys import Officers, officers
from sync.hub.cli.opening import Hub, changing, print_json, say
from sync.hub.cli.words import moment
from sync.hub.hubclock import now_ms
from sync.statement.head import Head


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(rotate_key, name="rotate-key")


def rotate_key(
    *,
    officer: Officers = None,
    yes: bool = False,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Give the hub a new signing key: once a year, and at once when the old one may be known.

    The root counts for two more years from then on. What the old key signed beyond the present
    state counts at no door any more, so a thief's version of the list is forgotten.

    Args:
        officer: An officer's key file; once for each officer.
        yes: Don't ask.
        hub: The hub's folder.
        passphrase_file: One for all officers, or one each.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        service = opened.service
        root = service.root
        signers = officers(officer, root, Passphrases(passphrase_file))
        confirm("Give the hub a new signing key?", yes=yes)
        head = Head.parse(service.head().body)
        fresh = service.next_hub_key(now_ms())
        following = with_hub_key(root, fresh, (head.seq, head.record_hash), now_ms())
        service.add_root(sign(following, signers, root), now_ms())
    if json:
        print_json({"root": following.version, "hub_key": fresh.hex()})
        return
    say(
        f"The hub signs with a new key from now on (root {following.version}, counts until "
        f"{moment(following.expires_ms)}). Doors that are off take it when they come back."
    )
