"""From raw seconds to medians and ratios."""

import pytest

from edge.bench import arrival
from edge.bench.alone import MATCH, MATCH_ONE, TO_MATCH, TO_TEMPLATE, Answer, PeerRuns
from edge.bench.networks import NetworkRuns
from edge.bench.sums import beside_list, beside_peers, journeys, networks, ratios_of_networks

RUNS = [
    NetworkRuns("new 2", "embed", 2048, [0.001, 0.001]),
    NetworkRuns("new 2", "embed-float", 4096, [0.004, 0.004]),
    NetworkRuns("new 2", "mesh", 1024, [0.003, 0.003]),
    NetworkRuns("old 1", "embed", 2048, [0.002, 0.002]),
    NetworkRuns("old 1", "embed-float", 4096, [0.002, 0.002]),
]
OURS = {
    "detect": [0.1] * 3,
    "embed": [0.2] * 3,
    MATCH: [0.1] * 3,
    MATCH_ONE: [9.0] * 3,
    TO_TEMPLATE: [0.35] * 3,
    TO_MATCH: [0.4] * 3,
}


def test_each_network_keeps_its_size_and_time() -> None:
    found = networks(RUNS, 2)
    assert [(one.engine, one.timing.what) for one in found] == [
        (one.engine, one.role) for one in RUNS
    ]
    assert found[0].file_kib == 2
    assert found[0].timing.median_ms == pytest.approx(1.0)
    assert {one.threads for one in found} == {2}


def test_frames_beside_a_list_keep_their_time_and_the_longest_wait() -> None:
    quiet = [arrival.Screened(0.010, 0.0)] * 3
    beside = [arrival.Screened(0.012, 0.001), arrival.Screened(0.012, 0.003)]
    found = beside_list(arrival.Answer("", quiet, beside, 2.5), 10_000)
    assert (found.entries, found.seconds) == (10_000, 2.5)
    assert found.before.median_ms == pytest.approx(10)
    assert (found.beside.runs, found.beside.median_ms) == (2, pytest.approx(12))
    assert found.waited_ms == pytest.approx(3)


def test_a_network_stands_beside_its_yardstick_in_the_same_library() -> None:
    found = [one for one in ratios_of_networks(RUNS, 1) if one.other == "embed-float"]
    assert [(one.what, one.one) for one in found] == [
        ("network, new 2", "embed"),
        ("network, old 1", "embed"),
    ]
    assert [one.ratio.times for one in found] == pytest.approx([0.25, 1.0])


def test_each_further_library_stands_beside_the_first() -> None:
    found = [one for one in ratios_of_networks(RUNS, 1) if one.other == "new 2"]
    assert {(one.what, one.one): one.ratio.times for one in found} == {
        ("embed", "old 1"): pytest.approx(2.0),
        ("embed-float", "old 1"): pytest.approx(0.5),
    }


def test_a_peer_that_goes_the_whole_way_is_compared_in_stages_and_in_all() -> None:
    stages = {
        "detect": [0.4, 0.4],
        "landmarks": [0.1, 0.1],
        "embed": [0.2, 0.2],
        "match": [0.1, 0.1],
    }
    peers = [PeerRuns("whole", stages, 4), PeerRuns("half", {"detect": [0.2, 0.2]}, 1)]
    answer = Answer("", "new 2", "embed-0", OURS, peers)
    found = {(one.one, one.what): one.ratio.times for one in beside_peers(answer, 1)}
    assert found == {
        ("whole", "detect"): pytest.approx(4.0),
        ("whole", "embed"): pytest.approx(1.0),
        ("whole", TO_TEMPLATE): pytest.approx(2.0),
        ("whole", TO_MATCH): pytest.approx(2.0),
        ("half", "detect"): pytest.approx(2.0),
    }


def test_a_journey_says_what_each_stage_and_each_way_took() -> None:
    ours, _ = journeys(Answer("", "new 2", "embed-0", OURS), 2)
    assert [stage.what for stage in ours.stages] == ["detect", "embed", MATCH, MATCH_ONE]
    assert [way.what for way in ours.ways] == [TO_TEMPLATE, TO_MATCH]
    assert (ours.engine, ours.threads, ours.faces) == ("new 2", 2, 1.0)
    assert ours.ways[1].median_ms == pytest.approx(400)


def test_a_peer_s_ways_are_its_stages_added_up_and_a_detector_has_none() -> None:
    stages = {"detect": [1.0, 2.0], "embed": [3.0, 4.0], "match": [0.5, 0.5]}
    peers = [PeerRuns("whole", stages, 3), PeerRuns("half", {"detect": [1.0, 1.0]}, 0)]
    _, (whole, half) = journeys(Answer("", "new 2", "embed-0", OURS, peers), 1)
    assert [way.median_ms for way in whole.ways] == pytest.approx([5000, 5500])
    assert half.ways == ()
    assert (whole.faces, half.faces) == (1.5, 0.0)
