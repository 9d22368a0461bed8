"""Measurements in processes of their own."""

from pathlib import Path

import msgspec
import pytest

from edge.bench import arrival, cold, run
from edge.bench.alone import MATCH, TO_MATCH, TO_TEMPLATE, Answer, Job, PeerRuns
from edge.bench.child import BenchError, asked
from edge.bench.gallery import index_of
from edge.bench.matching import MatchAnswer, Matched
from edge.bench.networks import NetworkRuns, NetworksAnswer, NetworksJob
from edge.bench.run import Part, Plan, benchmark
from edge.bench.searches import SIZES
from edge.vision.models.card import read_card

OURS = {"detect": [0.1], "embed": [0.1], MATCH: [0.1], TO_TEMPLATE: [0.2], TO_MATCH: [0.3]}


class Processes:
    """Answers in the place of child processes, and remembers what each was asked."""

    def __init__(self) -> None:
        self.jobs: list[object] = []
        self.failing: set[str] = set()
        self.no_face = ""

    def asked(self, _module: str, job: object, _answer: object, _threads: int) -> object:
        self.jobs.append(job)
        if isinstance(job, NetworksJob):
            runs = [NetworkRuns(each, "embed", 1024, [0.1]) for each in job.libraries]
            return NetworksAnswer(runs, ["mesh on two: too new"])
        if isinstance(job, arrival.Job):
            screened = [arrival.Screened(0.01, 0.001)]
            return arrival.Answer(self.no_face, screened, screened, 1.5)
        assert isinstance(job, Job)
        if job.library in self.failing:
            return Answer(failure=f"{job.library} is broken")
        peers = [PeerRuns("other", {"detect": [0.2]}, 1)] if job.peer_runs else []
        return Answer("", job.library, "embed-0", OURS, peers, ["mediapipe is not here"])


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Processes:
    answering = Processes()
    monkeypatch.setattr(run, "asked", answering.asked)
    monkeypatch.setattr(run.library, "present", lambda: (("one", "two"), ("three is not here",)))
    monkeypatch.setattr(run.os, "sched_getaffinity", lambda _: {0, 1})
    return answering


def plan(*parts: Part, photo: Path = Path("portrait.png")) -> Plan:
    return Plan(frozenset(parts), photo, runs=1, peer_runs=1, network="embed")


def test_networks_are_timed_in_all_libraries_at_once_on_one_thread_and_on_all(
    processes: Processes,
) -> None:
    found = benchmark(plan("networks"))
    assert [(job.libraries, job.threads) for job in processes.jobs] == [  # type: ignore[attr-defined]
        (("one", "two"), 1),
        (("one", "two"), 2),
    ]
    assert [(one.engine, one.threads) for one in found.networks] == [
        ("one", 1), ("two", 1), ("one", 2), ("two", 2),
    ]  # fmt: skip
    assert [(one.one, one.other, one.threads) for one in found.comparisons] == [
        ("two", "one", 1),
        ("two", "one", 2),
    ]
    assert found.left_out == ("three is not here", "mesh on two: too new")
    assert found.start is None


def test_peers_come_along_with_the_first_library_only(processes: Processes) -> None:
    found = benchmark(plan("journey", "peers"))
    assert [job.peer_runs for job in processes.jobs] == [1, 1, 0, 0]  # type: ignore[attr-defined]
    assert [(one.engine, one.threads) for one in found.ours] == [
        ("one", 1), ("one", 2), ("two", 1), ("two", 2),
    ]  # fmt: skip
    assert {(one.one, one.what, one.threads) for one in found.comparisons} == {
        ("other", "detect", 1),
        ("other", "detect", 2),
    }


def test_peers_alone_need_no_further_library(processes: Processes) -> None:
    found = benchmark(plan("peers"))
    assert [one.engine for one in found.ours] == ["one", "one"]


def test_galleries_are_searched_on_one_thread_with_templates_as_long_as_the_embedder_s(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[tuple[object, ...]] = []

    def searches(*words: object) -> MatchAnswer:
        asked_for.append(words)
        rows = [Matched(name, "float32", 10, [0.1], 1.0) for name in ("doorwatch", "other")]
        return MatchAnswer(rows, ["third is not here"])

    monkeypatch.setattr(run, "searches", searches)
    found = benchmark(plan("gallery"))
    dimension = read_card("embed").outputs[0].shape[-1]
    assert asked_for == [(SIZES, dimension, 1, 1)]
    assert [one.system for one in found.gallery] == ["doorwatch", "other"]
    assert [one.one for one in found.comparisons] == ["other"]
    assert "third is not here" in found.left_out


def test_frames_are_timed_beside_a_list_of_ten_thousand(processes: Processes) -> None:
    found = benchmark(plan("list"))
    assert processes.jobs == [arrival.Job("portrait.png", 10_000, 1)]
    assert found.arrival is not None
    assert (found.arrival.seconds, found.arrival.beside.runs) == (1.5, 1)


def test_frames_that_cannot_be_timed_beside_a_list_are_left_out(processes: Processes) -> None:
    processes.no_face = "portrait.png shows nobody"
    found = benchmark(plan("list"))
    assert found.arrival is None
    assert "portrait.png shows nobody" in found.left_out


def test_a_library_that_fails_is_left_out_and_the_rest_is_timed(processes: Processes) -> None:
    processes.failing = {"one"}
    found = benchmark(plan("journey"))
    assert [one.engine for one in found.ours] == ["two", "two"]
    assert "one is broken" in found.left_out


def test_a_benchmark_of_which_nothing_worked_says_why(processes: Processes) -> None:
    processes.failing = {"one", "two"}
    with pytest.raises(BenchError, match="nothing could be timed: two is broken"):
        benchmark(plan("journey"))


def test_without_any_library_there_is_nothing_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.library, "present", lambda: ((), ("one is not here",)))
    with pytest.raises(BenchError, match="nothing could be timed: one is not here"):
        benchmark(plan("networks"))


def test_a_cold_start_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="a cold start failed"):
        benchmark(plan("start", photo=tmp_path / "none.png"))


def test_a_process_that_fails_is_told_by_its_last_line() -> None:
    with pytest.raises(BenchError, match="No module named"):
        asked("edge.bench.no_such_module", NetworksJob((), 1, 1, ()), NetworksAnswer, 1)


def test_a_process_answers_what_it_was_asked() -> None:
    found = asked("edge.bench.networks", NetworksJob((), 1, 1, ()), NetworksAnswer, 1)
    assert msgspec.to_builtins(found) == {"runs": [], "refusals": []}


def test_the_gallery_of_nobody_has_the_size_asked_for() -> None:
    index = index_of(7, 3, 16, "m")
    assert (len(index), index.templates.shape) == (7, (21, 16))


def test_resident_memory_is_read_from_the_kernel(tmp_path: Path) -> None:
    assert cold.resident_kib() > 1000
    (tmp_path / "status").write_text("Name:\tx\nVmRSS:\t  123 kB\n")
    assert cold.resident_kib(tmp_path / "status") == 123
