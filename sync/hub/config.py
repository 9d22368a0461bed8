"""The hub's folder and its few settings: ``hub.toml``, written by ``init``, read by the rest.

Everything the hub keeps lies in one folder that its user alone can open. It is named by ``--hub``,
by ``DOORWATCH_HUB``, by systemd, or lies in the usual place.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct

from sync.errors import HubError

Port = Annotated[int, Meta(ge=1, le=65535)]
Text = Annotated[str, Meta(min_length=1, max_length=120)]

SYSTEM_FOLDER = Path("/var/lib/doorwatch-hub")
"""Where the hub keeps things that runs as a service of the machine."""


class HubConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What the hub is told once.

    Attributes:
        name: What the consortium calls its list; stands on tables and nowhere else.
        host: Name or address by which units reach hub and broker; it stands on invitations.
        port: TCP port of the broker, TLS 1.3.
        join_port: TCP port on which new units hand in their keys.
        listen: Address on which both are opened; "0.0.0.0" is every interface.
        key_file: The key that opens the hub's database; empty takes the one in the folder.
        page_port: TCP port of the pages that people open in a browser.
        metrics_token: File of the word that Prometheus has to know to be given figures, in the
            hub's folder; empty gives none.
    """

    name: Text
    host: Text = "127.0.0.1"
    port: Port = 8883
    join_port: Port = 8884
    listen: Text = "127.0.0.1"
    key_file: str = ""
    page_port: Port = 8443
    metrics_token: str = ""

    @property
    def pages(self) -> str:
        """The address that people type into a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.page_port}"

    @classmethod
    def parse(cls, text: str, origin: Path) -> Self:
        """Turn the ``text`` of a file into settings; ``origin`` stands in the message.

        Raises:
            HubError: Not TOML, an unknown key, or a value of the wrong kind.
        """
        try:
            return msgspec.convert(tomllib.loads(text), cls)
        except tomllib.TOMLDecodeError as error:
            raise HubError(f"{origin} is not valid TOML: {error}") from error
        except msgspec.ValidationError as error:
            raise HubError(f"{origin}: {str(error).replace('`', '')}") from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of settings.

        Raises:
            HubError: As ``parse``.
            OSError: It cannot be read.
        """
        try:
            return cls.parse(path.read_text(encoding="utf-8"), path)
        except UnicodeDecodeError as error:
            raise HubError(f"{path} is not UTF-8 text: save it as such") from error

    def text(self) -> str:
        """Write the settings as a file that ``parse`` reads back."""
        lines = [
            f"{name} = {_quoted(value)}" for name, value in msgspec.structs.asdict(self).items()
        ]
        return "# Made by doorwatch-hub init; the hub reads it at its start.\n" + "\n".join(
            [*lines, ""]
        )


@dataclass(frozen=True, slots=True)
class HubPlaces:
    """The files of one hub.

    Attributes:
        folder: Everything lies in here, 0700.
    """

    folder: Path

    @classmethod
    def find(cls, named: Path | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """Take the folder that was named, else the environment's, else the usual one.

        Args:
            named: The folder of ``--hub``.
            environ: The environment; the process's own by default.
        """
        around = os.environ if environ is None else environ
        given = around.get("DOORWATCH_HUB") or around.get("STATE_DIRECTORY", "").partition(":")[0]
        folder = named or (Path(given) if given else _usual(around))
        return cls(folder.expanduser().absolute())

    @property
    def database(self) -> Path:
        """The hub's encrypted database."""
        return self.folder / "hub.db"

    @property
    def settings(self) -> Path:
        """The file of ``HubConfig``."""
        return self.folder / "hub.toml"

    @property
    def authority(self) -> Path:
        """Folder of the certificate authority for broker and units."""
        return self.folder / "ca"

    @property
    def broker(self) -> Path:
        """Folder of the broker's configuration and state."""
        return self.folder / "broker"

    @property
    def nudge(self) -> Path:
        """Socket on which a command tells the running hub that it changed something."""
        return self.folder / "nudge.sock"

    def key_file(self, config: HubConfig) -> Path:
        """Name the key that opens the database."""
        named = Path(config.key_file).expanduser() if config.key_file else Path("hub.key")
        return self.folder / named

    def metrics_token(self, config: HubConfig) -> Path:
        """Name the file of the word that Prometheus has to know."""
        return self.folder / Path(config.metrics_token).expanduser()

    def prepare(self) -> None:
        """Make the folder, closed to everybody else.

        Raises:
            HubError: It cannot be made.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HubError(
                f"cannot make the hub's folder {self.folder} ({error.strerror}): "
                "name another with --hub"
            ) from error

    def load(self) -> HubConfig:
        """Read the settings.

        Raises:
            HubError: There is no hub here, it is somebody else's, or the file is wrong.
        """
        self.refuse_other_owner()
        try:
            return HubConfig.read(self.settings)
        except FileNotFoundError as error:
            raise HubError(
                f"there is no hub in {self.folder}: make one with doorwatch-hub init, or name "
                "its folder with --hub"
            ) from error
        except OSError as error:
            raise HubError(f"cannot read {self.settings}: {error.strerror}") from error

    def refuse_other_owner(self) -> None:
        """Refuse to leave files that the hub's own user could not open afterwards.

        Raises:
            HubError: The folder is somebody else's.
        """
        try:
            owner = self.folder.stat().st_uid
        except OSError:
            return  # reading the settings says why
        if owner != os.geteuid():
            raise HubError(
                f"the hub in {self.folder} belongs to user {owner}: run this as that user, for "
                f"example with sudo -u '#{owner}'"
            )


def _quoted(value: str | int) -> str:
    return str(value) if isinstance(value, int) else msgspec.json.encode(value).decode()


def _usual(environ: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return SYSTEM_FOLDER
    return Path(environ.get("XDG_STATE_HOME") or "~/.local/state") / "doorwatch-hub"
