"""``doorwatch bench`` on the command line."""

import json
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from edge.bench.alone import TO_MATCH, TO_TEMPLATE
from edge.bench.figures import (
    Arrival,
    Bench,
    ColdStart,
    Comparison,
    GalleryTiming,
    Journey,
    NetworkTiming,
    ratio,
    timing,
)
from edge.bench.run import Plan
from edge.cli import benching
from edge.cli.benchtables import BUSY, CLOCKS, show_bench
from edge.cli.main import main

WAYS = (timing(TO_TEMPLATE, [0.008]), timing(TO_MATCH, [0.009]))
FOUND = Bench(
    machine="Two Cores",
    load=0.1,
    network="embed-0",
    frame=(1280, 720, 160),
    entries=10_000,
    networks=(
        NetworkTiming("new 2", 1, 1302.0, timing("embed", [0.001, 0.0012])),
        NetworkTiming("new 2", 1, 2079.0, timing("embed-float", [0.0025])),
        NetworkTiming("old 1", 1, 1302.0, timing("embed", [0.058])),
    ),
    ours=(Journey("new 2", 1, (timing("detect", [0.004]),), WAYS),),
    peers=(
        Journey("other", 1, (timing("detect", [0.2]),), (timing(TO_TEMPLATE, [0.3]),), 2.0),
        Journey("third", 1, (timing("embed", [0.1]),), ()),
    ),
    gallery=(
        GalleryTiming("doorwatch", "float32", 1000, 1, 1.0, timing("search 1,000", [0.0001])),
        GalleryTiming("doorwatch", "float32", 10_000, 1, 1.0, timing("search 10,000", [0.0004])),
        GalleryTiming("faiss 1", "int8", 10_000, 1, 0.98, timing("search 10,000", [0.0006])),
    ),
    comparisons=(Comparison("embed", "old 1", "new 2", 1, ratio([0.058], [0.001])),),
    arrival=Arrival(10_000, 2.5, timing("before", [0.01]), timing("beside", [0.012, 0.012]), 3.0),
    start=ColdStart(0.5, 149.0),
    left_out=("fourth is not here",),
)


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Collect what would be timed, instead of timing it."""
    asked: list[Plan] = []

    def benchmark(plan: Plan, say: object) -> Bench:
        asked.append(plan)
        return FOUND

    def fetched(*_: object) -> None:
        pytest.fail("the sample portrait was fetched")

    monkeypatch.setattr(benching, "benchmark", benchmark)
    monkeypatch.setattr(benching, "fetch_samples", fetched)
    return asked


def shown(found: Bench, width: int = 100) -> str:
    console = Console(width=width, record=True, highlight=False)
    show_bench(console, found)
    return console.export_text()


def rows(text: str, start: str) -> list[list[str]]:
    lines = (line for line in text.splitlines() if line.startswith(f"│ {start} "))
    return [[cell.strip() for cell in line.strip("│").split("│")[1:]] for line in lines]


def test_networks_stand_in_rows_and_libraries_in_columns() -> None:
    text = shown(FOUND)
    assert rows(text, "embed") == [
        ["1,302", "1.10", "1.00", "58.00", "58.00"],
        ["", "", "100.00"],
    ]
    assert rows(text, "embed-float") == [["2,079", "2.50", "2.50", "", ""]]


def test_a_frame_s_way_to_the_template_and_to_the_match_stand_below_its_stages() -> None:
    ours, _ = rows(shown(FOUND), "detect")
    assert ours == ["4.00"]
    assert rows(shown(FOUND), "pixels to template")[0] == ["8.00"]
    assert rows(shown(FOUND), "pixels to match")[0] == ["9.00"]


def test_peers_stand_beside_the_unit_with_the_faces_they_saw() -> None:
    text = shown(FOUND)
    assert "doorwatch on" in text
    assert rows(text, "detect")[1] == ["4.00", "200.00", ""]
    assert rows(text, "pixels to template")[1] == ["8.00", "300.00", ""]
    assert rows(text, "pixels to match")[1] == ["9.00", "", ""]
    assert rows(text, "faces found") == [["1.0", "2.0", "1.0"]]


def test_indexes_stand_in_rows_and_sizes_in_columns_with_recall_beside() -> None:
    text = shown(FOUND)
    assert rows(text, "doorwatch, float32") == [["0.1", "1", "0.4", "1"]]
    assert rows(text, "faiss 1, int8") == [["", "", "0.6", "0.98"]]


def test_a_ratio_stands_under_the_names_of_the_two_with_its_spread() -> None:
    lines = shown(FOUND).splitlines()
    names = next(number for number, line in enumerate(lines) if "old 1 / new 2" in line)
    assert "58 (58 to 58)" in lines[names + 1]
    assert " 58 to 58 " in lines[names + 1]


def test_what_was_not_asked_for_leaves_no_empty_table() -> None:
    text = shown(Bench("Two Cores", 0.1, "embed-0", (1280, 720, 160), 10_000))
    assert text.splitlines() == ["Two Cores", CLOCKS]


def test_a_busy_machine_is_told_of() -> None:
    text = shown(Bench("Two Cores", 3.2, "embed-0", (1280, 720, 160), 10_000), width=200)
    assert BUSY.format(3.2) in text


def test_start_and_what_was_left_out_come_last() -> None:
    *_, arrival, _, start, absent = shown(FOUND).splitlines()
    assert arrival == (
        "a list of 10,000 entries read in 2.5 s beside 2 frames: "
        "12.0 ms a frame (before: 10.0), of which at most 3.0 ms waiting for it"
    )
    assert start == "cold start to the first screened frame: 0.50 s, 149 MiB resident"
    assert absent == "left out: fourth is not here"


def test_parts_are_chosen_by_name_and_networks_need_no_portrait(
    plans: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--only", "networks", "gallery"]) == 0
    (plan,) = plans
    assert plan.parts == {"networks", "gallery"}
    assert "Two Cores" in capsys.readouterr().out


def test_all_parts_are_timed_by_default(plans: list[Plan], tmp_path: Path) -> None:
    assert main(["bench", "--photo", str(tmp_path / "p.jpg"), "--runs", "5"]) == 0
    (plan,) = plans
    assert plan.parts == {"networks", "journey", "peers", "gallery", "list", "start"}
    assert (plan.runs, plan.peer_runs) == (5, 5)


def test_json_holds_every_figure(plans: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--only", "networks", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert msgspec.convert(found, Bench) == FOUND


def test_files_of_opencv_are_handed_on(plans: list[Plan], tmp_path: Path) -> None:
    yunet, sface = tmp_path / "y.onnx", tmp_path / "s.onnx"
    yunet.touch()
    sface.touch()
    words = ["--only", "networks", "--yunet", str(yunet), "--sface", str(sface)]
    assert main(["bench", *words]) == 0
    assert (plans[0].yunet, plans[0].sface) == (yunet, sface)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["--runs", "0"], "at least 1"),
        (["--peer-runs", "0"], "at least 1"),
        (["--templates", "10", "0"], "at least 1"),
        (["--yunet", "none.onnx"], "--yunet 'none.onnx' is no file"),
        (["--sface", "none.onnx"], "--sface needs --yunet"),
    ],
)
def test_what_cannot_be_timed_is_refused_at_once(
    words: list[str], refusal: str, plans: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 1
    assert refusal in capsys.readouterr().err
    assert not plans
