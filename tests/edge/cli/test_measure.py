"""``doorwatch evaluate`` on the command line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cli.main import main


def grey(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((64, 64, 3), 128, np.uint8))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "takes a folder"),
        (["nowhere"], "cannot read nowhere"),
        (["--night"], "takes --listed"),
        (["--night", "--listed", "a", "--strangers", "b", "--budget", "x"], "give 1/1000"),
        (["--night", "--listed", "a", "--strangers", "b", "--budget", "0"], "above 0"),
        (["--night", "--listed", "a", "--strangers", "b", "--budget", "1/0"], "give 1/1000"),
        (["--night", "--listed", "a", "--strangers", "b", "--nights", "0"], "at least 1"),
        (["--night", "--listed", "a", "--strangers", "b"], "cannot read b"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_one_line(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert line in told[0]


def test_photographs_without_faces_are_refused_after_looking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a/1.png", "a/2.png", "b/1.png"):
        grey(tmp_path / name)
    assert main(["evaluate", str(tmp_path), "--workers", "1"]) == 1
    assert "nothing to compare" in capsys.readouterr().err


def test_a_network_without_a_card_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey(tmp_path / "a" / "1.png")
    assert main(["evaluate", str(tmp_path), "--network", "no-such"]) == 1
    assert "no-such" in capsys.readouterr().err


@pytest.mark.faces
def test_an_evaluation_prints_json_and_writes_a_report(
    faces_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--people", "12", "--workers", "1", "--beside", "embed-float", "--json"]
    words += ["--html", str(tmp_path / "r.html")]
    assert main(["evaluate", str(faces_root / "portrait-pairs"), *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["acquired"]["images"] == 24
    assert found["verification"]["mated"] == 12
    assert found["beside"]["network"].startswith("embed-float-")
    assert [one["fmr"] for one in found["beside"]["differences"]] == [0.01]
    told = (tmp_path / "r.html").read_text()
    assert "<svg" in told
    assert "Beside embed-float-" in told
    words[-1] = str(tmp_path / "nowhere" / "r.html")
    assert main(["evaluate", str(faces_root / "portrait-pairs"), *words]) == 1
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.faces
def test_a_few_strangers_say_nothing_about_rare_matches(
    faces_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--people", "3", "--workers", "1", "--strangers", str(faces_root / "fairface-dev")]
    assert main(["evaluate", str(faces_root / "portrait-pairs"), *words]) == 1
    assert "too few people" in capsys.readouterr().err


@pytest.mark.faces
def test_a_simulated_night_is_shown_as_tables(
    faces_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--listed", str(faces_root / "portrait-pairs"), "--gallery", "3", "--people", "6"]
    strangers = str(faces_root / "fairface-dev")
    assert main(["evaluate", "--night", *words, "--strangers", strangers, "--workers", "1"]) == 0
    told = capsys.readouterr().out
    assert "gallery of 3" in told
    assert "promised" in told
    assert "no right STOP" in told
