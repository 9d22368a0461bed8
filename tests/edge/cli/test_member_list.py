"""The list of a member of a consortium on the command line: where entries count, and how."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from edge.cli import entries
from edge.cli.main import main
from edge.config import Config
from edge.gallery.shelf import GalleryShelf
from edge.gallery.template import unpack
from edge.keys.file import KeyFile
from edge.timepiece import read_clocks
from edge.vision.face import Face, Image, Quality
from simulator.shelf_samples import VENUE, entry, entry_id, grown, leaf, template, trusted
from sync.unit.shelf import HeldEntry, Step

Capsys = pytest.CaptureFixture[str]


class Eyes:
    """Sees in every photo the face that the entry with the number of its red has."""

    model_id = "model-a"

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        face = unpack(template(int(rgb[0, 0, 0])), "")[0]
        return [Face((5, 5, 35, 35), np.zeros((5, 2), np.float32), 0.9, Quality(0.8), face)]


def made(number: int, **changes: object) -> HeldEntry:
    one = entry(number, now_ms=read_clocks().wall_ms)
    return replace(one, **changes)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A member's unit: one of every door, one contested, one of the venue's own, on its way."""
    config = tmp_path / "doorwatch.toml"
    config.write_text(f'[paths]\nstate = "{tmp_path}/state"\n')
    monkeypatch.setenv("DOORWATCH_CONFIG", str(config))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(entries, "load_engine", lambda *_: Eyes())
    monkeypatch.setattr("sys.stdin", io.StringIO())
    places = Config.load(config).places()
    places.prepare()
    with GalleryShelf.open(places.gallery, KeyFile(places.key_file)) as shelf:
        now_ms = read_clocks().wall_ms
        shelf.join(replace(trusted(), floor_ms=now_ms))
        leaves = {entry_id(n): leaf(n) for n in (1, 2)}
        put = (made(1), made(2, contested=True))
        shelf.commit(Step(grown(shelf.trusted(), leaves, now_ms=now_ms), leaves, put))
        own = made(3)
        own = replace(own, proposal=replace(own.proposal, scope=VENUE), provisional=True)
        shelf.add_locally(own, b"wire")
    return tmp_path


def said(capsys: Capsys, *words: str, status: int = 0) -> str:
    assert main(words) == status
    written = capsys.readouterr()
    assert (written.err == "") == (status == 0)
    return written.out + written.err


def line_of(text: str, entry_id: str) -> str:
    return next(line for line in text.splitlines() if entry_id in line)


@pytest.mark.usefixtures("folder")
def test_the_list_tells_where_each_entry_counts_and_how_firmly(capsys: Capsys) -> None:
    listed = said(capsys, "list")
    assert "every door" in line_of(listed, entry_id(1))
    assert "contested: compared with nobody" in line_of(listed, entry_id(2))
    assert "the doors of The Blue Note" in line_of(listed, entry_id(3))
    assert "on its way to the hub" in line_of(listed, entry_id(3))
    assert "3 people on the list, which counts until" in listed


@pytest.mark.usefixtures("folder")
def test_one_entry_tells_who_entered_it_and_of_which_day(capsys: Capsys) -> None:
    shown = said(capsys, "show", entry_id(1))
    assert "The Blue Note" in line_of(shown, "entered by")
    assert "2026-11-20" in line_of(shown, "incident")
    found = json.loads(said(capsys, "show", entry_id(2), "--json"))
    assert (found["scope"], found["contested"], found["provisional"]) == ("consortium", True, False)


@pytest.mark.usefixtures("folder")
def test_nobody_is_compared_with_a_contested_entry(folder: Path, capsys: Capsys) -> None:
    for number in (1, 2):
        PIL.Image.new("RGB", (40, 40), (number, 0, 0)).save(folder / f"{number}.png")
    assert entry_id(1) in said(capsys, "check", "1.png")
    assert entry_id(2) not in said(capsys, "check", "2.png")


@pytest.mark.usefixtures("folder")
def test_what_the_consortium_decides_is_refused_here_in_one_line(capsys: Capsys) -> None:
    for words, says in (
        (("affirm",), "whose hub confirms the list"),
        (("lift", entry_id(1), "--yes"), "lift it at the hub"),
    ):
        refusal = said(capsys, *words, status=1)
        assert says in refusal
        assert refusal.count("\n") == 1
    assert "nothing is kept" in said(capsys, "lift", entry_id(3), "--yes")
