"""Makes a hub: its folder, its keys, its certificate authority, its officers, its first root."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.installed import by_installer
from sync import keyfile
from sync.authority import write_private
from sync.errors import HubError
from sync.hub.ceremony import OFFICERS, first_root, sign
from sync.hub.certificates import Certificates
from sync.hub.cli.asking import PassphraseFiles, Passphrases
from sync.hub.cli.opening import Hub, print_json, say
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.hubclock import now_ms
from sync.hub.hubkey import hub_key
from sync.hub.service import Service
from sync.signing import Signer

_VENUE = 'doorwatch-hub venue add "First Venue" --key first.key --officer FILE --officer FILE'
_USER = "doorwatch-hub user invite LOGIN --role administrator"
_BY_HAND = (_VENUE, "doorwatch-hub run --with-broker", _USER, "doorwatch-hub web")
_AS_SERVICES = (
    "sudo systemctl restart doorwatch-hub doorwatch-hub-web",
    f"sudo {_VENUE}",
    f"sudo {_USER}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the hub is told once.

    Attributes:
        name: What the consortium calls its list.
        host: Name or address by which the doors reach this machine.
        port: TCP port of the broker.
        join_port: TCP port on which new units hand in their keys.
        listen: Address on which both are opened; 0.0.0.0 for every interface.
        key_file: The key that opens the hub's database; by default hub.key in the hub's folder.
    """

    name: str = "Doorwatch"
    host: str = "127.0.0.1"
    port: int = 8883
    join_port: int = 8884
    listen: str = "127.0.0.1"
    key_file: str = ""

    def config(self) -> HubConfig:
        """Check the settings. Raises: HubError."""
        made = HubConfig(
            name=self.name,
            host=self.host,
            port=self.port,
            join_port=self.join_port,
            listen=self.listen,
            key_file=self.key_file,
        )
        return HubConfig.parse(made.text(), Path("the options"))


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(init)


def init(
    *,
    setting: Annotated[Setting | None, Parameter(name="*")] = None,
    officers: Path = Path("officers"),
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Make a new hub, three officers' root keys, and the first root, signed by two of them.

    Args:
        setting: What the hub is told once.
        officers: Folder for the three officers' key files; nothing of it stays with the hub.
        hub: The hub's folder.
        passphrase_file: File whose first line is the passphrase: one for all keys, or one each.
        json: Print one JSON object for a script.
    """
    config = (setting or Setting()).config()
    places = HubPlaces.find(hub)
    files = _officer_files(officers)
    with _all_or_nothing(places, officers):
        keys = _officer_keys(files, Passphrases(passphrase_file))
        list_id, digest = _make_hub(places, config, keys)
    if json:
        paths = [str(path) for path in files]
        made = {"hub": str(places.folder), "list_id": list_id, "officers": paths, "root": digest}
        print_json(made)
        return
    _say_what_to_carry(places, config, files, list_id)


def _make_hub(places: HubPlaces, config: HubConfig, keys: list[Signer]) -> tuple[str, str]:
    """Make database, authority and first root; the settings come last and make it a hub."""
    now = now_ms()
    provider = hub_key(places, config)
    Certificates.create(places.authority, provider.provision(), now)
    with Service.create(places.database, provider, now) as service:
        root = first_root(service.list_id, [key.public for key in keys], service.hub_key, now)
        signed = sign(root, keys[: root.threshold])
        service.add_root(signed, now)
        list_id = service.list_id
    write_private(places.settings, config.text().encode())
    return list_id, signed.digest.hex()


def _officer_files(folder: Path) -> list[Path]:
    files = [folder / f"officer-{number}.key" for number in range(1, OFFICERS + 1)]
    for path in files:
        if path.exists():
            raise HubError(f"{path} is there already: carry it away first, or name --officers DIR")
    return files


def _officer_keys(files: list[Path], phrases: Passphrases) -> list[Signer]:
    """Make the key files, each under its own passphrase."""
    files[0].parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [keyfile.make_key_file(path, phrases.fresh(path.name)) for path in files]


@contextmanager
def _all_or_nothing(places: HubPlaces, officers: Path) -> Iterator[None]:
    """Take back what was made where the making of a hub ends in the middle.

    Raises:
        HubError: The hub's folder is in use, or cannot be made.
    """
    if places.folder.exists() and any(places.folder.iterdir()):
        raise HubError(
            f"{places.folder} is not empty: name another folder with --hub, or move it away"
        )
    known = set(officers.iterdir()) if officers.exists() else set()
    places.prepare()
    try:
        yield
    except BaseException:
        for made in places.folder.iterdir():
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        for made in set(officers.iterdir()) - known if officers.exists() else ():
            made.unlink()
        raise


def _say_what_to_carry(
    places: HubPlaces, config: HubConfig, files: list[Path], list_id: str
) -> None:
    say(
        f"{config.name} has a list ({list_id[:8]}…), and nobody is on it.",
        "",
        "Carry these away, each to its own person, and delete them here. Two of the three are",
        "needed for each new venue and each new hub key:",
        *(f"  {path}" for path in files),
        "",
        "Keep a copy of this one apart from every backup of the hub, which it opens:",
        f"  {places.key_file(config)}",
        "",
        "What comes next:",
        *(f"  {line}" for line in (_AS_SERVICES if by_installer() else _BY_HAND)),
    )
