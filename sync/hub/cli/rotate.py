"""New keys for the hub: what it signs with, and what its database is sealed under.

A new signing key is a ceremony of two officers; doors follow it without anybody going there. A
new data key is between the hub and its disk.
"""

from cyclopts import App

from sync.hub.ceremony import sign, with_hub_key
from sync.hub.cli.asking import PassphraseFiles, Passphrases, confirm
from sync.hub.cli.keys import Officers, officers
from sync.hub.cli.opening import Hub, changing, print_json, say
from sync.hub.cli.words import count, moment
from sync.hub.hubclock import now_ms
from sync.hub.hubkey import hub_key
from sync.statement.head import Head


def register(app: App) -> None:
    """Add the commands of this file."""
    app.command(rotate_key, name="rotate-key")
    app.command(rotate_data_key, name="rotate-data-key")


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


def rotate_data_key(*, hub: Hub = None, json: bool = False) -> None:
    """Seal the hub's database under a new data key, also while the hub and its pages run.

    Afterwards nothing that was sealed under the old one is in the database. The hub's key opens
    it as before, and copies made before keep the data key of their day: make a new one, and
    destroy those that somebody may have read.

    Args:
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    with changing(hub) as opened:
        kek = hub_key(opened.places, opened.config).kek()
        done = opened.service.rotate_data_key(kek, opened.who, now_ms())
    if json:
        print_json({"sealed_again": done.sealed_again, "closed": done.closed})
        return
    rows = count(done.sealed_again, "row")
    say(f"{rows} sealed under a new data key; nothing of the old one is in the database.")
    say("Copies made before still hold it: make a new one with doorwatch-hub drill FOLDER.")
    if done.closed:
        damaged = count(done.closed, "row")
        say(f"{damaged} did not open and will not: the database is damaged, see restore.")
