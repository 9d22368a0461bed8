import pytest

from edge.meter import Meter


def test_a_new_meter_shows_nothing() -> None:
    assert Meter().fps(10.0) == 0
    assert Meter().latency_ms() == 0


def test_frames_a_second_and_the_median_latency_of_late() -> None:
    meter = Meter()
    for index in range(40):
        meter.count(index / 10, index / 10 + (0.5 if index == 3 else 0.02))
    assert meter.fps(3.95) == pytest.approx(10, abs=0.5)
    assert meter.latency_ms() == pytest.approx(20)
    assert meter.fps(60.0) == 0
