"""The list on the command line, with eyes that see what the test says."""

import io
import json
import re
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from edge.cli import entries
from edge.cli.main import main
from edge.vision.face import Face, Flaw, Image, Quality


class Terminal(io.StringIO):
    """A person at the keyboard who answers as told."""

    def isatty(self) -> bool:
        return True


class Eyes:
    """Reads the person off the photo's colour: each red is somebody else, black is nobody."""

    model_id = "net-1"

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        assert embed
        who = round(float(rgb[0, 0, 0]) / 10)
        if not who:
            return []
        flaws = (Flaw.BLURRED,) if rgb[0, 0, 1] > 100 else ()
        template = np.eye(32, dtype=np.float32)[who]
        marks = np.zeros((5, 2), np.float32)
        return [Face((5, 5, 35, 35), marks, 0.9, Quality(0.8, flaws), template)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A unit of its own, and photos named after who is on them."""
    for who in range(4):
        PIL.Image.new("RGB", (40, 40), (who * 10, 0, 0)).save(tmp_path / f"{who}.png")
    PIL.Image.new("RGB", (40, 40), (10, 200, 0)).save(tmp_path / "blurred.png")
    config = tmp_path / "doorwatch.toml"
    config.write_text(f'[paths]\nstate = "{tmp_path}/state"\n[list]\nlease_days = 2\n')
    monkeypatch.setenv("DOORWATCH_CONFIG", str(config))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(entries, "load_engine", lambda *_: Eyes())
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    """Run a command; what it wrote, refusals included."""
    assert main(words) == status
    written = capsys.readouterr()
    assert (written.err == "") == (status == 0)
    return written.out + written.err


def enrolled(capsys: pytest.CaptureFixture[str], photo: str, *more: str) -> str:
    """Put somebody on the list; their id."""
    out = said(capsys, "enrol", photo, "--reason", "theft", "--until", "30d", *more)
    found = re.match(r"[0-9a-f]{16}", out)
    assert found
    return found[0]


Capsys = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("folder")
def test_somebody_is_enrolled_listed_shown_checked_and_lifted(capsys: Capsys) -> None:
    entry_id = enrolled(capsys, "1.png")
    assert entry_id in said(capsys, "list")
    shown = said(capsys, "show", entry_id)
    assert "banned" in shown
    assert "theft" in shown
    assert f"very strong likeness with {entry_id}" in said(capsys, "check", "1.png")
    assert "nobody on the list looks alike" in said(capsys, "check", "2.png")
    assert "nothing is kept" in said(capsys, "lift", entry_id, "--yes")
    assert "0 people on the list" in said(capsys, "list")
    assert "nobody" in said(capsys, "check", "1.png")


@pytest.mark.usefixtures("folder")
def test_scripts_are_answered_in_json(capsys: Capsys) -> None:
    words = ("enrol", "1.png", "1.png", "--reason", "missing", "--until", "20d", "--json")
    made = json.loads(said(capsys, *words))
    assert (made["category"], made["templates"], made["qualities"]) == ("welfare", 2, [0.8, 0.8])
    assert made["alike"] == []
    assert round((made["valid_until"] - made["created_at"]) / 86_400) == 20
    (listed,) = json.loads(said(capsys, "list", "--json"))
    assert listed == json.loads(said(capsys, "show", made["entry_id"], "--json"))
    assert {key: made[key] for key in listed} == listed
    (face,) = json.loads(said(capsys, "check", "1.png", "--json"))
    assert face["candidates"][0]["entry_id"] == made["entry_id"]
    assert face["candidates"][0]["score"] > 0.99
    head = json.loads(said(capsys, "affirm", "--json"))
    assert head["entries"] == 1
    assert round((head["expires_at"] - head["issued_at"]) / 86_400) == 2


@pytest.mark.usefixtures("folder")
def test_a_likely_duplicate_needs_a_yes(capsys: Capsys) -> None:
    first = enrolled(capsys, "1.png")
    words = ("enrol", "1.png", "--reason", "theft", "--until", "30d")
    refusal = said(capsys, *words, status=3)
    assert f"looks alike: {first} (score 1.00)" in refusal
    assert "--yes" in refusal
    assert "1 person on the list" in said(capsys, "list")
    assert enrolled(capsys, "1.png", "--yes") != first
    assert "2 people on the list" in said(capsys, "list")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("answer", "status", "left"), [("y", 0, 0), ("n", 3, 1), ("", 3, 1)])
def test_a_person_at_the_terminal_is_asked(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, left: int
) -> None:
    entry_id = enrolled(capsys, "1.png")
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    assert main(["lift", entry_id]) == status
    assert "Lift" in capsys.readouterr().err
    assert len(json.loads(said(capsys, "list", "--json"))) == left


@pytest.mark.usefixtures("folder")
def test_without_a_terminal_nothing_is_lifted_unasked(capsys: Capsys) -> None:
    entry_id = enrolled(capsys, "1.png")
    assert "--yes" in said(capsys, "lift", entry_id, status=3)
    assert entry_id in said(capsys, "list")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["0.png"], "'0.png' shows no face"),
        (["blurred.png"], "the face in 'blurred.png' is blurred: take a sharper one"),
        (["1.png", "2.png"], "do not seem to show the same person"),
        (["none.png"], "there is no photo"),
        (["doorwatch.toml"], "not a JPEG"),
        ([], "at least one photo"),
        (["1.png", "--category", "welfare"], "does not fit category welfare"),
        (["1.png", "--until", "3y"], "365 days at most"),
        (["1.png", "--until", "tomorrow"], "no date"),
    ],
)
def test_what_cannot_be_enrolled_is_refused_with_one_line(
    folder: Path, capsys: Capsys, words: list[str], says: str
) -> None:
    until = [] if "--until" in words else ["--until", "30d"]
    refusal = said(capsys, "enrol", *words, "--reason", "theft", *until, status=1)
    assert says in refusal
    assert refusal.startswith("doorwatch: ")
    assert refusal.count("\n") == 1
    assert json.loads(said(capsys, "list", "--json")) == []
    assert folder.is_dir()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "0" * 16], "there is no entry"),
        (["lift", "0" * 16, "--yes"], "there is no entry"),
        (["check", "0.png"], "shows no face"),
        (["affirm", "--days", "0"], "between 0 and 365"),
    ],
)
def test_a_question_without_an_answer_is_one_line(
    capsys: Capsys, words: list[str], says: str
) -> None:
    refusal = said(capsys, *words, status=1)
    assert says in refusal
    assert refusal.count("\n") == 1


@pytest.mark.usefixtures("folder")
def test_a_face_that_cannot_be_compared_is_said(capsys: Capsys) -> None:
    enrolled(capsys, "1.png")
    assert "cannot be compared: blurred" in said(capsys, "check", "blurred.png")
    (face,) = json.loads(said(capsys, "check", "blurred.png", "--json"))
    assert (face["flaws"], face["candidates"]) == (["blurred"], [])


def test_another_key_is_one_line(folder: Path, capsys: Capsys) -> None:
    enrolled(capsys, "1.png")
    (folder / "state" / "gallery.key").write_text("00" * 32)
    assert "does not open this gallery" in said(capsys, "list", status=1)


@pytest.mark.usefixtures("folder")
def test_affirming_says_what_the_clock_says(capsys: Capsys) -> None:
    assert re.search(r"The clock says 20\d\d-.* counts until 20\d\d-", said(capsys, "affirm"))
