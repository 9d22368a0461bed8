import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.flicker import CALM_S, Flicker


def shown(lit: list[bool], fps: float) -> list[bool]:
    """Show frames, and tell after each whether the picture flickers."""
    flicker, said = Flicker(), []
    for index, one in enumerate(lit):
        flicker.see(lit=one, at=index / fps)
        said.append(flicker.holds(index / fps))
    return said


def alternating(hertz: float, fps: float, seconds: float, duty: float = 0.5) -> list[bool]:
    """Give frames of a picture that is there for a part of each period."""
    phases = np.arange(round(seconds * fps)) / fps * hertz % 1.0
    return [bool(phase < duty) for phase in phases]


@pytest.mark.parametrize(("hertz", "fps"), [(2.5, 15.0), (3.0, 24.0), (3.0, 30.0), (4.0, 30.0)])
def test_a_picture_that_comes_and_goes_is_noticed_well_within_two_seconds(
    hertz: float, fps: float
) -> None:
    said = shown(alternating(hertz, fps, 4), fps)
    assert said.index(True) / fps < 1.5


def test_it_holds_until_the_picture_has_been_steady_for_a_while() -> None:
    steady = [True] * 75
    said = shown([*alternating(2.5, 15, 3), *steady], 15)
    assert said[45 + round((CALM_S - 0.5) * 15)]
    assert not said[-1]


@pytest.mark.parametrize("fps", [12.5, 15.0, 24.0, 30.0])
@pytest.mark.parametrize("hertz", [1.0, 2.0, 4.0, 7.0, 10.0, 12.0, 25.0])
def test_a_stroboscope_is_no_flicker_at_whatever_rate(hertz: float, fps: float) -> None:
    flash = min(0.5, 0.03 * hertz)  # 30 ms of light, or of a camera that is open
    assert not any(shown(alternating(hertz, fps, 30, flash), fps))


@given(st.lists(st.booleans(), max_size=3), st.integers(40, 200))
def test_a_steady_picture_is_no_flicker_whatever_was_before(
    before: list[bool], frames: int
) -> None:
    assert not shown([*before, *[True] * frames], 15)[-1]
