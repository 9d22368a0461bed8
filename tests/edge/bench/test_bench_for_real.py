"""The whole benchmark, briefly, with the real networks."""

from pathlib import Path

import pytest

from edge.bench import arrival
from edge.bench.run import Part, Plan, benchmark
from edge.vision.engine import STAGES


@pytest.mark.faces
@pytest.mark.slow
def test_a_frame_is_timed_stage_by_stage_and_a_start_from_cold(faces_root: Path) -> None:
    photo = next(iter(sorted((faces_root / "portrait-pairs").glob("*/1.jpg"))))
    said: list[str] = []
    parts: frozenset[Part] = frozenset({"networks", "journey", "start"})
    found = benchmark(Plan(parts, photo, runs=2, peer_runs=1, network="embed"), said.append)
    assert found.frame[:2] == (1280, 720)
    assert {journey.threads for journey in found.ours} >= {1}
    for journey in found.ours:
        assert [stage.what for stage in journey.stages][: len(STAGES)] == list(STAGES)
        assert journey.ways[0].median_ms > 0
    assert not found.peers
    assert {one.timing.what for one in found.networks} >= {"embed", "detect-full", "mesh"}
    assert all(one.timing.quickest_ms > 0 for one in found.networks)
    assert found.start is not None
    assert 0 < found.start.seconds < 60
    assert 50 < found.start.memory_mib < 300
    assert said[-1] == "cold starts"


@pytest.mark.faces
def test_frames_are_timed_while_a_list_is_read(faces_root: Path) -> None:
    photo = next(iter(sorted((faces_root / "portrait-pairs").glob("*/1.jpg"))))
    found = arrival.measured(arrival.Job(str(photo), entries=300, runs=2))
    assert not found.failure
    assert len(found.before) == 2
    assert found.beside
    assert all(0 <= one.waited_s < one.real_s < found.seconds for one in found.beside)


def test_a_portrait_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"torn")
    assert arrival.measured(arrival.Job(str(tmp_path / "torn.jpg"), 1, 1)).failure
