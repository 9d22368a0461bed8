"""The unit's configuration: one TOML file, read once, into frozen values.

Every key has a default and is documented in ``deploy/doorwatch.toml``. An unknown key is an
error that names the nearest known one, so that a typing slip never passes for a setting.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import Meta, Struct, field

from edge.errors import ConfigError
from edge.places import Places, usual_state

SYSTEM_FILE = Path("/etc/doorwatch/doorwatch.toml")
"""Where a unit's configuration is looked for when nothing else is said."""

Count = Annotated[int, Meta(ge=1)]
Pin = Annotated[int, Meta(ge=0, le=27)]
Seconds = Annotated[float, Meta(gt=0)]
ADDRESS = r"^(\S+:\d{1,5})?$"


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """One table of the file: frozen, no key that is not declared."""


class Camera(Section, frozen=True):
    """Where frames come from.

    Attributes:
        source: ``auto``, ``picamera``, ``v4l2:DEVICE``, ``rtsp://…``, ``video:PATH`` or
            ``folder:PATH``.
        width: Pixels asked of a live camera.
        height: Pixels asked of a live camera.
        fps: Frames a second asked of a live camera, or shown from a folder.
        loop: Whether a video or folder starts again at its end.
        rotate: Degrees, clockwise, by which the picture is turned upright.
    """

    source: str = "auto"
    width: Annotated[int, Meta(ge=160, le=4096)] = 1280
    height: Annotated[int, Meta(ge=120, le=4096)] = 720
    fps: Annotated[float, Meta(ge=2, le=120)] = 30.0
    loop: bool = False
    rotate: Literal[0, 90, 180, 270] = 0


class Vision(Section, frozen=True):
    """What the networks run on.

    Attributes:
        accelerator: ``auto`` takes the Edge TPU where there is one.
        threads: Processor threads a network may use; 0 leaves the choice to the unit.
    """

    accelerator: Literal["auto", "cpu", "edgetpu"] = "auto"
    threads: Annotated[int, Meta(ge=0, le=16)] = 0


class Budget(Section, frozen=True):
    """How many false alerts a night the operator accepts.

    Attributes:
        stops_per_night: False STOP alerts a night.
        checks_per_night: False CHECK alerts a night.
        entrants_per_night: People who walk in on such a night.
    """

    stops_per_night: Annotated[float, Meta(gt=0)] = 1.0
    checks_per_night: Annotated[float, Meta(gt=0)] = 16.0
    entrants_per_night: Count = 800


class Decision(Section, frozen=True):
    """How much evidence a verdict takes.

    Attributes:
        usable_for_clear: Usable, compared faces before CLEAR.
        stop_hits: Faces of the window on which the stop threshold must be passed.
        stop_window: Usable faces looked back on.
        patience_s: Seconds until a face that was never usable becomes CHECK.
        cool_down_s: Seconds in which the same entry opens no second alert.
    """

    usable_for_clear: Count = 3
    stop_hits: Count = 2
    stop_window: Count = 5
    patience_s: Seconds = 2.5
    cool_down_s: Annotated[float, Meta(ge=0)] = 60.0


class EntryList(Section, frozen=True):
    """How long the unit's own list counts as fresh.

    Attributes:
        lease_days: Days after which a list nobody confirmed is FAULT.
    """

    lease_days: Annotated[float, Meta(gt=0, le=365)] = 7.0


class Consortium(Section, frozen=True):
    """How a unit that has joined a consortium reaches its hub.

    Attributes:
        broker: ``host:port`` of the broker; an empty value takes what the hub said.
        desk: ``host:port`` where the hub takes units in; an empty value takes that of joining.
    """

    broker: Annotated[str, Meta(pattern=ADDRESS)] = ""
    desk: Annotated[str, Meta(pattern=ADDRESS)] = ""

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and TCP port of the broker, None where nothing is set."""
        return _place(self.broker)

    @property
    def desk_address(self) -> tuple[str, int] | None:
        """Host and TCP port where the hub takes units in, None where nothing is set."""
        return _place(self.desk)


class Indicator(Section, frozen=True):
    """The lamps, the buzzer and the two buttons, by BCM pin number.

    Attributes:
        pins: ``gpio``, ``mock``, ``console``; ``auto`` takes the pins where there are any.
        green: Lamp of CLEAR.
        amber: Lamp of CHECK and FAULT.
        red: Lamp of STOP.
        buzzer: Sounder of STOP.
        acknowledge: Button that quiets the buzzer.
        test: Button that tries every lamp.
        tamper: Switch that opens with the box; None where none is fitted.
    """

    pins: Literal["auto", "gpio", "mock", "console"] = "auto"
    green: Pin = 17
    amber: Pin = 27
    red: Pin = 22
    buzzer: Pin = 23
    acknowledge: Pin = 24
    test: Pin = 25
    tamper: Pin | None = None


class Keys(Section, frozen=True):
    """Where the key comes from that opens everything of this unit.

    Attributes:
        provider: ``credential``, ``tpm``, ``passphrase`` or ``file``; ``auto`` takes the first of
            these that is there.
        passphrase_file: File whose first line is the passphrase; an empty value has it asked for.
        grace_hours: Where it takes two shares to open the gallery: hours without the hub for which
            the hub's share is kept for a restart; 0 keeps none.
    """

    provider: Literal["auto", "credential", "tpm", "passphrase", "file"] = "auto"
    passphrase_file: str = ""
    grace_hours: Annotated[float, Meta(ge=0, le=24 * 31)] = 72.0


class Page(Section, frozen=True):
    """Where the staff page listens.

    Attributes:
        host: Address; anything but the machine itself is the operator's decision.
        port: TCP port.
        metrics: Whether figures for Prometheus are served beside it, at ``/metrics``.
        metrics_token: File of the word that whoever asks for them has to know; an empty value
            answers this machine alone.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8080
    metrics: bool = False
    metrics_token: str = ""


