"""Draw the README's picture of a consortium out of a real run.

``python deploy/draw_consortium.py``

Plays the demonstration of six doors until the listed person stands at the first one, and saves
the table of that moment as SVG.
"""

import io
from pathlib import Path

from rich.console import Console

from edge.demo.clip import QUIET, WALK, make_clip
from edge.demo.consortium.acts import Play
from edge.demo.consortium.town import Town
from edge.demo.consortium.watch import Watch
from edge.demo.run import KEPT
from edge.demo.samples import fetch_samples

PICTURE = Path(__file__).with_name("pictures") / "consortium.svg"


def main() -> None:
    """Save the picture."""
    samples = fetch_samples(KEPT / "portraits", print)
    walk, quiet = (make_clip(scene, samples, KEPT, lambda _: None) for scene in (WALK, QUIET))
    with Town(walk, quiet, io.StringIO()) as town:
        town.found(print)
        town.open_doors(print)
        watch = Watch(town, Console(file=io.StringIO()))
        play = Play(town, watch, samples)
        for act in play.acts()[:4]:
            outcome = act()
            watch.tell(outcome.act, outcome.words, passed=outcome.passed)
        canvas = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
        canvas.print(watch.picture())
    canvas.save_svg(str(PICTURE), title="make consortium")


if __name__ == "__main__":
    main()
