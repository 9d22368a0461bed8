"""The demonstration from start to end: samples, clip, a real unit, a panel, a verdict on it."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.progress import Progress

from edge.demo.clip import EVENING, Clip, make_clip
from edge.demo.evening import DemoError, Evening, free_port
from edge.demo.keyboard import pressed, single_keys
from edge.demo.notebook import Notebook
from edge.demo.panel import Lamps, draw, score_words, summary
from edge.demo.samples import Samples, fetch_samples
from edge.demo.snapshot import take_picture
from edge.demo.truth import compare
from edge.door import DoorState, EncounterView
from edge.errors import DoorwatchError, LinkError

KEPT = Path(".demo")
"""Where portraits, clip and log are kept, in the folder the demonstration is started in."""

PACE_S = 0.05
"""Seconds between two snapshots."""

OVERTIME_S = 45.0
"""Seconds beyond the clip's length after which something is wrong."""

CAMERA = "v4l2:/dev/video0"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for.

    Attributes:
        stay: Play the clip over and over and leave the page up until Ctrl-C.
        camera: Take this machine's camera instead of the clip.
        port: The first port tried for the page.
    """

    stay: bool = False
    camera: bool = False
    port: int = 8080


class Show:
    """What the audience sees: a live panel on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console, footing: str) -> None:
        """Draw on ``console``; ``footing`` stands below the panel."""
        self._console, self._footing = console, footing
        self._lamps = Lamps()
        self._live: Live | None = None

    @contextmanager
    def on(self) -> Iterator[None]:
        """Show within the block."""
        if not self._console.is_terminal:
            self._console.print(self._footing)
            yield
            return
        with Live(console=self._console, auto_refresh=False, screen=False) as self._live:
            yield

    def update(self, state: DoorState | None, changed: list[EncounterView]) -> None:
        """Show a snapshot; ``changed`` are the encounters with a new verdict."""
        lit = self._lamps.levels(state, time.monotonic())
        if self._live is not None:
            self._live.update(draw(state, lit, self._footing), refresh=True)
            return
        for view in changed:
            self._console.print(line(view), highlight=False)

    def say(self, footing: str) -> None:
        """Change the line below the panel."""
        self._footing = footing
        if self._live is None:
            self._console.print(footing, highlight=False)


def line(view: EncounterView) -> str:
    """Tell a new verdict in one line, for logs."""
    verdict = view.verdict or "undecided"
    words = f"person {view.number}: {verdict:9} score {score_words(view.score)}"
    return f"{words}, after {view.seen_s:.1f} s, {view.latency_ms:.0f} ms: {view.why}"


def run_demo(options: Options, console: Console) -> int:
    """Play the demonstration.

    Returns:
        0 if everybody in the clip got the right verdict and was counted once, else 1; always 0
        with the camera, where nobody knows what is right.

    Raises:
        DoorwatchError: It cannot start, or does not come to its end.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # so that the evening's folder goes
    KEPT.mkdir(exist_ok=True)
    port = free_port(options.port)
    if port != options.port:
        console.print(f"port {options.port} is taken: the page is on port {port}")
    with (KEPT / "unit.log").open("w", encoding="utf-8") as log:
        return (_with_camera if options.camera else _with_clip)(options, console, port, log)


def _with_clip(options: Options, console: Console, port: int, log: TextIO) -> int:
    samples, clip = _prepare(console)
    notebook = Notebook(EVENING.count)
    source = f"video:{clip.path.absolute()}"
    with Evening(source, loop=options.stay, port=port, log=log) as evening:
        _put_on_list(evening, samples.listed, console)
        show = Show(console, _footing(evening, options))
        evening.start()
        over = time.monotonic() + EVENING.length_s + OVERTIME_S
        with show.on():
            try:
                _watch(evening, notebook, show, lambda state: _ended(state, options, over))
            except KeyboardInterrupt:
                if not options.stay:
                    raise
    outcomes, nobody = compare(clip.appearances, notebook.sightings())
    console.print(summary(outcomes, nobody))
    right = not nobody and all(outcome.is_right for outcome in outcomes)
    words = "everybody got the right verdict" if right else f"not as expected: see {log.name}"
    console.print(words, style="green" if right else "red")
    return 0 if right else 1


def _prepare(console: Console) -> tuple[Samples, Clip]:
    samples = fetch_samples(KEPT / "portraits", console.print)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("drawing the clip", total=1.0)
        clip = make_clip(EVENING, samples, KEPT, lambda part: progress.update(task, completed=part))
    return samples, clip


def _put_on_list(evening: Evening, photo: Path, console: Console) -> None:
    """Set the PINs and enrol one portrait, by the commands an owner types."""
    evening.set_pins()
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    words = ["--category", "self-excluded", "--reason", "self-exclusion", "--until", until]
    console.print(f"$ doorwatch enrol {photo.name} {' '.join(words)}", highlight=False)
    console.print(evening.command("enrol", str(photo), *words), highlight=False, style="dim")


def _footing(evening: Evening, options: Options) -> str:
    end = "Ctrl-C ends it" if options.stay or options.camera else "ends by itself"
    keys = " · e puts who stands there on tonight's list" if options.camera else ""
    pins = f"PIN {evening.pin}, manager {evening.managers_pin}"
    return f"page: http://127.0.0.1:{evening.port}  {pins} · {end}{keys}"


def _ended(state: DoorState | None, options: Options, over: float) -> bool:
    if options.stay:
        return False
    if time.monotonic() > over:
        raise DemoError(f"the clip did not come to its end: see {KEPT / 'unit.log'}")
    return state is not None and state.finished


def _watch(
    evening: Evening,
    notebook: Notebook,
    show: Show,
    ended: Callable[[DoorState | None], bool],
) -> None:
    """Show snapshots until the end; whatever ended the processes is raised here."""
    link, state = evening.link, None
    while not ended(state):
        evening.check()
        try:
            state = link.state()
        except LinkError:
            state = None
        show.update(state, notebook.note(state) if state else [])
        time.sleep(PACE_S)


def _with_camera(options: Options, console: Console, port: int, log: TextIO) -> int:
    with Evening(CAMERA, loop=False, port=port, log=log) as evening, single_keys():
        evening.set_pins()
        footing = _footing(evening, options)
        show = Show(console, footing)
        with show.on():
            try:
                while True:
                    evening.start()
                    _watch(evening, Notebook(), show, lambda _: pressed() == "e")
                    show.say("look into the camera, alone, for a few seconds …")
                    show.update(None, [])
                    show.say(_enrol_guest(evening, footing))
            except KeyboardInterrupt:
                return 0


def _enrol_guest(evening: Evening, footing: str) -> str:
    """Stop the unit, which gives its frames to nobody, take a picture, put it on the list."""
    evening.stop()
    photo = evening.config_file.with_name("guest.jpg")
    try:
        take_picture(evening.source, photo)
        until = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        words = ("--category", "self-excluded", "--reason", "self-exclusion", "--until", until)
        evening.command("enrol", str(photo), *words)
    except DoorwatchError as refusal:
        return f"{refusal} · {footing}"
    finally:
        photo.unlink(missing_ok=True)
    return f"on tonight's list · {footing}"