class Paths(Section, frozen=True):
    """Where the unit keeps things; an empty value takes the usual place.

    Attributes:
        state: Folder of the gallery, the key file and the page's PIN.
        key_file: File of the key that opens the gallery.
        run: Folder of the sockets between the unit's processes.
    """

    state: str = ""
    key_file: str = ""
    run: str = ""


class Config(Section, frozen=True):
    """All of it.

    Attributes:
        camera: Where frames come from.
        vision: What the networks run on.
        budget: How many false alerts are accepted.
        decision: How much evidence a verdict takes.
        entry_list: How long the list counts as fresh; the table ``[list]``.
        consortium: How a member reaches its hub.
        indicator: Lamps, buzzer, buttons.
        keys: Where the key comes from that opens everything.
        page: Where the staff page listens.
        paths: Where things are kept.
    """

    camera: Camera = Camera()
    vision: Vision = Vision()
    budget: Budget = Budget()
    decision: Decision = Decision()
    entry_list: EntryList = field(default=EntryList(), name="list")
    consortium: Consortium = Consortium()
    indicator: Indicator = Indicator()
    keys: Keys = Keys()
    page: Page = Page()
    paths: Paths = Paths()

    @classmethod
    def load(cls, path: Path | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """Read the configuration from the first place that is named or exists.

        Args:
            path: The file of ``--config``; must exist where it is given.
            environ: The environment; the process's own by default. ``DOORWATCH_CONFIG`` names
                a file that must exist.

        Raises:
            ConfigError: The file cannot be read, or says something the unit does not know.
        """
        named = path or _from_environment(os.environ if environ is None else environ)
        if named is None:
            return cls.parse(_read(SYSTEM_FILE), SYSTEM_FILE) if SYSTEM_FILE.exists() else cls()
        return cls.parse(_read(named), named)

    @classmethod
    def parse(cls, text: str, origin: Path) -> Self:
        """Turn the ``text`` of a file into values; ``origin`` stands in error messages.

        Raises:
            ConfigError: Not TOML, an unknown key, or a value of the wrong kind.
        """
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{origin} is not valid TOML: {error}") from error
        _refuse_unknown_keys(tables, origin)
        try:
            return msgspec.convert(tables, cls)
        except msgspec.ValidationError as error:
            what, _, where = str(error).partition(" - at ")
            raise ConfigError(
                f"{origin}: {where.strip('`').removeprefix('$.')}: {what.replace('`', '')}"
            ) from error

    def places(self, environ: Mapping[str, str] | None = None) -> Places:
        """Work out the folders and files, by the file, systemd's variables and the user.

        Raises:
            ConfigError: The folder of the sockets has too long a name.
        """
        around = os.environ if environ is None else environ
        given = (around.get("STATE_DIRECTORY"), around.get("RUNTIME_DIRECTORY"))
        state = _folder(self.paths.state, given[0], usual_state(around))
        run = _folder(self.paths.run, given[1], state / "run")
        return Places.below(state, run, _folder(self.paths.key_file, None, state / "gallery.key"))


def _place(words: str) -> tuple[str, int] | None:
    host, _, port = words.rpartition(":")
    return (host.strip("[]"), int(port)) if host else None


def _from_environment(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("DOORWATCH_CONFIG")
    return Path(named) if named else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: save it as such") from error
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from error


def _folder(configured: str, given: str | None, usual: Path) -> Path:
    """Take the configured place, else the first that systemd lists, else the usual one."""
    named = configured or (given or "").partition(":")[0]
    return Path(named).expanduser().absolute() if named else usual


def _refuse_unknown_keys(tables: Mapping[str, Any], origin: Path) -> None:
    """Name the first key that no section declares, and the nearest one that is declared."""
    sections = {item.encode_name: item.type for item in msgspec.structs.fields(Config)}
    known = {
        name: [f.name for f in msgspec.structs.fields(kind)] for name, kind in sections.items()
    }
    for table, keys in tables.items():
        if table not in known:
            raise ConfigError(f"{origin}: unknown section [{table}]{_nearest(table, list(known))}")
        for key in keys if isinstance(keys, dict) else ():
            if key not in known[table]:
                raise ConfigError(
                    f"{origin}: unknown key {table}.{key}{_nearest(key, known[table])}"
                )


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    return f": did you mean {near[0]}?" if near else f": known here are {', '.join(known)}"
