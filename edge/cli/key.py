"""The unit's key on the command line: where it lies, another place, a new data key."""

import sys
from typing import Literal

from cyclopts import App
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.cli.configured import ConfigFile
from edge.cli.listing import print_json
from edge.config import Config
from edge.errors import ConfigError, GalleryError, KeyProviderError
from edge.gallery.keys import KeyProvider
from edge.gallery.rotation import rotate as rotate_data_key
from edge.keys.credential import Credential
from edge.keys.place import one_at_a_time
from edge.keys.provider import KeptKey, kept_keys, key_provider
from edge.keys.shares import gallery_keys
from edge.places import Places
from edge.syncing.moving import MOVING, move_key, opened_gallery

Way = Literal["credential", "tpm", "passphrase", "file"]

PROTECTS = {
    "credential": "the list on a stolen card, if a TPM holds it; see deploy/keys.md",
    "tpm": "the list on a stolen card; not a stolen unit that is switched on",
    "passphrase": "the list on a stolen card and a stolen unit, until somebody types it",
    "file": "nothing, if it is stolen with the list",
}
"""What each way is good for, in one line."""


class KeyView(Struct):
    """What ``doorwatch key show`` tells.

    Attributes:
        way: How the key is kept.
        place: Where.
        protects: What that is good for.
        opens: Whether it opens the gallery; None where there is no gallery yet.
        why: Why it does not.
        rotating: Whether a new data key was begun and never finished.
        shared: Whether it takes two of three shares to open the gallery.
        also: Other places where a key lies.
    """

    way: str
    place: str
    protects: str
    opens: bool | None
    why: str
    rotating: bool
    shared: bool
    also: list[str]


def register(app: App) -> None:
    """Add the commands of this file."""
    key = App(name="key", help="The key that opens everything of this unit.")
    key.command(show)
    key.command(move)
    key.command(rotate)
    app.command(key)


def show(*, json: bool = False, config: ConfigFile = None) -> None:
    """Show where the key comes from, what that protects, and whether it opens the gallery.

    Args:
        json: Print one JSON object for a script.
        config: Configuration file.
    """
    settings = Config.load(config)
    places = settings.places()
    view = _view(settings, places)
    if json:
        print_json({name: getattr(view, name) for name in view.__struct_fields__})
    else:
        Console(highlight=False).print(_table(view))


def move(
    *,
    to: Way,
    bound_to: Literal["auto", "host", "tpm2", "host+tpm2"] = "auto",
    config: ConfigFile = None,
) -> None:
    """Move the key to another place, or renew it where it is; the old one is destroyed.

    End doorwatch sync first. Cut short, the unit opens as before or with the new key: run the
    same command again.

    Args:
        to: How it is kept from now on.
        bound_to: For a credential: what systemd binds it to; auto takes the TPM where there is
            one.
        config: Configuration file.
    """
    settings = Config.load(config)
    places = settings.places()
    if settings.keys.provider not in {"auto", to}:
        raise ConfigError(
            f"the configuration says keys.provider = {settings.keys.provider!r}: make it 'auto' "
            "first, so that the unit finds its key wherever it lies"
        )
    options = (f"--with-key={bound_to}",)
    ways = kept_keys(settings, places) | {
        "credential": Credential(places.credential, environ={}, options=options)
    }
    destroyed = move_key(places, ways, to)
    lines = [f"The key of this unit is new and lies in {ways[to].path}."]
    lines += [f"The one in {path} was destroyed." for path in destroyed]
    lines.append("Start the unit again: what runs still has what the old key opened.")
    sys.stdout.write("\n".join(lines) + "\n")


def rotate(*, config: ConfigFile = None) -> None:
    """Give the list a new data key while the unit runs, and seal everything again under it.

    Cut short, the list opens as before: run it again.

    Args:
        config: Configuration file.
    """
    settings = Config.load(config)
    places = settings.places()
    if not places.gallery.exists():
        raise GalleryError(f"there is no gallery {places.gallery} yet: nothing to do")
    keys = gallery_keys(settings, places, key_provider(settings, places))
    with one_at_a_time(places.state), opened_gallery(places, keys) as file:
        done = rotate_data_key(file, [keys.kek()])
    lines = [f"The list has a new data key; {done.sealed_again} records were sealed again."]
    if done.closed:
        lines.append(
            f"{done.closed} records do not open and stay as they were: doorwatch verify names them."
        )
    sys.stdout.write("\n".join(lines) + "\n")


def _view(settings: Config, places: Places) -> KeyView:
    device = key_provider(settings, places)
    ways = kept_keys(settings, places)
    there = {name: way for name, way in ways.items() if way.there}
    name = next(iter(there), "file") if settings.keys.provider == "auto" else settings.keys.provider
    others = [way.path for other, way in there.items() if other != name]
    drafts = [way.path.with_name(way.path.name + MOVING) for way in ways.values()]
    also = [str(path) for path in (*others, *(one for one in drafts if one.exists()))]
    keys = gallery_keys(settings, places, device)
    opens, why, rotating = _tried(places, keys)
    return KeyView(
        name, _place(ways[name]), PROTECTS[name], opens, why, rotating, keys.shared, also
    )


def _tried(places: Places, keys: KeyProvider) -> tuple[bool | None, str, bool]:
    """Try the key: whether it opens the gallery, why not, and whether a rotation never ended."""
    if not places.gallery.exists():
        return None, "", False
    try:
        with opened_gallery(places, keys) as file:
            return True, "", len(file.sealer.data_keys) > 1
    except KeyProviderError as error:
        return False, str(error), False


def _place(way: KeptKey) -> str:
    return str(way.path) if way.path.exists() else f"{way.path} (not there)"


def _table(view: KeyView) -> Table:
    table = Table(show_header=False, title="The key of this unit", title_justify="left")
    table.add_row("kept as", view.way)
    table.add_row("in", view.place)
    table.add_row("protects", view.protects)
    shares = "yes, two of: device, hub, staff token" if view.shared else "no, it opens all alone"
    table.add_row("in shares", shares)
    table.add_row("opens the list", _opens(view))
    if view.rotating:
        table.add_row("data key", "[yellow]being replaced: run doorwatch key rotate to end it[/]")
    if view.also:
        said = "a move was cut short, or a copy was left: run doorwatch key move again"
        table.add_row("[yellow]lies also in[/]", "\n".join((*view.also, said)))
    return table


def _opens(view: KeyView) -> str:
    if view.opens is None:
        return "there is no list yet"
    return "[green]yes[/]" if view.opens else f"[red]no[/]: {escape(view.why)}"
